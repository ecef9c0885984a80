// Notifications of user sessions. This machine has session 0 alone, which begins and ends with it: who
// registers is checked and kept, and hears nothing.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/user-session-events-and-drivers
#include "nt/io/container.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/object/object.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr ULONG known_events = 0x3F;  // IO_SESSION_STATE_CREATION_EVENT to IO_SESSION_STATE_LOGOFF_EVENT
constexpr ULONG all_events = 0xFFFFFFFF;

struct Registration {
    PVOID object;  // of the driver's, referenced
};
using Registrations = std::vector<std::unique_ptr<Registration>>;

Guarded<Registrations, LockRank::nt_leaf>& table() {
    static auto* const it = new Guarded<Registrations, LockRank::nt_leaf>();
    return *it;
}

bool is_good(const IO_SESSION_STATE_NOTIFICATION& wanted) {
    if (wanted.Size != sizeof wanted || wanted.Flags != 0 || !wanted.IoObject) return false;
    return wanted.EventMask == all_events || (wanted.EventMask && !(wanted.EventMask & ~known_events));
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregistercontainernotification
NTSTATUS NTAPI IoRegisterContainerNotification(IO_CONTAINER_NOTIFICATION_CLASS kind,
                                               PIO_CONTAINER_NOTIFICATION_FUNCTION, PVOID information,
                                               ULONG size, PVOID* registration) {
    if (kind != IoSessionStateNotification) return STATUS_INVALID_PARAMETER_1;
    if (size != sizeof(IO_SESSION_STATE_NOTIFICATION)) return STATUS_INVALID_PARAMETER_4;
    const auto* const wanted = static_cast<const IO_SESSION_STATE_NOTIFICATION*>(information);
    if (!wanted || !is_good(*wanted)) return STATUS_INVALID_PARAMETER_3;
    auto fresh = std::make_unique<Registration>(wanted->IoObject);
    const bool added = table().with([&](Registrations& all) {
        if (std::ranges::any_of(all, [&](const auto& one) { return one->object == wanted->IoObject; }))
            return false;
        *registration = fresh.get();
        all.push_back(std::move(fresh));
        return true;
    });
    if (!added) return STATUS_ALREADY_COMMITTED;
    object::reference(wanted->IoObject);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iounregistercontainernotification
void NTAPI IoUnregisterContainerNotification(PVOID registration) {
    const auto taken = table().with([&](Registrations& all) -> std::unique_ptr<Registration> {
        const auto found =
            std::ranges::find(all, registration, [](const auto& one) -> PVOID { return one.get(); });
        if (found == all.end()) return nullptr;
        auto one = std::move(*found);
        all.erase(found);
        return one;
    });
    if (taken) object::dereference(taken->object);
}

// Objects of sessions come with their notifications alone, so that nobody can have one.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetcontainerinformation
NTSTATUS NTAPI IoGetContainerInformation(IO_CONTAINER_INFORMATION_CLASS kind, PVOID, PVOID, ULONG size) {
    if (kind != IoSessionStateInformation) return STATUS_INVALID_PARAMETER_1;
    return size < sizeof(IO_SESSION_STATE_INFORMATION) ? STATUS_INVALID_PARAMETER_4
                                                       : STATUS_INVALID_PARAMETER_2;
}

}  // extern "C"
