#include "nt/ke/notify.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/ke/api.h"
#include "nt/ke/process.h"
#include "nt/ke/thread.h"
#include "nt/ke/wait_lot.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::ke {
namespace {

// As many as Windows takes of each.
constexpr size_t most_routines = 64;
constexpr ULONG image_addressing_mode_32bit = 3;

struct Entry {
    const void* routine;
    bool only_non_system;  // never told: all threads are the system's
    std::atomic<uint32_t> running = 0;
};
using Entries = std::vector<std::shared_ptr<Entry>>;

// Routines of one kind of news. One that is taken out is not called any more once remove() has returned.
class Listeners {
  public:
    bool add(const void* routine, bool once = false, bool only_non_system = false) {
        auto entry = std::make_shared<Entry>(routine, only_non_system);
        return entries_.with([&](Entries& all) {
            if (all.size() >= most_routines || (once && find(all, routine) != all.end())) return false;
            all.push_back(std::move(entry));
            return true;
        });
    }

    bool remove(const void* routine) {
        std::shared_ptr<Entry> entry;
        entries_.with([&](Entries& all) {
            const auto found = find(all, routine);
            if (found == all.end()) return;
            entry = *found;
            all.erase(found);
        });
        if (!entry) return false;
        wait_on_address("removing a notification routine", entry.get(), [&] { return entry->running == 0; });
        return true;
    }

    template <class Call>
    void tell(Call call) {
        for (const auto& entry : entries_.with([](Entries& all) { return all; })) {
            const bool begun = entries_.with([&](Entries& all) {
                if (entry->only_non_system || std::ranges::find(all, entry) == all.end()) return false;
                ++entry->running;
                return true;
            });
            if (!begun) continue;
            call(entry->routine);
            if (--entry->running == 0) wake_sleepers(entry.get());
        }
    }

  private:
    static Entries::iterator find(Entries& all, const void* routine) {
        return std::ranges::find(all, routine, [](const auto& entry) { return entry->routine; });
    }

    Guarded<Entries, LockRank::nt_work> entries_;
};

Listeners process_listeners, thread_listeners, image_listeners;

void tell_of_thread(const ThreadObject& thread, BOOLEAN created) {
    if (!thread.driver_thread) return;
    thread_listeners.tell([&](const void* routine) {
        call_driver(reinterpret_cast<PCREATE_THREAD_NOTIFY_ROUTINE>(const_cast<void*>(routine)),
                    reinterpret_cast<HANDLE>(system_process_id), reinterpret_cast<HANDLE>(thread.id),
                    created);
    });
}

}  // namespace

void notify_thread_made(const ThreadObject& thread) { tell_of_thread(thread, TRUE); }
void notify_thread_ends(const ThreadObject& thread) { tell_of_thread(thread, FALSE); }

void notify_image_loaded(const std::string& path, void* base, size_t size) {
    std::u16string name = to_utf16(path);
    UNICODE_STRING text = unicode_string(name);
    IMAGE_INFO information = {};
    information.ImageAddressingMode = image_addressing_mode_32bit;
    information.SystemModeImage = 1;
    information.ImageBase = base;
    information.ImageSize = size;
    image_listeners.tell([&](const void* routine) {
        call_driver(reinterpret_cast<PLOAD_IMAGE_NOTIFY_ROUTINE>(const_cast<void*>(routine)), &text,
                    static_cast<HANDLE>(nullptr), &information);
    });
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

namespace {

NTSTATUS set_process_routine(const void* routine, BOOLEAN remove) {
    const bool done =
        remove ? ke::process_listeners.remove(routine) : ke::process_listeners.add(routine, true);
    return done ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS added(bool done) { return done ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES; }
NTSTATUS removed(bool done) { return done ? STATUS_SUCCESS : STATUS_PROCEDURE_NOT_FOUND; }

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetcreateprocessnotifyroutine
NTSTATUS NTAPI PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE NotifyRoutine, BOOLEAN Remove) {
    return set_process_routine(reinterpret_cast<const void*>(NotifyRoutine), Remove);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetcreateprocessnotifyroutineex
NTSTATUS NTAPI PsSetCreateProcessNotifyRoutineEx(PCREATE_PROCESS_NOTIFY_ROUTINE_EX NotifyRoutine,
                                                 BOOLEAN Remove) {
    return set_process_routine(reinterpret_cast<const void*>(NotifyRoutine), Remove);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetcreateprocessnotifyroutineex2
NTSTATUS NTAPI PsSetCreateProcessNotifyRoutineEx2(ULONG NotifyType, PVOID NotifyInformation, BOOLEAN Remove) {
    constexpr ULONG subsystems = 0;
    if (NotifyType != subsystems) return STATUS_INVALID_PARAMETER;
    return set_process_routine(NotifyInformation, Remove);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetcreatethreadnotifyroutine
NTSTATUS NTAPI PsSetCreateThreadNotifyRoutine(PCREATE_THREAD_NOTIFY_ROUTINE NotifyRoutine) {
    return added(ke::thread_listeners.add(reinterpret_cast<const void*>(NotifyRoutine), false));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetcreatethreadnotifyroutineex
NTSTATUS NTAPI PsSetCreateThreadNotifyRoutineEx(ULONG NotifyType, PVOID NotifyInformation) {
    constexpr ULONG non_system = 0, subsystems = 1;
    if (NotifyType > subsystems) return STATUS_INVALID_PARAMETER;
    return added(ke::thread_listeners.add(NotifyInformation, false, NotifyType == non_system));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psremovecreatethreadnotifyroutine
NTSTATUS NTAPI PsRemoveCreateThreadNotifyRoutine(PCREATE_THREAD_NOTIFY_ROUTINE NotifyRoutine) {
    return removed(ke::thread_listeners.remove(reinterpret_cast<const void*>(NotifyRoutine)));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetloadimagenotifyroutine
NTSTATUS NTAPI PsSetLoadImageNotifyRoutine(PLOAD_IMAGE_NOTIFY_ROUTINE NotifyRoutine) {
    return added(ke::image_listeners.add(reinterpret_cast<const void*>(NotifyRoutine), false));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-pssetloadimagenotifyroutineex
NTSTATUS NTAPI PsSetLoadImageNotifyRoutineEx(PLOAD_IMAGE_NOTIFY_ROUTINE NotifyRoutine, ULONG_PTR Flags) {
    constexpr ULONG_PTR conflicting_architecture = 1;
    if (Flags & ~conflicting_architecture) return STATUS_INVALID_PARAMETER_2;
    return PsSetLoadImageNotifyRoutine(NotifyRoutine);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psremoveloadimagenotifyroutine
NTSTATUS NTAPI PsRemoveLoadImageNotifyRoutine(PLOAD_IMAGE_NOTIFY_ROUTINE NotifyRoutine) {
    return removed(ke::image_listeners.remove(reinterpret_cast<const void*>(NotifyRoutine)));
}

}  // extern "C"
