// Services in the forms of NDIS 5 that NDIS still exports, and small ones beside: strings, times, generic objects, the
// event log.
#include <gtest/gtest.h>

#include <cstring>

#include "ndis/nbl/abi.h"
#include "nt/ke/irql.h"
#include "support/nt_machine.h"

extern "C" {
NDIS_STATUS NTAPI NdisAllocateMemory(PVOID*, UINT, UINT, NDIS_PHYSICAL_ADDRESS);
void NTAPI NdisGetSystemUpTime(PULONG);
NDIS_STATUS NTAPI NdisScheduleWorkItem(PNDIS_WORK_ITEM);
PSINGLE_LIST_ENTRY NTAPI NdisInterlockedPushEntryList(PSINGLE_LIST_ENTRY, PSINGLE_LIST_ENTRY, PNDIS_SPIN_LOCK);
PSINGLE_LIST_ENTRY NTAPI NdisInterlockedPopEntryList(PSINGLE_LIST_ENTRY, PNDIS_SPIN_LOCK);
}

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

void sleep_ms(LONGLONG ms) {
    LARGE_INTEGER time;
    time.QuadPart = -ms * 10'000;
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

TEST(OldForms, MemoryIsOrdinaryMemory) {
    on_sim([] {
        void* memory = nullptr;
        NDIS_PHYSICAL_ADDRESS highest;
        highest.QuadPart = -1;
        ASSERT_EQ(NdisAllocateMemory(&memory, 200, 0, highest), NDIS_STATUS_SUCCESS);
        std::memset(memory, 1, 200);
        NdisFreeMemory(memory, 200, 0);
    });
}

TEST(OldForms, AListIsPushedAndPoppedUnderItsLock) {
    on_sim([] {
        NDIS_SPIN_LOCK lock;
        NdisAllocateSpinLock(&lock);
        SINGLE_LIST_ENTRY head{}, first{}, second{};
        EXPECT_EQ(NdisInterlockedPushEntryList(&head, &first, &lock), nullptr);
        EXPECT_EQ(NdisInterlockedPushEntryList(&head, &second, &lock), &first);
        EXPECT_EQ(NdisInterlockedPopEntryList(&head, &lock), &second);
        EXPECT_EQ(NdisInterlockedPopEntryList(&head, &lock), &first);
        EXPECT_EQ(NdisInterlockedPopEntryList(&head, &lock), nullptr);
        NdisFreeSpinLock(&lock);
    });
}

struct Fired {
    int count = 0;
    void* context = nullptr;
};
Fired fired;
void NTAPI on_timer(PVOID, PVOID context, PVOID, PVOID) {
    EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
    fired.count++;
    fired.context = context;
}

TEST(OldForms, TimersFireOnceOrAgainAndAgain) {
    on_sim([] {
        NDIS_TIMER timer;
        int first = 0, second = 0;
        NdisInitializeTimer(&timer, on_timer, &first);
        NdisSetTimerEx(&timer, 10, &second);
        sleep_ms(30);
        EXPECT_EQ(fired.count, 1);
        EXPECT_EQ(fired.context, &second) << "the context of the setting";
        NdisSetPeriodicTimer(&timer, 10);
        sleep_ms(35);
        EXPECT_EQ(fired.count, 4);
        BOOLEAN cancelled = FALSE;
        NdisCancelTimer(&timer, &cancelled);
        EXPECT_TRUE(cancelled);
        sleep_ms(30);
        EXPECT_EQ(fired.count, 4);
    });
}

TEST(OldForms, TimersOfMiniportsAreThoseOfOthers) {
    on_sim([] {
        NDIS_MINIPORT_TIMER timer;
        int context = 0;
        NdisMInitializeTimer(&timer, nullptr, on_timer, &context);
        NdisMSetTimer(&timer, 10);
        sleep_ms(30);
        EXPECT_EQ(fired.count, 1);
        EXPECT_EQ(fired.context, &context);
        NdisMSetPeriodicTimer(&timer, 10);
        sleep_ms(35);
        EXPECT_EQ(fired.count, 4);
        BOOLEAN cancelled = FALSE;
        NdisMCancelTimer(&timer, &cancelled);
        EXPECT_TRUE(cancelled);
        NdisMCancelTimer(&timer, &cancelled);
        EXPECT_FALSE(cancelled);
    });
}

void NTAPI on_work(PNDIS_WORK_ITEM item, PVOID context) {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    EXPECT_NE(item, nullptr);
    NdisSetEvent(static_cast<PNDIS_EVENT>(context));
}

TEST(OldForms, AWorkItemRunsAtPassiveLevel) {
    on_sim([] {
        NDIS_EVENT done;
        NdisInitializeEvent(&done);
        NDIS_WORK_ITEM item;
        item.Context = &done;
        item.Routine = on_work;
        {
            const nt::AtDispatch at_dispatch;
            EXPECT_EQ(NdisScheduleWorkItem(&item), NDIS_STATUS_SUCCESS);
        }
        EXPECT_TRUE(NdisWaitEvent(&done, 0));
    });
}

TEST(OldForms, ALockTakenAtDispatchLevelLetsReadersIn) {
    on_sim([] {
        NDIS_RW_LOCK lock;
        NdisInitializeReadWriteLock(&lock);
        const nt::AtDispatch at_dispatch;
        LOCK_STATE first, second;
        NdisDprAcquireReadWriteLock(&lock, FALSE, &first);
        NdisDprAcquireReadWriteLock(&lock, FALSE, &second);
        NdisDprReleaseReadWriteLock(&lock, &second);
        NdisDprReleaseReadWriteLock(&lock, &first);
        NdisDprAcquireReadWriteLock(&lock, TRUE, &first);
        EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
        NdisDprReleaseReadWriteLock(&lock, &first);
        EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
    });
}

TEST(Times, CountFromTheStartAndFrom1601) {
    on_sim([] {
        LARGE_INTEGER up, later, now, then;
        ULONG old_up = 0;
        NdisGetSystemUpTimeEx(&up);
        NdisGetCurrentSystemTime(&now);
        sleep_ms(1'500);
        NdisGetSystemUpTimeEx(&later);
        NdisGetSystemUpTime(&old_up);
        NdisGetCurrentSystemTime(&then);
        EXPECT_GE(later.QuadPart - up.QuadPart, 1'500);
        EXPECT_LE(later.QuadPart - up.QuadPart, 1'520);
        EXPECT_NEAR(static_cast<double>(old_up), static_cast<double>(later.QuadPart), 20);
        EXPECT_GE(then.QuadPart - now.QuadPart, 15'000'000);
        EXPECT_GT(now.QuadPart, 116'444'736'000'000'000) << "1970";
    });
}

TEST(Strings, AnsiAndUnicodeAreConvertedIntoTheCallersBuffers) {
    on_sim([] {
        ANSI_STRING ansi;
        NdisInitAnsiString(&ansi, "Adapter");
        EXPECT_EQ(ansi.Length, 7);
        EXPECT_EQ(ansi.MaximumLength, 8);
        WCHAR wide[16];
        NDIS_STRING unicode{.Length = 0, .MaximumLength = sizeof(wide), .Buffer = wide};
        EXPECT_EQ(NdisAnsiStringToUnicodeString(&unicode, &ansi), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(std::u16string(wide, unicode.Length / 2), u"Adapter");
        char narrow[16];
        ANSI_STRING back{.Length = 0, .MaximumLength = sizeof(narrow), .Buffer = narrow};
        EXPECT_EQ(NdisUnicodeStringToAnsiString(&back, &unicode), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(std::string(narrow, back.Length), "Adapter");
        NDIS_STRING small{.Length = 0, .MaximumLength = 4, .Buffer = wide};
        EXPECT_NE(NdisAnsiStringToUnicodeString(&small, &ansi), NDIS_STATUS_SUCCESS);
    });
}

TEST(GenericObjects, StandInWhereNdisWantsAHandle) {
    on_sim([] {
        NDIS_GENERIC_OBJECT* object = NdisAllocateGenericObject(nullptr, 'tseT', sizeof(NDIS_GENERIC_OBJECT) + 40);
        ASSERT_NE(object, nullptr);
        NET_BUFFER_LIST_POOL_PARAMETERS parameters{};
        parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.PoolTag = 'tseT';
        const NDIS_HANDLE pool = NdisAllocateNetBufferListPool(object, &parameters);
        ASSERT_NE(pool, nullptr);
        PNET_BUFFER_LIST nbl = NdisAllocateNetBufferList(pool, 0, 0);
        EXPECT_NE(nbl, nullptr);
        NdisFreeNetBufferList(nbl);
        NdisFreeNetBufferListPool(pool);
        NdisFreeGenericObject(object);
    });
}

TEST(EventLog, ARecordHoldsNoMoreThanItsSize) {
    on_sim([] {
        char data[NDIS_MAX_EVENT_LOG_DATA_SIZE + 1] = {};
        const WCHAR* strings[] = {u"one", u"two"};  // 16 bytes with their ends
        const auto write = [&](USHORT count, ULONG size) {
            return NdisWriteEventLogEntry(nullptr, static_cast<NDIS_STATUS>(0xC0001234), 1, count, strings, size, data);
        };
        EXPECT_EQ(write(0, 0), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(write(0, NDIS_MAX_EVENT_LOG_DATA_SIZE), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(write(0, NDIS_MAX_EVENT_LOG_DATA_SIZE + 1), NDIS_STATUS_BUFFER_TOO_SHORT);
        EXPECT_EQ(write(2, NDIS_MAX_EVENT_LOG_DATA_SIZE - 16), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(write(2, NDIS_MAX_EVENT_LOG_DATA_SIZE - 15), NDIS_STATUS_BUFFER_TOO_SHORT);
    });
}

TEST(CancelIds, EachCallerHasABeginningOfItsOwn) {
    on_sim([] {
        const UCHAR first = NdisGeneratePartialCancelId();
        const UCHAR second = NdisGeneratePartialCancelId();
        EXPECT_NE(first, second);
        EXPECT_NE(first, 0);
    });
}

TEST(SharedData, IsAlignedToCacheLines) {
    on_sim([] {
        const ULONG alignment = NdisGetSharedDataAlignment();
        EXPECT_GE(alignment, 64u);
        EXPECT_EQ(alignment & (alignment - 1), 0u);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
