#include "setup/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "base/random.h"
#include "engine/engine.h"
#include "nic/segment.h"
#include "transport/memory_endpoint.h"
#include "wire/frame.h"

namespace ndiskit::setup {
namespace {

constexpr uint16_t ethertype_experimental = 0x88b5;  // IEEE: for local experiments
constexpr size_t flow_at = wire::ethernet_header_size;
constexpr size_t number_at = flow_at + 4;
constexpr size_t payload_at = number_at + 4;
constexpr size_t batch_size = 32;
constexpr uint64_t window = 128;  // frames on their way, below every edge's count of buffers
constexpr engine::Time patience = 5 * engine::second;
constexpr engine::Time poll_period = 200 * engine::microsecond;
constexpr engine::Time given_up_after = 20 * engine::millisecond;  // frames of a flow that may lose some
constexpr wire::MacAddress outside_mac = {0x02, 0x4e, 0x44, 0x4b, 0xff, 0x01};

using Frame = std::vector<uint8_t>;

Frame make_frame(const Traffic& traffic, uint32_t flow, uint32_t number, const wire::MacAddress& to,
                 const wire::MacAddress& from) {
    Random random(uint64_t{flow} << 32 | number);
    Frame frame(traffic.min_size + random.below(traffic.max_size - traffic.min_size + 1));
    std::ranges::copy(to, frame.begin());
    std::ranges::copy(from, frame.begin() + wire::mac_address_size);
    wire::store_be16(&frame[2 * wire::mac_address_size], ethertype_experimental);
    wire::store_be32(&frame[flow_at], flow);
    wire::store_be32(&frame[number_at], number);
    for (size_t i = payload_at; i < frame.size(); i += 8) {
        const uint64_t word = random.next();
        std::memcpy(&frame[i], &word, std::min<size_t>(8, frame.size() - i));
    }
    return frame;
}

// Where frames go in or come out: a segment, or the memory endpoint of a transport, which comes and goes with its
// binding.
struct Edge {
    nic::Probe* wire = nullptr;
    std::string host;  // else
    size_t chain = batch_size;  // the most frames that go into it at once
    wire::MacAddress mac = outside_mac;
};

class Flow {
  public:
    Flow(const Traffic& traffic, uint32_t number) : traffic_(traffic), number_(number) {
        result_.from = traffic.from;
        result_.to = traffic.to;
        result_.may_lose = traffic.loss;
    }

    Edge from, to;

    // Sends what the window lets it; true when anything went.
    bool send() {
        std::vector<Frame> batch;
        uint64_t next = result_.sent;
        const uint64_t end = std::min(due(), settled_ + window);
        while (batch.size() < std::min(batch_size, from.chain) && next < end)
            batch.push_back(frame(static_cast<uint32_t>(next++)));
        if (batch.empty()) return false;
        size_t taken = batch.size();
        if (from.wire)
            for (const Frame& one : batch) from.wire->send(one);
        else if (const transport::MemoryEndpointUse host{from.host})
            taken = host->send(batch);
        else
            taken = 0;
        result_.sent += taken;
        result_.finished = result_.sent == traffic_.frames;
        return taken != 0;
    }

    void take(const Frame& arrived) {
        const uint32_t number = wire::load_be32(&arrived[number_at]);
        if (traffic_.loss ? number < next_ : number != result_.received) ++result_.unordered;
        if (number >= traffic_.frames || arrived != frame(number)) ++result_.damaged;
        ++result_.received;
        next_ = number + 1;
        settled_ = std::max<uint64_t>(settled_, traffic_.loss ? next_ : result_.received);
        result_.bytes += arrived.size();
    }

    // What has not come is not waited for any more; true when there was such a frame.
    bool give_up() {
        if (!traffic_.loss || settled_ >= result_.sent) return false;
        settled_ = result_.sent;
        return true;
    }

    bool done() const { return result_.finished && settled_ >= result_.sent; }
    FlowResult& result() { return result_; }

