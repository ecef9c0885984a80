#include "nt/ke/bugcheck_callbacks.h"

#include "base/guarded.h"
#include "nt/abi.h"

namespace ndiskit::nt::ke {
namespace {

// States of a record.
enum : UCHAR { empty, inserted, started };

struct Lists {
    LIST_ENTRY plain = {&plain, &plain};
    LIST_ENTRY with_reason = {&with_reason, &with_reason};
};
Guarded<Lists, LockRank::nt_leaf> lists;

template <class Record>
bool insert(LIST_ENTRY& list, Record& record) {
    if (record.State != empty) return false;
    record.State = inserted;
    InsertTailList(&list, &record.Entry);
    return true;
}

template <class Record>
bool remove(Record& record) {
    if (record.State != inserted) return false;
    record.State = empty;
    RemoveEntryList(&record.Entry);
    return true;
}

// The next record that has not been called, marked; null when there is none.
template <class Record>
Record* next(LIST_ENTRY Lists::*list) {
    return lists.with([&](Lists& l) -> Record* {
        for (LIST_ENTRY* entry = (l.*list).Flink; entry != &(l.*list); entry = entry->Flink) {
            Record* const record = CONTAINING_RECORD(entry, Record, Entry);
            if (record->State != inserted) continue;
            record->State = started;
            return record;
        }
        return nullptr;
    });
}

void ask_for_dump_data(KBUGCHECK_REASON_CALLBACK_RECORD& record) {
    if (record.Reason != KbCallbackSecondaryDumpData) return;
    alignas(16) static char buffer[PAGE_SIZE];
    KBUGCHECK_SECONDARY_DUMP_DATA data = {};
    data.InBuffer = buffer;
    data.InBufferLength = sizeof buffer;
    data.MaximumAllowed = sizeof buffer;
    record.CallbackRoutine(record.Reason, &record, &data, sizeof data);
}

}  // namespace

void run_bug_check_callbacks() {
    while (auto* const record = next<KBUGCHECK_CALLBACK_RECORD>(&Lists::plain))
        record->CallbackRoutine(record->Buffer, record->Length);
    while (auto* const record = next<KBUGCHECK_REASON_CALLBACK_RECORD>(&Lists::with_reason))
        ask_for_dump_data(*record);
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keregisterbugcheckcallback
BOOLEAN NTAPI KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
                                         PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine, PVOID Buffer,
                                         ULONG Length, PUCHAR Component) {
    return ke::lists.with([&](ke::Lists& lists) {
        if (!ke::insert(lists.plain, *CallbackRecord)) return false;
        CallbackRecord->CallbackRoutine = CallbackRoutine;
        CallbackRecord->Buffer = Buffer;
        CallbackRecord->Length = Length;
        CallbackRecord->Component = Component;
        return true;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kederegisterbugcheckcallback
BOOLEAN NTAPI KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord) {
    return ke::lists.with([&](ke::Lists&) { return ke::remove(*CallbackRecord); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keregisterbugcheckreasoncallback
BOOLEAN NTAPI KeRegisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord,
                                               PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine,
                                               KBUGCHECK_CALLBACK_REASON Reason, PUCHAR Component) {
    return ke::lists.with([&](ke::Lists& lists) {
        if (!ke::insert(lists.with_reason, *CallbackRecord)) return false;
        CallbackRecord->CallbackRoutine = CallbackRoutine;
        CallbackRecord->Reason = Reason;
        CallbackRecord->Component = Component;
        return true;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kederegisterbugcheckreasoncallback
BOOLEAN NTAPI KeDeregisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord) {
    return ke::lists.with([&](ke::Lists&) { return ke::remove(*CallbackRecord); });
}

}  // extern "C"
