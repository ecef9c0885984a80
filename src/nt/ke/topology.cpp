// What the processors are to drivers that ask: each one a core of its own, all in one package, node and
// group; and the callbacks for processors that are added, of which there are none after the start.
#include <cstring>
#include <vector>

#include "nt/ke/api.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/processor.h"

using namespace ndiskit::nt;
using Record = SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX;

namespace {

constexpr ULONG add_existing = 1;

GROUP_AFFINITY mask(KAFFINITY affinity) { return {.Mask = affinity, .Group = 0, .Reserved = {}}; }

Record processor_record(LOGICAL_PROCESSOR_RELATIONSHIP relationship, KAFFINITY affinity) {
    Record record = {};
    record.Relationship = relationship;
    record.Size = offsetof(Record, Processor) + sizeof(PROCESSOR_RELATIONSHIP);
    record.Processor.GroupCount = 1;
    record.Processor.GroupMask[0] = mask(affinity);
    return record;
}

Record node_record() {
    Record record = {};
    record.Relationship = RelationNumaNode;
    record.Size = offsetof(Record, NumaNode) + sizeof(NUMA_NODE_RELATIONSHIP);
    record.NumaNode.GroupMask = mask(ke::all_processors());
    return record;
}

Record group_record() {
    Record record = {};
    record.Relationship = RelationGroup;
    record.Size = offsetof(Record, Group) + sizeof(GROUP_RELATIONSHIP);
    record.Group.MaximumGroupCount = record.Group.ActiveGroupCount = 1;
    PROCESSOR_GROUP_INFO& info = record.Group.GroupInfo[0];
    info.MaximumProcessorCount = info.ActiveProcessorCount = static_cast<UCHAR>(ke::processor_count());
    info.ActiveProcessorMask = ke::all_processors();
    return record;
}

// `only` restricts the cores to that of one processor.
std::vector<Record> records_of(LOGICAL_PROCESSOR_RELATIONSHIP type, const PROCESSOR_NUMBER* only) {
    const auto wanted = [type](LOGICAL_PROCESSOR_RELATIONSHIP t) { return type == t || type == RelationAll; };
    std::vector<Record> records;
    if (wanted(RelationProcessorCore))
        for (uint32_t number = 0; number < ke::processor_count(); ++number)
            if (!only || only->Number == number)
                records.push_back(processor_record(RelationProcessorCore, KAFFINITY{1} << number));
    if (wanted(RelationNumaNode)) records.push_back(node_record());
    if (wanted(RelationGroup)) records.push_back(group_record());
    if (wanted(RelationProcessorPackage))
        records.push_back(processor_record(RelationProcessorPackage, ke::all_processors()));
    return records;
}

struct ChangeCallback {
    PPROCESSOR_CALLBACK_FUNCTION function;
    PVOID context;

    NTSTATUS call(KE_PROCESSOR_CHANGE_NOTIFY_STATE state, uint32_t number) const {
        KE_PROCESSOR_CHANGE_NOTIFY_CONTEXT change = {};
        change.State = state;
        change.NtNumber = number;
        change.ProcNumber.Number = static_cast<UCHAR>(number);
        NTSTATUS status = STATUS_SUCCESS;
        function(context, &change, &status);
        return status;
    }
};

// Each existing processor is announced twice: before all, and after all have been taken, or taken back.
void announce_existing(const ChangeCallback& callback) {
    const uint32_t count = ke::processor_count();
    uint32_t taken = 0;
    while (taken < count && NT_SUCCESS(callback.call(KeProcessorAddStartNotify, taken))) ++taken;
    const auto outcome = taken == count ? KeProcessorAddCompleteNotify : KeProcessorAddFailureNotify;
    for (uint32_t number = 0; number < taken; ++number) callback.call(outcome, number);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerylogicalprocessorrelationship
NTSTATUS NTAPI KeQueryLogicalProcessorRelationship(PPROCESSOR_NUMBER ProcessorNumber,
                                                   LOGICAL_PROCESSOR_RELATIONSHIP RelationshipType,
                                                   PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Information,
                                                   PULONG Length) {
    if (ProcessorNumber && (ProcessorNumber->Group != 0 || ProcessorNumber->Number >= ke::processor_count()))
        return STATUS_INVALID_PARAMETER;
    const std::vector<Record> records = records_of(RelationshipType, ProcessorNumber);
    ULONG needed = 0;
    for (const Record& record : records) needed += record.Size;
    const ULONG room = std::exchange(*Length, needed);
    if (room < needed) return STATUS_INFO_LENGTH_MISMATCH;
    auto* to = reinterpret_cast<char*>(Information);
    for (const Record& record : records) {
        std::memcpy(to, &record, record.Size);
        to += record.Size;
    }
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keregisterprocessorchangecallback
PVOID NTAPI KeRegisterProcessorChangeCallback(PPROCESSOR_CALLBACK_FUNCTION CallbackFunction,
                                              PVOID CallbackContext, ULONG Flags) {
    auto* const callback = new ChangeCallback{CallbackFunction, CallbackContext};
    if (Flags & add_existing) announce_existing(*callback);
    return callback;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kederegisterprocessorchangecallback
void NTAPI KeDeregisterProcessorChangeCallback(PVOID CallbackHandle) {
    delete static_cast<ChangeCallback*>(CallbackHandle);
}

}  // extern "C"