  private:
    // How many frames are to be sent by now.
    uint64_t due() const {
        const engine::Time passed = engine::the().now() - started_;
        const double whole = traffic_.seconds * engine::second;
        if (static_cast<double>(passed) >= whole) return traffic_.frames;
        return static_cast<uint64_t>(static_cast<double>(passed) / whole * traffic_.frames);
    }
    Frame frame(uint32_t number) const { return make_frame(traffic_, number_, number, to.mac, from.mac); }

    const Traffic& traffic_;
    const uint32_t number_;
    const engine::Time started_ = engine::the().now();
    uint64_t next_ = 0;     // the number after the one that came last
    uint64_t settled_ = 0;  // frames that are not waited for: they came, or never will
    FlowResult result_;
};

class Workload {
  public:
    explicit Workload(const Description& description) : description_(description) {}

    Result<> plug() {
        for (const Traffic& traffic : description_.traffic) {
            Flow& flow = flows_.emplace_back(traffic, static_cast<uint32_t>(flows_.size()));
            TRY(find_edge(traffic.from, flow.from, traffic.where));
            TRY(find_edge(traffic.to, flow.to, traffic.where));
        }
        return {};
    }

    std::vector<FlowResult> run() {
        const engine::Time started = engine::the().now();
        engine::Time last_move = started;
        while (!std::ranges::all_of(flows_, &Flow::done)) {
            bool moved = false;
            for (Flow& flow : flows_) moved |= flow.send();
            moved |= collect();
            const engine::Time now = engine::the().now();
            if (!moved && now - last_move > given_up_after)
                for (Flow& flow : flows_) moved |= flow.give_up();
            if (moved)
                last_move = now;
            else if (now - last_move > patience)
                break;
            else
                engine::the().park(now + poll_period);
        }
        std::vector<FlowResult> results;
        for (Flow& flow : flows_) {
            flow.result().seconds = static_cast<double>(engine::the().now() - started) / 1e9;
            results.push_back(flow.result());
        }
        return results;
    }

  private:
    Result<> find_edge(const std::string& name, Edge& edge, const std::string& where) {
        for (const Nic& nic : description_.nics)
            if (nic.name == name) {
                auto& probe = probes_[nic.interface];
                if (!probe) probe = std::make_unique<nic::Probe>(nic::segment(nic.interface));
                edge.wire = probe.get();
                return {};
            }
        for (const Transport& transport : description_.transports)
            if (transport.name == name) edge.host = transport.interface;
        const transport::MemoryEndpointUse host(edge.host);
        if (!host) return fail(fmt::format("the transport '{}' is not open", name), where);
        edge.mac = host->mac();
        edge.chain = std::ranges::find(description_.transports, edge.host, &Transport::interface)->chain;
        if (std::ranges::find(hosts_, edge.host) == hosts_.end()) hosts_.push_back(edge.host);
        return {};
    }

    bool collect() {
        bool any = false;
        for (auto& [segment, probe] : probes_) any |= deliver(probe->take());
        for (const std::string& name : hosts_)
            if (const transport::MemoryEndpointUse host{name}) any |= deliver(host->take());
        return any;
    }

    bool deliver(const std::vector<Frame>& frames) {
        bool any = false;
        for (const Frame& frame : frames) {
            if (frame.size() < payload_at || wire::load_be16(&frame[12]) != ethertype_experimental) continue;
            const uint32_t flow = wire::load_be32(&frame[flow_at]);
            if (flow >= flows_.size()) continue;
            flows_[flow].take(frame);
            any = true;
        }
        return any;
    }

    const Description& description_;
    std::vector<Flow> flows_;
    std::map<std::string, std::unique_ptr<nic::Probe>> probes_;  // by segment
    std::vector<std::string> hosts_;  // interfaces of memory transports
};

}  // namespace

Result<std::vector<FlowResult>> run_traffic(const Description& description) {
    Workload workload(description);
    TRY(workload.plug());
    return workload.run();
}

}  // namespace ndiskit::setup
