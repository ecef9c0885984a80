// Processors as NDIS shows them: one group, one socket, as many cores as the machine has virtual processors. Which of
// them an adapter uses for RSS says rss_processors.cpp.
#include <algorithm>

#include "engine/busy_time.h"
#include "ndis/nbl/abi.h"
#include "nt/export_table.h"
#include "nt/ke/pcr_x64.h"
#include "nt/ke/processor.h"

using namespace ndiskit;

namespace {

constexpr NTSTATUS invalid_parameter = static_cast<NTSTATUS>(0xC000000D);
constexpr ULONG no_processor = 0xFFFFFFFF;
constexpr USHORT all_groups = 0xFFFF;

uint32_t count() { return nt::ke::processor_count(); }

PROCESSOR_NUMBER number_of(uint32_t index) {
    return {.Group = 0, .Number = static_cast<UCHAR>(index), .Reserved = 0};
}

// A header with what an array of `entry_size` a processor needs behind it; false when the caller's buffer is
// too short, with the size that it takes in `size`.
template <class Header, class Entry>
Header* begin_array(Header* buffer, SIZE_T* size) {
    const SIZE_T wanted = sizeof(Header) + count() * sizeof(Entry);
    const bool fits = buffer && *size >= wanted;
    *size = wanted;
    if (!fits) return nullptr;
    __builtin_memset(buffer, 0, wanted);
    buffer->Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    return buffer;
}

// Of one processor, since the machine started.
struct ProcessorTime {
    engine::Time whole, busy;
};
ProcessorTime processor_time() {
    const engine::Time whole = engine::the().now();
    return {whole, std::min(whole, engine::busy_time() / count())};
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissystemprocessorcount
CCHAR NTAPI NdisSystemProcessorCount() { return static_cast<CCHAR>(count()); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissystemactiveprocessorcount
ULONG NTAPI NdisSystemActiveProcessorCount(PKAFFINITY ActiveProcessors) {
    if (ActiveProcessors) *ActiveProcessors = nt::ke::all_processors();
    return count();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgroupactiveprocessorcount
ULONG NTAPI NdisGroupActiveProcessorCount(USHORT Group) {
    return Group == 0 || Group == all_groups ? count() : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgroupmaxprocessorcount
ULONG NTAPI NdisGroupMaxProcessorCount(USHORT Group) { return NdisGroupActiveProcessorCount(Group); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgroupactiveprocessormask
KAFFINITY NTAPI NdisGroupActiveProcessorMask(USHORT Group) {
    return Group == 0 ? nt::ke::all_processors() : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisactivegroupcount
USHORT NTAPI NdisActiveGroupCount() { return 1; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismaxgroupcount
USHORT NTAPI NdisMaxGroupCount() { return 1; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscurrentprocessorindex
ULONG NTAPI NdisCurrentProcessorIndex() { return nt::ke::gs_read<uint32_t, nt::ke::pcr_number>(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscurrentgroupandprocessor
PROCESSOR_NUMBER NTAPI NdisCurrentGroupAndProcessor() { return number_of(NdisCurrentProcessorIndex()); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisprocessorindextonumber
NTSTATUS NTAPI NdisProcessorIndexToNumber(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber) {
    if (ProcIndex >= count()) return invalid_parameter;
    *ProcNumber = number_of(ProcIndex);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisprocessornumbertoindex
ULONG NTAPI NdisProcessorNumberToIndex(PROCESSOR_NUMBER ProcNumber) {
    return ProcNumber.Group == 0 && ProcNumber.Number < count() ? ProcNumber.Number : no_processor;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetprocessorinformation
NDIS_STATUS NTAPI NdisGetProcessorInformation(PNDIS_SYSTEM_PROCESSOR_INFO SystemProcessorInfo) {
    if (SystemProcessorInfo->Header.Size < NDIS_SIZEOF_SYSTEM_PROCESSOR_INFO_REVISION_1)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    UCHAR* const rss_processors = SystemProcessorInfo->RssProcessors;  // the caller's, or null
    NDIS_SYSTEM_PROCESSOR_INFO info{};
    info.Header = SystemProcessorInfo->Header;
    info.ProcessorVendor = NdisProcessorVendorUnknown;
    info.NumPhysicalPackages = 1;
    info.NumCores = info.NumCoresPerPhysicalPackage = info.RssCpuCount = count();
    info.MaxHyperThreadingCpusPerCore = 1;
    info.RssProcessors = rss_processors;
    for (uint32_t i = 0; i < count(); i++) {
        if (rss_processors != nullptr) rss_processors[i] = static_cast<UCHAR>(i);
        info.CpuInfo[i] = {.CpuNumber = i, .PhysicalPackageId = 0, .CoreId = i, .HyperThreadID = 0};
    }
    *SystemProcessorInfo = info;
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetprocessorinformationex
NDIS_STATUS NTAPI NdisGetProcessorInformationEx(NDIS_HANDLE NdisHandle,
                                                PNDIS_SYSTEM_PROCESSOR_INFO_EX SystemProcessorInfo,
                                                PSIZE_T Size) {
    auto* info =
        begin_array<NDIS_SYSTEM_PROCESSOR_INFO_EX, NDIS_PROCESSOR_INFO_EX>(SystemProcessorInfo, Size);
    if (!info) return NDIS_STATUS_BUFFER_TOO_SHORT;
    info->Header.Revision = NDIS_SYSTEM_PROCESSOR_INFO_EX_REVISION_1;
    info->Header.Size = NDIS_SIZEOF_SYSTEM_PROCESSOR_INFO_EX_REVISION_1;
    info->ProcessorVendor = NdisProcessorVendorUnknown;
    info->NumSockets = 1;
    info->NumCores = info->NumCoresPerSocket = info->NumberOfProcessors = count();
    info->MaxHyperThreadingProcsPerCore = 1;
    info->ProcessorInfoOffset = sizeof *info;
    info->ProcessorInfoEntrySize = sizeof(NDIS_PROCESSOR_INFO_EX);
    auto* entries = reinterpret_cast<NDIS_PROCESSOR_INFO_EX*>(info + 1);
    for (uint32_t i = 0; i < count(); i++) entries[i] = {.ProcNum = number_of(i), .CoreId = i};
    return NDIS_STATUS_SUCCESS;
}

// Processors are the machine's, not the host's: a task is bound to one only while it is at DISPATCH_LEVEL, so each
// has its share of what all tasks together have worked. Kernel time contains idle time, as the page's formula needs.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetcurrentprocessorcounts
void NTAPI NdisGetCurrentProcessorCounts(PULONG pIdleCount, PULONG pKernelAndUser, PULONG pIndex) {
    constexpr engine::Time tick = 15'625 * engine::microsecond;
    const ProcessorTime time = processor_time();
    *pIdleCount = static_cast<ULONG>((time.whole - time.busy) / tick);
    *pKernelAndUser = static_cast<ULONG>(time.whole / tick);
    *pIndex = NdisCurrentProcessorIndex();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetcurrentprocessorcpuusage
void NTAPI NdisGetCurrentProcessorCpuUsage(PULONG pCpuUsage) {
    const ProcessorTime time = processor_time();
    *pCpuUsage = time.whole == 0 ? 0 : static_cast<ULONG>(time.busy * 100 / time.whole);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgethypervisorinfo
NDIS_STATUS NTAPI NdisGetHypervisorInfo(PNDIS_HYPERVISOR_INFO HypervisorInfo) {
    if (HypervisorInfo->Header.Size < NDIS_SIZEOF_HYPERVISOR_INFO_REVISION_1)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    HypervisorInfo->Flags = 0;
    HypervisorInfo->PartitionType = NdisHypervisorPartitionTypeUnknown;
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetroutineaddress
PVOID NTAPI NdisGetRoutineAddress(PNDIS_STRING NdisRoutineName) {
    std::string name;
    for (size_t i = 0; i < NdisRoutineName->Length / sizeof(WCHAR); i++)
        name += static_cast<char>(NdisRoutineName->Buffer[i]);
    const nt::Export* row = nt::find_export("ndis.sys", name);
    return row ? const_cast<void*>(row->address) : nullptr;
}

}  // extern "C"
