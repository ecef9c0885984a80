// What early drivers and app hosts ask of the I/O manager. The drivers that boot this machine have been
// initialised before any driver can ask to judge them, so that such callbacks hear nothing; and no apps run
// here that could be suspended, so that keeping one alive is no more than a count.
#include <map>
#include <memory>
#include <set>

#include "base/guarded.h"
#include "nt/abi.h"

using namespace ndiskit;

namespace {

struct State {
    std::set<std::unique_ptr<char>> callbacks;
    std::map<std::pair<const void*, const void*>, uint64_t> keep_alive;  // by file and process
};
Guarded<State, LockRank::nt_leaf>& state() {
    static auto* const it = new Guarded<State, LockRank::nt_leaf>();
    return *it;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioregisterbootdrivercallback
PVOID NTAPI IoRegisterBootDriverCallback(PVOID, PVOID) {
    return state().with(
        [](State& s) -> PVOID { return s.callbacks.insert(std::make_unique<char>()).first->get(); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iounregisterbootdrivercallback
void NTAPI IoUnregisterBootDriverCallback(PVOID handle) {
    state().with(
        [&](State& s) { std::erase_if(s.callbacks, [&](const auto& one) { return one.get() == handle; }); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioincrementkeepalivecount
NTSTATUS NTAPI IoIncrementKeepAliveCount(PFILE_OBJECT file, PEPROCESS process) {
    state().with([&](State& s) { ++s.keep_alive[{file, process}]; });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iodecrementkeepalivecount
NTSTATUS NTAPI IoDecrementKeepAliveCount(PFILE_OBJECT file, PEPROCESS process) {
    return state().with([&](State& s) -> NTSTATUS {
        const auto found = s.keep_alive.find({file, process});
        if (found == s.keep_alive.end()) return STATUS_INVALID_PARAMETER;
        if (--found->second == 0) s.keep_alive.erase(found);
        return STATUS_SUCCESS;
    });
}

}  // extern "C"
