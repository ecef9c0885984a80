#include "ndis/services/exports.h"

#include "ndis/services/api.h"
#include "nt/export_table.h"

namespace ndiskit::ndis {
namespace {

// A function of the driver's calling convention as a row has it.
template <class Function>
const void* address_of(Function* function) {
    return reinterpret_cast<const void*>(function);
}

using enum nt::MaxIrql;
constexpr auto full = nt::Support::full;

const nt::Export rows[] = {
    // memory.cpp
    {"NdisAllocateMemory", address_of(&NdisAllocateMemory), passive},
    {"NdisAllocateMemoryWithTag", address_of(&NdisAllocateMemoryWithTag), dispatch},
    {"NdisAllocateMemoryWithTagPriority", address_of(&NdisAllocateMemoryWithTagPriority), dispatch},
    {"NdisFreeMemory", address_of(&NdisFreeMemory), dispatch},
    {"NdisFreeMemoryWithTag", address_of(&NdisFreeMemoryWithTag), dispatch},
    {"NdisFreeMemoryWithTagPriority", address_of(&NdisFreeMemoryWithTagPriority), dispatch},
    {"NdisAllocateMdl", address_of(&NdisAllocateMdl), dispatch},
    {"NdisFreeMdl", address_of(&NdisFreeMdl), dispatch},
    {"NdisAllocateGenericObject", address_of(&NdisAllocateGenericObject), dispatch},
    {"NdisFreeGenericObject", address_of(&NdisFreeGenericObject), dispatch},
    // spin_lock.cpp
    {"NdisAllocateSpinLock", address_of(&NdisAllocateSpinLock), any},
    {"NdisFreeSpinLock", address_of(&NdisFreeSpinLock), any},
    {"NdisAcquireSpinLock", address_of(&NdisAcquireSpinLock), dispatch},
    {"NdisReleaseSpinLock", address_of(&NdisReleaseSpinLock), dispatch, full, {}, false, DISPATCH_LEVEL},
    {"NdisDprAcquireSpinLock",
     address_of(&NdisDprAcquireSpinLock),
     dispatch,
     full,
     {},
     false,
     DISPATCH_LEVEL},
    {"NdisDprReleaseSpinLock",
     address_of(&NdisDprReleaseSpinLock),
     dispatch,
     full,
     {},
     false,
     DISPATCH_LEVEL},
    {"NdisInterlockedIncrement", address_of(&NdisInterlockedIncrement), any},
    {"NdisInterlockedDecrement", address_of(&NdisInterlockedDecrement), any},
    {"NdisInterlockedAddUlong", address_of(&NdisInterlockedAddUlong), any},
    {"NdisInterlockedInsertHeadList", address_of(&NdisInterlockedInsertHeadList), any},
    {"NdisInterlockedInsertTailList", address_of(&NdisInterlockedInsertTailList), any},
    {"NdisInterlockedRemoveHeadList", address_of(&NdisInterlockedRemoveHeadList), any},
    {"NdisInterlockedPushEntryList", address_of(&NdisInterlockedPushEntryList), any},
    {"NdisInterlockedPopEntryList", address_of(&NdisInterlockedPopEntryList), any},
    // rw_lock.cpp
    {"NdisAllocateRWLock", address_of(&NdisAllocateRWLock), dispatch},
    {"NdisFreeRWLock", address_of(&NdisFreeRWLock), dispatch},
    {"NdisAcquireRWLockRead", address_of(&NdisAcquireRWLockRead), dispatch},
    {"NdisAcquireRWLockWrite", address_of(&NdisAcquireRWLockWrite), dispatch},
    {"NdisReleaseRWLock", address_of(&NdisReleaseRWLock), dispatch, full, {}, false, DISPATCH_LEVEL},
    {"NdisInitializeReadWriteLock", address_of(&NdisInitializeReadWriteLock), any},
    {"NdisAcquireReadWriteLock", address_of(&NdisAcquireReadWriteLock), dispatch},
    {"NdisReleaseReadWriteLock",
     address_of(&NdisReleaseReadWriteLock),
     dispatch,
     full,
     {},
     false,
     DISPATCH_LEVEL},
    {"NdisDprAcquireReadWriteLock",
     address_of(&NdisDprAcquireReadWriteLock),
     dispatch,
     full,
     {},
     false,
     DISPATCH_LEVEL},
    {"NdisDprReleaseReadWriteLock",
     address_of(&NdisDprReleaseReadWriteLock),
     dispatch,
     full,
     {},
     false,
     DISPATCH_LEVEL},
    // event.cpp
    {"NdisInitializeEvent", address_of(&NdisInitializeEvent), any},
    {"NdisSetEvent", address_of(&NdisSetEvent), dispatch},
    {"NdisResetEvent", address_of(&NdisResetEvent), dispatch},
    {"NdisWaitEvent", address_of(&NdisWaitEvent), passive},
    {"NdisMSleep", address_of(&NdisMSleep), passive},
    {"NdisGetCurrentSystemTime", address_of(&NdisGetCurrentSystemTime), any},
    {"NdisGetSystemUpTimeEx", address_of(&NdisGetSystemUpTimeEx), any},
    {"NdisGetSystemUpTime", address_of(&NdisGetSystemUpTime), any},
    // timer.cpp
    {"NdisAllocateTimerObject", address_of(&NdisAllocateTimerObject), dispatch},
    {"NdisSetTimerObject", address_of(&NdisSetTimerObject), dispatch},
    {"NdisSetCoalescableTimerObject", address_of(&NdisSetCoalescableTimerObject), dispatch},
    {"NdisCancelTimerObject", address_of(&NdisCancelTimerObject), dispatch},
    {"NdisFreeTimerObject", address_of(&NdisFreeTimerObject), dispatch},
    {"NdisInitializeTimer", address_of(&NdisInitializeTimer), dispatch},
    {"NdisSetTimer", address_of(&NdisSetTimer), dispatch},
    {"NdisMSetTimer", address_of(&NdisSetTimer), dispatch},
    {"NdisSetTimerEx", address_of(&NdisSetTimerEx), dispatch},
    {"NdisSetPeriodicTimer", address_of(&NdisSetPeriodicTimer), dispatch},
    {"NdisCancelTimer", address_of(&NdisCancelTimer), dispatch},
    {"NdisMInitializeTimer", address_of(&NdisMInitializeTimer), dispatch},
    {"NdisMSetPeriodicTimer", address_of(&NdisMSetPeriodicTimer), dispatch},
    {"NdisMCancelTimer", address_of(&NdisMCancelTimer), dispatch},
    // work_item.cpp
    {"NdisAllocateIoWorkItem", address_of(&NdisAllocateIoWorkItem), dispatch},
    {"NdisQueueIoWorkItem", address_of(&NdisQueueIoWorkItem), dispatch},
    {"NdisFreeIoWorkItem", address_of(&NdisFreeIoWorkItem), dispatch},
    {"NdisScheduleWorkItem", address_of(&NdisScheduleWorkItem), dispatch},
    // string.cpp
    {"NdisInitializeString", address_of(&NdisInitializeString), passive},
    {"NdisInitAnsiString", address_of(&NdisInitAnsiString), any},
    {"NdisInitUnicodeString", address_of(&NdisInitUnicodeString), any},
    {"NdisEqualString", address_of(&NdisEqualString), passive},
    {"NdisAnsiStringToUnicodeString", address_of(&NdisAnsiStringToUnicodeString), passive},
    {"NdisUnicodeStringToAnsiString", address_of(&NdisUnicodeStringToAnsiString), passive},
    {"NdisUpcaseUnicodeString", address_of(&NdisUpcaseUnicodeString), passive},
    // processor.cpp
    {"NdisSystemProcessorCount", address_of(&NdisSystemProcessorCount), any},
    {"NdisSystemActiveProcessorCount", address_of(&NdisSystemActiveProcessorCount), any},
    {"NdisGroupActiveProcessorCount", address_of(&NdisGroupActiveProcessorCount), any},
    {"NdisGroupMaxProcessorCount", address_of(&NdisGroupMaxProcessorCount), any},
    {"NdisGroupActiveProcessorMask", address_of(&NdisGroupActiveProcessorMask), any},
    {"NdisActiveGroupCount", address_of(&NdisActiveGroupCount), any},
    {"NdisMaxGroupCount", address_of(&NdisMaxGroupCount), any},
    {"NdisCurrentProcessorIndex", address_of(&NdisCurrentProcessorIndex), any},
    {"NdisCurrentGroupAndProcessor", address_of(&NdisCurrentGroupAndProcessor), any},
    {"NdisProcessorIndexToNumber", address_of(&NdisProcessorIndexToNumber), any},
    {"NdisProcessorNumberToIndex", address_of(&NdisProcessorNumberToIndex), any},
    {"NdisGetProcessorInformation", address_of(&NdisGetProcessorInformation), passive},
    {"NdisGetProcessorInformationEx", address_of(&NdisGetProcessorInformationEx), dispatch},
    {"NdisGetRssProcessorInformation", address_of(&NdisGetRssProcessorInformation), dispatch},
    {"NdisGetCurrentProcessorCounts", address_of(&NdisGetCurrentProcessorCounts), dispatch},
    {"NdisGetCurrentProcessorCpuUsage", address_of(&NdisGetCurrentProcessorCpuUsage), any},
    {"NdisGetHypervisorInfo", address_of(&NdisGetHypervisorInfo), dispatch},
    {"NdisGetRoutineAddress", address_of(&NdisGetRoutineAddress), passive},
    // file.cpp
    {"NdisOpenFile", address_of(&NdisOpenFile), passive},
    {"NdisMapFile", address_of(&NdisMapFile), dispatch},
    {"NdisUnmapFile", address_of(&NdisUnmapFile), passive},
    {"NdisCloseFile", address_of(&NdisCloseFile), passive},
    // event_log.cpp
    {"NdisWriteErrorLogEntry", address_of(&NdisWriteErrorLogEntry), dispatch},
    {"NdisWriteEventLogEntry", address_of(&NdisWriteEventLogEntry), dispatch},
};

}  // namespace

void add_service_exports() { nt::add_exports("ndis.sys", rows); }

}  // namespace ndiskit::ndis
