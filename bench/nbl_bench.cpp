// What a packet costs in the pools: allocating and freeing NBLs, cloning them, at DISPATCH_LEVEL in chains of
// 1, 32 and 256. One line a case: nanoseconds a packet, and how many chunks of memory were mapped while it
// ran (0 in a steady state).
#include <benchmark/benchmark.h>

#include <functional>

#include "engine/engine.h"
#include "ndis/nbl/abi.h"
#include "ndis/nbl/chunk.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"

namespace {

using namespace ndiskit;

NDIS_HANDLE make_pool(uint32_t data_size, uint16_t context_size) {
    NET_BUFFER_LIST_POOL_PARAMETERS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    p.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    p.fAllocateNetBuffer = TRUE;
    p.ContextSize = context_size;
    p.PoolTag = 'hcnB';
    p.DataSize = data_size;
    return NdisAllocateNetBufferListPool(nullptr, &p);
}

// Runs `body` as a thread of a machine, at DISPATCH_LEVEL.
void on_machine(const std::function<void()>& body, bool at_dispatch = true) {
    engine::install(engine::make_live_engine({}));
    engine::the().run([&] {
        nt::ke::start({.processors = 2});
        if (at_dispatch) {
            const nt::AtDispatch raised;
            body();
        } else {
            body();
        }
        nt::ke::stop();
    });
    engine::uninstall();
}

// Measures `round`, which handles the chain length that is the benchmark's argument.
template <class Round>
void measure(benchmark::State& state, Round&& round) {
    for (int i = 0; i < 100; i++) round();
    const uint64_t chunks = ndis::chunks_mapped();
    for (auto _ : state) round();
    state.counters["chunks"] = static_cast<double>(ndis::chunks_mapped() - chunks);
    state.counters["packet"] = benchmark::Counter(static_cast<double>(state.iterations() * state.range(0)),
                                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

NET_BUFFER_LIST* allocate_chain(NDIS_HANDLE pool, size_t count, uint16_t context) {
    NET_BUFFER_LIST* first = nullptr;
    for (size_t i = 0; i < count; i++) {
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, context, 0);
        nbl->Next = first;
        first = nbl;
    }
    return first;
}

void free_chain(NET_BUFFER_LIST* nbl) {
    while (nbl) {
        NET_BUFFER_LIST* next = nbl->Next;
        NdisFreeNetBufferList(nbl);
        nbl = next;
    }
}

void allocate_and_free(benchmark::State& state, uint32_t data_size, uint16_t context_size,
                       bool at_dispatch = true) {
    on_machine(
        [&] {
            const NDIS_HANDLE pool = make_pool(data_size, context_size);
            const auto count = static_cast<size_t>(state.range(0));
            measure(state, [&] { free_chain(allocate_chain(pool, count, context_size / 2)); });
            NdisFreeNetBufferListPool(pool);
        },
        at_dispatch);
}

void clone_and_free(benchmark::State& state, ULONG flags) {
    on_machine([&] {
        const NDIS_HANDLE originals = make_pool(2048, 0), clones = make_pool(0, 0);
        NET_BUFFER_LIST* const original = allocate_chain(originals, static_cast<size_t>(state.range(0)), 0);
        for (NET_BUFFER_LIST* nbl = original; nbl; nbl = nbl->Next)
            NdisRetreatNetBufferListDataStart(nbl, 64, 0, nullptr, nullptr);
        measure(state, [&] {
            NET_BUFFER_LIST* first = nullptr;
            for (NET_BUFFER_LIST* nbl = original; nbl; nbl = nbl->Next) {
                NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(nbl, clones, nullptr, flags);
                NdisCopySendNetBufferListInfo(clone, nbl);
                clone->Next = first;
                first = clone;
            }
            while (first) {
                NET_BUFFER_LIST* next = first->Next;
                NdisFreeCloneNetBufferList(first, flags);
                first = next;
            }
        });
        free_chain(original);
        NdisFreeNetBufferListPool(originals);
        NdisFreeNetBufferListPool(clones);
    });
}

void NblAndNb(benchmark::State& state) { allocate_and_free(state, 0, 0); }
void NblNbAndContext(benchmark::State& state) { allocate_and_free(state, 0, 64); }
void NblNbMdlAndData(benchmark::State& state) { allocate_and_free(state, 2048, 0); }
void NblAndNbFromPassiveLevel(benchmark::State& state) { allocate_and_free(state, 0, 0, false); }
void CloneWithNewMdls(benchmark::State& state) { clone_and_free(state, 0); }
void CloneWithOriginalMdls(benchmark::State& state) {
    clone_and_free(state, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
}

BENCHMARK(NblAndNb)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(NblNbAndContext)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(NblNbMdlAndData)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(NblAndNbFromPassiveLevel)->Arg(32);
BENCHMARK(CloneWithNewMdls)->Arg(1)->Arg(32)->Arg(256);
BENCHMARK(CloneWithOriginalMdls)->Arg(1)->Arg(32)->Arg(256);

}  // namespace
