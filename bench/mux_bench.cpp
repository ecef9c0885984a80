// What a 64-byte packet costs on its way through mux.sys, on one core, in both directions, in chains of 1, 32
// and 256: from a NIC that has its frames ready to a transport that only takes them, and back. Beside it, in
// the same run, the same way without a driver between (the library's own cost), and DPDK's testpmd forwarding
// between two null devices in bursts of 32 on 4K pages, where Debian's dpdk-dev is installed.
//
// `heap` counts calls of the host's operator new while packets flowed, `chunks` the slabs that pools mapped:
// both are 0 in a steady state.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "edge/frame_slab.h"
#include "ndis/nbl/chunk.h"
#include "nic/adapter.h"
#include "nic/receive_batch.h"
#include "nt/ke/irql.h"
#include "setup/machine.h"
#include "transport/binding.h"

namespace {

std::atomic<uint64_t> heap_calls = 0;

}  // namespace

void* operator new(size_t size) {
    heap_calls.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace {

using namespace ndiskit;

constexpr uint32_t frame_size = 64;
constexpr uint32_t buffers = 512;
constexpr wire::MacAddress adapter_mac = {2, 0, 0, 0, 0, 1};
constexpr wire::MacAddress peer_mac = {2, 0, 0, 0, 0, 2};

void fill_frames(edge::FrameSlab& slab, const wire::MacAddress& destination, const wire::MacAddress& source) {
    for (uint32_t i = 0; i < buffers; ++i) {
        NET_BUFFER_LIST* nbl = slab.at(i);
        uint8_t* frame = slab.buffer_of(nbl);
        std::memset(frame, 0, frame_size);
        std::copy(destination.begin(), destination.end(), frame);
        std::copy(source.begin(), source.end(), frame + 6);
        frame[12] = 0x08;
    }
}

// A chain of `count` ready frames.
NET_BUFFER_LIST* take_chain(edge::FrameSlab& slab, size_t count) {
    NET_BUFFER_LIST* first = nullptr;
    for (size_t i = 0; i < count; ++i) {
        NET_BUFFER_LIST* nbl = slab.at(static_cast<uint32_t>(i));
        edge::FrameSlab::set_data(nbl, 0, frame_size);
        NET_BUFFER_LIST_NEXT_NBL(nbl) = first;
        first = nbl;
    }
    return first;
}

class BenchNic final : public nic::Nic {
  public:
    Result<nic::Facts> open(const nic::Configuration&, nic::Adapter& adapter) override {
        instance = this;
        adapter_ = &adapter;
        if (!slab_.create(adapter.handle(), buffers, 2048)) return fail("no memory");
        fill_frames(slab_, adapter_mac, peer_mac);
        nic::Facts facts;
        facts.mac = adapter_mac;
        facts.offload = false;
        return facts;
    }
    void close() override { slab_.destroy(); }
    void start() override {}
    void stop() override {}
    void send(NET_BUFFER_LIST* chain, ULONG send_flags) override {
        for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) {
            NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
            ++sent;
        }
        adapter_->complete_send(chain, send_flags);
    }
    void returned(NET_BUFFER_LIST* chain) override {
        for (; chain; chain = NET_BUFFER_LIST_NEXT_NBL(chain)) ++back;
    }
    void indicate(size_t count) {
        adapter_->indicate(take_chain(slab_, count), static_cast<ULONG>(count), count * frame_size);
    }

    static inline BenchNic* instance = nullptr;
    uint64_t sent = 0;
    uint64_t back = 0;

  private:
    nic::Adapter* adapter_ = nullptr;
    edge::FrameSlab slab_{edge::Side::miniport};
};

class BenchEndpoint final : public transport::Endpoint {
  public:
    Result<> open(const transport::Configuration&, const transport::Below& below,
                  transport::Binding& binding) override {
        instance = this;
        binding_ = &binding;
        if (!slab_.create(binding.handle(), buffers, 2048)) return fail("no memory");
        fill_frames(slab_, peer_mac, below.mac);
        return {};
    }
    void close() override { slab_.destroy(); }
    void start() override {}
    void stop() override {}
    void receive(const NET_BUFFER_LIST*, const NET_BUFFER*) override { ++received; }
    void sent(NET_BUFFER_LIST* chain) override {
        for (; chain; chain = NET_BUFFER_LIST_NEXT_NBL(chain)) ++complete;
    }
    void send(size_t count) {
        binding_->send(take_chain(slab_, count), count, count * frame_size, NDIS_SEND_FLAGS_DISPATCH_LEVEL);
    }

    static inline BenchEndpoint* instance = nullptr;
    uint64_t received = 0;
    uint64_t complete = 0;

  private:
    transport::Binding* binding_ = nullptr;
    edge::FrameSlab slab_{edge::Side::protocol};
};

setup::Description describe(bool with_mux) {
    setup::Description description;
    description.nics.push_back({.name = "lan", .type = "bench", .interface = "lan"});
    description.transports.push_back(
        {.name = "host", .type = "bench", .over = with_mux ? "port" : "lan", .interface = "host"});
    if (!with_mux) return description;
    description.drivers.push_back({.name = "mux",
                                   .image = NDISKIT_BUILD_DIR "/drivers/mux.sys",
                                   .kind = setup::DriverKind::intermediate,
                                   .protocol_service = "ndkmux",
                                   .miniport_service = "ndkmuxmp"});
    description.virtuals.push_back({.name = "port", .driver = "mux", .over = {"lan"}});
    return description;
}

// One machine a benchmark: `round(chain)` moves a chain of packets, `moved()` counts them.
void measure(benchmark::State& state, bool with_mux, void (*round)(size_t), uint64_t (*moved)()) {
    nic::add_nic_type("bench", [] { return std::unique_ptr<nic::Nic>(new BenchNic); });
    transport::add_endpoint_type("bench",
                                 [] { return std::unique_ptr<transport::Endpoint>(new BenchEndpoint); });
    const setup::Description description = describe(with_mux);
    setup::run_machine(description, {.sim = false}, [&](setup::Machine& machine) {
        if (const auto started = machine.start(); !started) {
            state.SkipWithError(started.error().text().c_str());
        } else {
            const nt::AtDispatch raised;
            const auto chain = static_cast<size_t>(state.range(0));
            for (int i = 0; i < 1000; ++i) round(chain);
            const uint64_t moved_before = moved(), heap_before = heap_calls,
                           chunks_before = ndis::chunks_mapped();
            for (auto _ : state) round(chain);
            const uint64_t packets = moved() - moved_before;
            if (packets != state.iterations() * chain) state.SkipWithError("packets were lost");
            state.counters["heap"] = static_cast<double>(heap_calls - heap_before);
            state.counters["chunks"] = static_cast<double>(ndis::chunks_mapped() - chunks_before);
            state.counters["packet"] = benchmark::Counter(
                static_cast<double>(packets), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
        }
        machine.stop();
    });
}

void receive_chain(size_t chain) { BenchNic::instance->indicate(chain); }
uint64_t received() { return BenchEndpoint::instance->received; }
void send_chain(size_t chain) { BenchEndpoint::instance->send(chain); }
uint64_t sent() { return BenchNic::instance->sent; }

void ReceiveThroughMux(benchmark::State& state) { measure(state, true, receive_chain, received); }
void SendThroughMux(benchmark::State& state) { measure(state, true, send_chain, sent); }
void ReceiveWithoutDriver(benchmark::State& state) { measure(state, false, receive_chain, received); }
void SendWithoutDriver(benchmark::State& state) { measure(state, false, send_chain, sent); }
BENCHMARK(ReceiveThroughMux)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(SendThroughMux)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(ReceiveWithoutDriver)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(SendWithoutDriver)->Arg(1)->Arg(32)->Arg(256);

// The rate that testpmd prints of itself after it has run for some seconds, as time a packet.
void Testpmd(benchmark::State& state) {
    double rate = 0;
    for (auto _ : state) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
            ::popen(
                "timeout 8 dpdk-testpmd --no-huge -m 512 -l 0,1 --vdev=net_null0 --vdev=net_null1 --no-pci "
                "--file-prefix=ndiskit -- --forward-mode=mac --burst=32 --auto-start --stats-period 2 "
                "--no-mlockall --total-num-mbufs=4096 </dev/zero 2>/dev/null",
                "r"),
            ::pclose);
        char line[256];
        double port = 0;
        while (std::fgets(line, sizeof line, pipe.get()))
            if (std::sscanf(line, " Tx-pps: %lf", &port) == 1) rate = port;
    }
    if (rate == 0) return state.SkipWithError("dpdk-testpmd is not there; Debian's package dpdk-dev has it");
    // Each of the two ports forwards at that rate, on one core.
    state.counters["packet"] = 1 / (2 * rate);
}
BENCHMARK(Testpmd)->Arg(32)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
