// Performance counters (PCW): drivers register sets of counters, with instances or with a callback that adds
// them when somebody collects. No consumer runs on this machine, so that callbacks are not called and no
// buffer to add instances to is handed out; what is registered is checked and kept.
// https://learn.microsoft.com/windows-hardware/drivers/devtest/kernel-mode-performance-monitoring
#include "nt/rtl/counter_sets.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit;
using namespace ndiskit::nt;

struct _PCW_INSTANCE {
    std::u16string name;
    std::vector<PCW_DATA> data;
};
struct _PCW_REGISTRATION {
    std::u16string name;
    std::vector<PCW_COUNTER_DESCRIPTOR> counters;
    std::vector<std::unique_ptr<_PCW_INSTANCE>> instances;
};

namespace {

constexpr ULONG version_1 = 0x100, version_2 = 0x200;
constexpr ULONG silo_neutral = 1;
constexpr ULONG most_counters = 0xFFFF;

Guarded<std::vector<std::unique_ptr<_PCW_REGISTRATION>>, LockRank::nt_leaf>& registrations() {
    static auto* const it = new Guarded<std::vector<std::unique_ptr<_PCW_REGISTRATION>>, LockRank::nt_leaf>();
    return *it;
}

// Whether each counter lies in the block that it says.
NTSTATUS check(const _PCW_REGISTRATION& registration, ULONG count, const PCW_DATA* data) {
    for (const PCW_COUNTER_DESCRIPTOR& counter : registration.counters) {
        if (counter.StructIndex >= count) return STATUS_INVALID_PARAMETER_4;
        if (ULONG{counter.Offset} + counter.Size > data[counter.StructIndex].Size)
            return STATUS_INVALID_BUFFER_SIZE;
    }
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pcwregister
NTSTATUS NTAPI PcwRegister(PPCW_REGISTRATION* Registration, PPCW_REGISTRATION_INFORMATION Info) {
    if (Info->Version != version_1 && Info->Version != version_2) return STATUS_INVALID_PARAMETER_2;
    if (!Info->Name || Info->Name->Length == 0 || Info->Name->Length % sizeof(WCHAR) != 0)
        return STATUS_INVALID_PARAMETER_2;
    if (Info->Version >= version_2 && (Info->Flags & ~silo_neutral) != 0) return STATUS_INVALID_PARAMETER_2;
    if (Info->CounterCount > most_counters) return STATUS_INTEGER_OVERFLOW;
    auto made = std::make_unique<_PCW_REGISTRATION>();
    made->name = view_of(*Info->Name);
    made->counters.assign(Info->Counters, Info->Counters + Info->CounterCount);
    *Registration = made.get();
    registrations().with([&](auto& all) { all.push_back(std::move(made)); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pcwunregister
void NTAPI PcwUnregister(PPCW_REGISTRATION Registration) {
    registrations().with(
        [&](auto& all) { std::erase_if(all, [&](const auto& it) { return it.get() == Registration; }); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pcwcreateinstance
NTSTATUS NTAPI PcwCreateInstance(PPCW_INSTANCE* Instance, PPCW_REGISTRATION Registration,
                                 PCUNICODE_STRING Name, ULONG Count, PPCW_DATA Data) {
    return registrations().with([&](auto&) -> NTSTATUS {
        if (const NTSTATUS status = check(*Registration, Count, Data); !NT_SUCCESS(status)) return status;
        auto made = std::make_unique<_PCW_INSTANCE>();
        made->name = view_of(*Name);
        made->data.assign(Data, Data + Count);
        *Instance = made.get();
        Registration->instances.push_back(std::move(made));
        return STATUS_SUCCESS;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pcwcloseinstance
void NTAPI PcwCloseInstance(PPCW_INSTANCE Instance) {
    registrations().with([&](auto& all) {
        for (const auto& registration : all)
            std::erase_if(registration->instances, [&](const auto& it) { return it.get() == Instance; });
    });
}

// A buffer comes with a callback alone.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pcwaddinstance
NTSTATUS NTAPI PcwAddInstance(PPCW_BUFFER, PCUNICODE_STRING, ULONG, ULONG, PPCW_DATA) {
    return STATUS_INVALID_PARAMETER_1;
}

}  // extern "C"
