#include "nt/object/handle_filters.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/ke/process.h"
#include "nt/ke/wait_lot.h"
#include "nt/object/api.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::object {
namespace {

struct Operation {
    const _OBJECT_TYPE* type;
    OB_OPERATION operations;
    POB_PRE_OPERATION_CALLBACK before;
    POB_POST_OPERATION_CALLBACK after;
};

struct Filter {
    std::u16string altitude;
    PVOID context;
    std::vector<Operation> operations;
    std::atomic<uint32_t> running = 0;

    const Operation* find(const _OBJECT_TYPE* type, OB_OPERATION operation) const {
        const auto found = std::ranges::find_if(operations, [&](const Operation& one) {
            return one.type == type && (one.operations & operation);
        });
        return found == operations.end() ? nullptr : &*found;
    }
};
using Filters = std::vector<std::shared_ptr<Filter>>;

Guarded<Filters, LockRank::nt_work>& filters() {
    static auto* const it = new Guarded<Filters, LockRank::nt_work>();
    return *it;
}

// Altitudes are numbers of any length, perhaps with a decimal point.
bool is_higher(std::u16string_view a, std::u16string_view b) {
    const auto whole = [](std::u16string_view text) { return std::min(text.find(u'.'), text.size()); };
    if (whole(a) != whole(b)) return whole(a) > whole(b);
    return a > b;
}

// Those of the moment, each kept from going away until it is let go.
Filters hold_all() {
    return filters().with([](Filters& all) {
        for (const auto& filter : all) ++filter->running;
        return all;
    });
}

void let_go(const Filters& held) {
    for (const auto& filter : held)
        if (--filter->running == 0) ke::wake_sleepers(filter.get());
}

bool is_valid(const OB_OPERATION_REGISTRATION& operation) {
    constexpr OB_OPERATION known = OB_OPERATION_HANDLE_CREATE | OB_OPERATION_HANDLE_DUPLICATE;
    const _OBJECT_TYPE* const type = operation.ObjectType ? *operation.ObjectType : nullptr;
    return (type == &process_type || type == &thread_type) && operation.Operations != 0 &&
           !(operation.Operations & ~known) && (operation.PreOperation || operation.PostOperation);
}

std::shared_ptr<Filter> filter_of(const OB_CALLBACK_REGISTRATION& registration) {
    auto filter = std::make_shared<Filter>();
    filter->altitude = view_of(registration.Altitude);
    filter->context = registration.RegistrationContext;
    for (USHORT i = 0; i < registration.OperationRegistrationCount; ++i) {
        const OB_OPERATION_REGISTRATION& one = registration.OperationRegistration[i];
        filter->operations.push_back({*one.ObjectType, one.Operations, one.PreOperation, one.PostOperation});
    }
    return filter;
}

}  // namespace

HANDLE open_filtered(void* body, ACCESS_MASK access, bool kernel_handle, bool duplicate) {
    const _OBJECT_TYPE* type = type_of(body);
    if (!type) type = body == ke::system_process() ? &process_type : &thread_type;
    const Filters held = type == &process_type || type == &thread_type ? hold_all() : Filters();
    const OB_OPERATION operation = duplicate ? OB_OPERATION_HANDLE_DUPLICATE : OB_OPERATION_HANDLE_CREATE;
    OB_PRE_OPERATION_PARAMETERS parameters = {};
    parameters.DuplicateHandleInformation = {access, access, ke::system_process(), ke::system_process()};
    std::vector<PVOID> call_contexts(held.size());
    for (size_t i = 0; i < held.size(); ++i) {
        const Operation* const wanted = held[i]->find(type, operation);
        if (!wanted || !wanted->before) continue;
        OB_PRE_OPERATION_INFORMATION information = {};
        information.Operation = operation;
        information.KernelHandle = kernel_handle;
        information.Object = body;
        information.ObjectType = const_cast<POBJECT_TYPE>(type);
        information.Parameters = &parameters;
        call_driver(wanted->before, held[i]->context, &information);
        call_contexts[i] = information.CallContext;
        // Nobody takes access from the kernel, or gives more than was asked for.
        ACCESS_MASK& left = parameters.CreateHandleInformation.DesiredAccess;
        left = kernel_handle ? access : left & access;
    }
    const ACCESS_MASK granted = parameters.CreateHandleInformation.DesiredAccess;
    const HANDLE handle = open_handle(body, granted, kernel_handle);
    for (size_t i = held.size(); i-- > 0;) {
        const Operation* const wanted = held[i]->find(type, operation);
        if (!wanted || !wanted->after) continue;
        OB_POST_OPERATION_PARAMETERS result = {};
        result.CreateHandleInformation.GrantedAccess = granted;
        OB_POST_OPERATION_INFORMATION information = {};
        information.Operation = operation;
        information.KernelHandle = kernel_handle;
        information.Object = body;
        information.ObjectType = const_cast<POBJECT_TYPE>(type);
        information.CallContext = call_contexts[i];
        information.ReturnStatus = STATUS_SUCCESS;
        information.Parameters = &result;
        call_driver(wanted->after, held[i]->context, &information);
    }
    let_go(held);
    return handle;
}

}  // namespace ndiskit::nt::object

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obgetfilterversion
USHORT NTAPI ObGetFilterVersion() { return OB_FLT_REGISTRATION_VERSION; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obregistercallbacks
NTSTATUS NTAPI ObRegisterCallbacks(POB_CALLBACK_REGISTRATION Registration, PVOID* RegistrationHandle) {
    if (Registration->Version != OB_FLT_REGISTRATION_VERSION ||
        Registration->OperationRegistrationCount == 0 || Registration->Altitude.Length == 0)
        return STATUS_INVALID_PARAMETER;
    for (USHORT i = 0; i < Registration->OperationRegistrationCount; ++i)
        if (!object::is_valid(Registration->OperationRegistration[i])) return STATUS_INVALID_PARAMETER;
    const auto filter = object::filter_of(*Registration);
    return object::filters().with([&](object::Filters& all) {
        const auto place = std::ranges::find_if(
            all, [&](const auto& other) { return !object::is_higher(other->altitude, filter->altitude); });
        if (place != all.end() && (*place)->altitude == filter->altitude)
            return STATUS_FLT_INSTANCE_ALTITUDE_COLLISION;
        all.insert(place, filter);
        *RegistrationHandle = filter.get();
        return STATUS_SUCCESS;
    });
}

// No callback runs any more when it has returned.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obunregistercallbacks
void NTAPI ObUnRegisterCallbacks(PVOID RegistrationHandle) {
    std::shared_ptr<object::Filter> filter;
    object::filters().with([&](object::Filters& all) {
        const auto found =
            std::ranges::find_if(all, [&](const auto& one) { return one.get() == RegistrationHandle; });
        if (found == all.end()) return;
        filter = *found;
        all.erase(found);
    });
    if (!filter) return;
    ke::wait_on_address("ObUnRegisterCallbacks", filter.get(), [&] { return filter->running == 0; });
}

}  // extern "C"
