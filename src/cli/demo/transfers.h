// What is sent across the demo's machine: real programs (ping, iperf3), and a stream whose every byte the
// receiver compares, because with checksum offload no other program would notice a damaged one.
#pragma once

#include <optional>
#include <string>

#include "cli/demo/rooms.h"

namespace ndiskit::cli {

struct Transfer {
    std::string what;  // "TCP (iperf3), host A → peer"
    bool intact = false;
    std::string figure;  // "12.3 Gbit/s", "0.08 ms", or why it failed
    double gbit = 0;
};

enum class Way { to_peer, from_peer };

struct Path {
    const Room* host;
    const Room* peer;
    std::string host_address;  // without the prefix length
    std::string peer_address;
    std::string name;  // "host A"
};

// One that runs; finish() waits for its end. Several run at once.
class RunningTransfer {
  public:
    static Result<RunningTransfer> ping(const Path& path, int count);
    static Result<RunningTransfer> iperf_tcp(const Path& path, Way way, double seconds, int port);
    static Result<RunningTransfer> iperf_udp(const Path& path, double seconds, int megabits, int port);
    // `megabytes` of random bytes over TCP.
    static Result<RunningTransfer> compared(const Path& path, Way way, int megabytes, int port);

    Transfer finish();

  private:
    enum class Kind { ping, tcp, udp, compared };
    Kind kind_ = Kind::ping;
    std::string what_;
    Child client_;
    Child server_;
    double seconds_ = 0;
    // Of UDP: where it runs, and what their stacks had dropped before.
    const Room* host_ = nullptr;
    const Room* peer_ = nullptr;
    uint64_t dropped_before_ = 0;
};

}  // namespace ndiskit::cli
