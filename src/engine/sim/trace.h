// The trace of a sim run: every decision goes into a 64-bit hash, and into a file when one was asked for. Two
// runs are the same run when their hashes are equal; where they part, the files show. Lines are "time task
// event a b", all numbers decimal but for the event's name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ndiskit::engine {

class Trace {
  public:
    ~Trace() { close(); }

    // Starts anew: an empty hash, and the file at `path` unless that is empty.
    void restart(const std::string& path);
    void close();

    void add(int64_t time, uint32_t task, std::string_view event, uint64_t event_code, uint64_t a,
             uint64_t b) {
        mix(static_cast<uint64_t>(time));
        mix((static_cast<uint64_t>(task) << 32) | event_code);
        mix(a);
        mix(b);
        if (fd_ >= 0) [[unlikely]]
            write_line(time, task, event, event_code, a, b);
    }
    // Into the hash only: for what is too frequent and too small to be a line.
    void mix(uint64_t value) {
        const auto product =
            static_cast<unsigned __int128>((hash_ ^ value) + 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;
        hash_ = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    }
    uint64_t hash() const { return hash_; }
    void flush();

  private:
    void write_line(int64_t time, uint32_t task, std::string_view event, uint64_t event_code, uint64_t a,
                    uint64_t b);

    static constexpr uint64_t start_hash = 0x6e6469736b697431;
    uint64_t hash_ = start_hash;
    int fd_ = -1;
    std::string lines_;
};

}  // namespace ndiskit::engine
