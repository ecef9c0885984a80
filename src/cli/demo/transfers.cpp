#include "cli/demo/transfers.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/demo/compared_stream.h"

namespace ndiskit::cli {
namespace {

using nlohmann::json;

constexpr Milliseconds grace{15000};  // beyond a transfer's own time
constexpr int listen_attempts = 500;
constexpr Milliseconds between_looks{5};

std::string arrow(const Path& path, Way way) {
    return way == Way::to_peer ? path.name + " → peer" : "peer → " + path.name;
}

// True when the process' namespace has a TCP socket listening on the port: no connection is spent on asking.
bool listens(pid_t process, int port) {
    const std::string wanted = fmt::format(":{:04X} ", port);
    for (const char* table : {"tcp", "tcp6"}) {
        const auto text = read_text_file(fmt::format("/proc/{}/net/{}", process, table));
        for (size_t at = 0; text && (at = text->find(wanted, at)) != std::string::npos; at += wanted.size())
            if (text->find(" 0A ", at) < text->find('\n', at)) return true;
    }
    return false;
}

Result<Child> iperf_server(const Room& room, int port) {
    Child server = TRY(Child::program({"iperf3", "-s", "-1", "-p", std::to_string(port)}, room.network()));
    for (int look = 0; look < listen_attempts && server.running(); ++look) {
        if (listens(server.id(), port)) return server;
        wait_for(between_looks);
    }
    return fail("iperf3 does not listen: " + server.wait(Milliseconds(0)).output);
}

std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

Transfer ping_result(const Outcome& outcome) {
    Transfer result;
    const size_t loss = outcome.output.find(" 0% packet loss");
    result.intact = outcome.good() && loss != std::string::npos;
    // rtt min/avg/max/mdev = 0.041/0.052/...
    const size_t times = outcome.output.find("mdev = ");
    if (result.intact && times != std::string::npos) {
        const size_t average = outcome.output.find('/', times) + 1;
        result.figure = fmt::format("{:.3f} ms mean", std::atof(outcome.output.c_str() + average));
    } else {
        result.figure = last_line(outcome.output);
    }
    return result;
}

json parse_iperf(const Outcome& outcome, Transfer& result) {
    json report = json::parse(outcome.output, nullptr, false);
    if (report.is_discarded() || !outcome.good() || !report.contains("end")) {
        result.figure = report.is_object() && report.contains("error") ? report["error"].get<std::string>()
                        : outcome.timed_out                            ? "does not end"
                                                                       : last_line(outcome.output);
        return json();
    }
    return report["end"];
}

Transfer tcp_result(const Outcome& outcome) {
    Transfer result;
    const json end = parse_iperf(outcome, result);
    if (!end.is_object() || !end.contains("sum_received")) return result;
    result.gbit = end["sum_received"].value("bits_per_second", 0.0) / 1e9;
    result.intact = result.gbit > 0;
    result.figure = fmt::format("{:.2f} Gbit/s, {} retransmissions", result.gbit,
                                end.contains("sum_sent") ? end["sum_sent"].value("retransmits", 0) : 0);
    return result;
}

// What the two hosts dropped themselves, for want of processor time, the machine between them did not lose.
Transfer udp_result(const Outcome& outcome, uint64_t dropped_by_hosts) {
    Transfer result;
    const json end = parse_iperf(outcome, result);
    if (!end.is_object() || !end.contains("sum")) return result;
    const int64_t lost = end["sum"].value("lost_packets", int64_t{-1});
    const int64_t sent = end["sum"].value("packets", int64_t{0});
    result.gbit = end["sum"].value("bits_per_second", 0.0) / 1e9;
    result.intact = lost >= 0 && static_cast<uint64_t>(lost) <= dropped_by_hosts && sent > 0;
    result.figure = fmt::format("{:.2f} Gbit/s, {} of {} datagrams lost{}", result.gbit, lost, sent,
                                lost > 0 && result.intact ? " in the hosts' own queues" : "");
    return result;
}

}  // namespace

Result<RunningTransfer> RunningTransfer::ping(const Path& path, int count) {
    RunningTransfer transfer;
    transfer.kind_ = Kind::ping;
    transfer.what_ = "ping, " + path.name + " → peer";
    transfer.seconds_ = count * 0.02;
    transfer.client_ = TRY(Child::program(
        {"ping", "-q", "-c", std::to_string(count), "-i", "0.02", "-W", "2", path.peer_address},
        path.host->network()));
    return transfer;
}

Result<RunningTransfer> RunningTransfer::iperf_tcp(const Path& path, Way way, double seconds, int port) {
    RunningTransfer transfer;
    transfer.kind_ = Kind::tcp;
    transfer.what_ = "TCP (iperf3), " + arrow(path, way);
    transfer.seconds_ = seconds;
    transfer.server_ = TRY(iperf_server(*path.peer, port));
    std::vector<std::string> client = {"iperf3", "-J",
                                       "-c",     path.peer_address,
                                       "-p",     std::to_string(port),
                                       "-t",     fmt::format("{:g}", seconds)};
    if (way == Way::from_peer) client.push_back("-R");
    transfer.client_ = TRY(Child::program(client, path.host->network()));
    return transfer;
}

Result<RunningTransfer> RunningTransfer::iperf_udp(const Path& path, double seconds, int megabits, int port) {
    RunningTransfer transfer;
    transfer.kind_ = Kind::udp;
    transfer.what_ = "UDP (iperf3), " + arrow(path, Way::to_peer);
    transfer.host_ = path.host;
    transfer.peer_ = path.peer;
    transfer.dropped_before_ = path.host->host_drops() + path.peer->host_drops();
    transfer.seconds_ = seconds;
    transfer.server_ = TRY(iperf_server(*path.peer, port));
    transfer.client_ = TRY(
        Child::program({"iperf3", "-J", "-u", "-b", fmt::format("{}M", megabits), "-l", "1400", "-c",
                        path.peer_address, "-p", std::to_string(port), "-t", fmt::format("{:g}", seconds)},
                       path.host->network()));
    return transfer;
}

Result<RunningTransfer> RunningTransfer::compared(const Path& path, Way way, int megabytes, int port) {
    RunningTransfer transfer;
    transfer.kind_ = Kind::compared;
    transfer.what_ = fmt::format("{} MB compared, {}", megabytes, arrow(path, way));
    const uint64_t bytes = uint64_t(megabytes) << 20;
    const bool up = way == Way::to_peer;
    const std::string to = up ? path.peer_address : path.host_address;
    transfer.seconds_ = static_cast<double>(bytes);
    transfer.server_ = TRY(Child::function([=] { return receive_stream(to, port, bytes); },
                                           (up ? path.peer : path.host)->network()));
    transfer.client_ = TRY(Child::function([=] { return send_stream(to, port, bytes); },
                                           (up ? path.host : path.peer)->network()));
    return transfer;
}

Transfer RunningTransfer::finish() {
    Transfer result;
    if (kind_ == Kind::compared) {
        const Outcome receiver = server_.wait(grace);
        const Outcome sender = client_.wait(Milliseconds(2000));
        result.intact = receiver.good() && sender.good();
        const double took = std::atof(receiver.output.c_str());
        result.gbit = took > 0 ? seconds_ * 8 / took / 1e9 : 0;
        result.figure = result.intact        ? fmt::format("every byte right, {:.2f} Gbit/s", result.gbit)
                        : receiver.timed_out ? "does not end: " + sender.output
                                             : receiver.output + sender.output;
    } else {
        const Outcome outcome = client_.wait(grace + Milliseconds(static_cast<int64_t>(seconds_ * 1000)));
        if (kind_ == Kind::udp)
            result = udp_result(outcome, host_->host_drops() + peer_->host_drops() - dropped_before_);
        else
            result = kind_ == Kind::ping ? ping_result(outcome) : tcp_result(outcome);
        server_.kill();
    }
    result.what = what_;
    return result;
}

}  // namespace ndiskit::cli
