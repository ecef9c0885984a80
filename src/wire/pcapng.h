// A pcapng file that grows while the machine runs: one section, an interface block for each edge of the
// stack, then a packet block for each frame, with its direction. Opens in Wireshark as it stands.
//
// Format: draft-ietf-opsawg-pcapng. Times are in nanoseconds.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ndiskit::wire {

enum class Direction : uint8_t { unknown = 0, inbound = 1, outbound = 2 };

class PcapngWriter {
  public:
    // Creates the file anew. Nothing is written per packet but into a buffer, which is written out when it is
    // full.
    static Result<PcapngWriter> create(const std::string& path);
    PcapngWriter(PcapngWriter&&) = default;
    PcapngWriter& operator=(PcapngWriter&&) = delete;
    ~PcapngWriter();

    // Adds an interface, returns its number. All must be Ethernet.
    uint32_t add_interface(std::string_view name, std::string_view description);
    // One frame gathered from `parts`, at `nanoseconds` since 1970 UTC.
    void packet(uint32_t interface, int64_t nanoseconds, Direction direction, std::span<const iovec> parts);
    // Writes out what is buffered; an error of any write so far is returned here.
    Result<> flush();

  private:
    explicit PcapngWriter(std::FILE* file, std::string path);
    void put16(uint16_t value);
    void put32(uint32_t value);
    void put_padded(std::span<const uint8_t> bytes);
    void put_option(uint16_t code, std::span<const uint8_t> value);
    size_t begin_block(uint32_t type);
    void end_block(size_t start);

    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> file_;
    std::string path_;
    std::vector<uint8_t> buffer_;
    uint32_t interfaces_ = 0;
    bool failed_ = false;
};

}  // namespace ndiskit::wire
