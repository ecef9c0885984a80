// Registry callbacks (CmRegisterCallbackEx): drivers that watch, change or block what others do with the
// registry. They stand in a stack by altitude. An operation is shown to each from the highest down before it
// is done, until one says no or does it itself; and, when it is over, to those that let it pass, from the
// lowest up. What a callback itself does with the registry is shown to those below it alone.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/filtering-registry-calls
#pragma once

#include <atomic>
#include <functional>
#include <type_traits>

#include "nt/abi/registry_filter.h"

namespace ndiskit::nt::registry {

namespace filter {
extern std::atomic<uint32_t> registered;
}  // namespace filter

// Whether anybody is to be told at all.
inline bool filters_registered() { return filter::registered.load(std::memory_order_acquire) != 0; }

struct FilteredCall {
    REG_NOTIFY_CLASS pre, post;
    void* information;  // REG_XXX_KEY_INFORMATION, with its own:
    PVOID* call_context;
    PVOID* object_context;
    void* object;                    // the one that object_context belongs to
    PVOID* result_object = nullptr;  // of creating and opening: the one that comes out
};

// Shows the operation to the callbacks, does it between, and returns what the caller gets. PASSIVE_LEVEL.
NTSTATUS run_filtered(const FilteredCall& call, const std::function<NTSTATUS()>& operation);

// The same for a REG_XXX_KEY_INFORMATION of an operation on a key that is open.
template <class Information, class Operation>
NTSTATUS run_filtered(REG_NOTIFY_CLASS pre, REG_NOTIFY_CLASS post, Information& information,
                      Operation&& operation) {
    return run_filtered({.pre = pre,
                         .post = post,
                         .information = &information,
                         .call_context = &information.CallContext,
                         .object_context = &information.ObjectContext,
                         .object = information.Object},
                        std::forward<Operation>(operation));
}

// The last handle and reference of a key object have gone; it is still there. At most APC_LEVEL.
void tell_key_closes(void* key_object);

// \Registry as a key object, what absolute paths start from; there as long as callbacks are registered.
void* root_key_object();

}  // namespace ndiskit::nt::registry
