#include "cli/demo/demo.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/style.h"
#include "setup/machine_file.h"
#include "wire/packet_socket.h"
#include "wire/tap_device.h"

namespace ndiskit::cli {
namespace {

constexpr int ping_count = 25, compared_megabytes = 32, udp_megabits = 100;
constexpr int beacon_port = 9;  // discard
constexpr std::string_view peer_address = "10.77.0.1", a_address = "10.77.0.11", b_address = "10.77.0.12";
constexpr std::string_view bare_peer_address = "10.78.0.1", bare_host_address = "10.78.0.2";

void say(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

// One after the other, so that scripts and people see progress.
class Steps {
  public:
    explicit Steps(std::vector<Transfer>& done) : done_(done) {}

    Result<double> run(Result<RunningTransfer> started) {
        RunningTransfer running = TRY(std::move(started));
        return finish(running);
    }
    double finish(RunningTransfer& running) {
        Transfer transfer = running.finish();
        const Style style = Style::of(STDOUT_FILENO);
        say(fmt::format("  {} {}: {}",
                        transfer.intact ? style.paint(Colour::green, "✓") : style.paint(Colour::red, "✗"),
                        transfer.what, transfer.figure));
        done_.push_back(transfer);
        return transfer.gbit;
    }

  private:
    std::vector<Transfer>& done_;
};

// Broadcasts from the peer's room, so that the first frame does not wait for a host to speak.
int send_beacons() {
    const int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(beacon_port);
    inet_pton(AF_INET, "10.77.0.255", &to.sin_addr);
    for (;;) {
        sendto(socket_, "beacon", 6, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        wait_for(Milliseconds(1));
    }
}

struct Network {
    Room machine, peer, host_a, host_b;
};

// The machine will drive both kinds of device; a sandbox may allow namespaces and neither of them.
Result<> try_devices() {
    TRY(wire::TapDevice::create("probe", {}));
    TRY(wire::PacketSocket::open("uplink", {}));
    return {};
}

Result<Network> build_network() {
    Room machine = TRY(Room::here());
    Network network{std::move(machine), TRY(Room::create("peer")), TRY(Room::create("host A")),
                    TRY(Room::create("host B"))};
    TRY(network.machine.ip("link add uplink type veth peer name wire"));
    TRY(network.machine.give("wire", network.peer, fmt::format("{}/24", peer_address)));
    // The machine's own stack has no part in what crosses its wire.
    TRY(network.machine.ip("link set uplink addrgenmode none"));
    TRY(network.machine.ip("link set uplink up"));
    TRY(try_devices());
    TRY(network.machine.ip("link add bare-a type veth peer name bare-p"));
    TRY(network.machine.give("bare-p", network.peer, fmt::format("{}/24", bare_peer_address)));
    TRY(network.machine.give("bare-a", network.host_a, fmt::format("{}/24", bare_host_address)));
    return network;
}

Path path_of(const Network& network, const Room& host, std::string_view address, std::string name) {
    return {&host, &network.peer, std::string(address), std::string(peer_address), std::move(name)};
}

Result<MachineRun> read_machine(const std::filesystem::path& file, const DemoOptions& options) {
    MachineRun run{TRY(setup::read_machine_file(file)), {}, options.pcap};
    if (!options.windows.empty()) run.description.windows = options.windows;
    run.engine = setup::engine_options(run.description);
    return run;
}

Result<> transfer_all(const Network& network, double seconds, DemoResult& result) {
    const Path a = path_of(network, network.host_a, a_address, "host A");
    const Path b = path_of(network, network.host_b, b_address, "host B");
    Steps steps(result.transfers);
    int port = 5301;
    for (const Path* path : {&a, &b}) TRY(steps.run(RunningTransfer::ping(*path, ping_count)));
    for (const Path* path : {&a, &b})
        for (const Way way : {Way::to_peer, Way::from_peer})
            TRY(steps.run(RunningTransfer::compared(*path, way, compared_megabytes, port++)));
    result.tcp_gbit = TRY(steps.run(RunningTransfer::iperf_tcp(a, Way::to_peer, seconds, port++)));
    result.tcp_gbit_down = TRY(steps.run(RunningTransfer::iperf_tcp(a, Way::from_peer, seconds, port++)));
    TRY(steps.run(RunningTransfer::iperf_udp(a, 1, udp_megabits, port++)));
    say("  both virtual miniports at once:");
    RunningTransfer both[] = {TRY(RunningTransfer::iperf_tcp(a, Way::to_peer, seconds, port)),
                              TRY(RunningTransfer::iperf_tcp(b, Way::to_peer, seconds, port + 1))};
    for (RunningTransfer& one : both) steps.finish(one);
    return {};
}

Result<> finish_machine(MachineProcess& machine, DemoResult& result) {
    result.edges = TRY(machine.edges());
    result.leaks = TRY(machine.stop()).leaks;
    return {};
}

Result<> run_across(MachineProcess& machine, const Network& network, Child& beacons,
                    const DemoOptions& options, DemoResult& result) {
    if (const auto first = machine.first_packet_ms()) result.first_packet_ms = *first;
    beacons.kill();
    TRY(network.machine.give("lan-a", network.host_a, fmt::format("{}/24", a_address)));
    TRY(network.machine.give("lan-b", network.host_b, fmt::format("{}/24", b_address)));
    result.stack = TRY(machine.stack());
    say("\n" + result.stack);
    TRY(transfer_all(network, options.seconds, result));
    return finish_machine(machine, result);
}

Result<DemoResult> run_networked(const Network& network, const DemoOptions& options, bool& bug_checked) {
    DemoResult result;
    const MachineRun run = TRY(read_machine(options.machine, options));
    say("the same two rooms with no driver between, for comparison:");
    const Path bare{&network.host_a, &network.peer, std::string(bare_host_address),
                    std::string(bare_peer_address), "host A"};
    result.tcp_gbit_bare = TRY(
        Steps(result.transfers).run(RunningTransfer::iperf_tcp(bare, Way::to_peer, options.seconds, 5300)));
    TRY(network.host_a.ip("link del bare-a"));
    result.transfers.clear();
    Child beacons = TRY(Child::function(send_beacons, network.peer.network()));
    auto machine = MachineProcess::start(run);
    if (!machine) {
        bug_checked = machine.error().what == bug_check_text;
        return std::unexpected(machine.error());
    }
    const Result<> done = run_across(*machine, network, beacons, options, result);
    bug_checked = machine->bug_checked();
    if (!done) return std::unexpected(done.error());
    return result;
}

Result<DemoResult> run_in_memory(const DemoOptions& options, bool& bug_checked) {
    DemoResult result;
    result.in_memory = true;
    auto machine = MachineProcess::start(TRY(read_machine(options.memory_machine, options)));
    if (!machine) {
        bug_checked = machine.error().what == bug_check_text;
        return std::unexpected(machine.error());
    }
    const auto work = [&]() -> Result<> {
        result.stack = TRY(machine->stack());
        say("\n" + result.stack);
        for (const setup::FlowResult& flow : TRY(machine->traffic())) {
            Transfer transfer{fmt::format("{} → {}", flow.from, flow.to), flow.intact(),
                              fmt::format("{} of {} frames, {:.0f} frames/s", flow.received, flow.sent,
                                          static_cast<double>(flow.received) / flow.seconds),
                              static_cast<double>(flow.bytes) * 8 / flow.seconds / 1e9};
            say(fmt::format("  {} {}: {}", transfer.intact ? "✓" : "✗", transfer.what, transfer.figure));
            result.transfers.push_back(std::move(transfer));
        }
        if (const auto first = machine->first_packet_ms()) result.first_packet_ms = *first;
        return finish_machine(*machine, result);
    };
    const Result<> done = work();
    bug_checked = machine->bug_checked();
    if (!done) return std::unexpected(done.error());
    return result;
}

}  // namespace

bool DemoResult::intact() const {
    return !transfers.empty() && std::ranges::all_of(transfers, &Transfer::intact);
}

Result<DemoResult> run_demo(const DemoOptions& options, bool& bug_checked) {
    if (options.memory) return run_in_memory(options, bug_checked);
    const Result<Network> network = build_network();
    if (network) return run_networked(*network, options, bug_checked);
    say(fmt::format("no network of its own ({}): using memory adapters and made traffic",
                    network.error().text()));
    return run_in_memory(options, bug_checked);
}

}  // namespace ndiskit::cli
