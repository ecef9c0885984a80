// Events, debug output, performance counters, silos: what drivers offer to tools that are not there.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "nt/abi.h"
#include "nt/ke/irql.h"
#include "nt/rtl/counter_sets.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;

bool same(const GUID& a, const GUID& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

TEST(Etw, AProviderIsNeverEnabledAndItsEventsGoNowhere) {
    test::on_sim([] {
        const GUID provider = {1, 2, 3, {4}};
        REGHANDLE handle = 0;
        EXPECT_EQ(EtwRegister(nullptr, nullptr, nullptr, &handle), STATUS_INVALID_PARAMETER);
        ASSERT_EQ(EtwRegister(&provider, nullptr, nullptr, &handle), STATUS_SUCCESS);
        EXPECT_NE(handle, 0u);
        EVENT_DESCRIPTOR event = {};
        EXPECT_FALSE(EtwProviderEnabled(handle, 5, ~0ull));
        EXPECT_FALSE(EtwEventEnabled(handle, &event));
        const KIRQL old = raise_irql(HIGH_LEVEL);
        EXPECT_EQ(EtwWrite(handle, &event, nullptr, 0, nullptr), STATUS_SUCCESS) << "at any IRQL";
        lower_irql(old);
        EXPECT_EQ(EtwWriteTransfer(handle, &event, &provider, &provider, 0, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(EtwWriteString(handle, 4, 1, nullptr, u"text"), STATUS_SUCCESS);
        const KernelExport<NTSTATUS(REGHANDLE, PCEVENT_DESCRIPTOR, ULONG64, ULONG, LPCGUID, LPCGUID, ULONG,
                                    PEVENT_DATA_DESCRIPTOR)>
            nt_EtwWriteEx{"EtwWriteEx"};
        EXPECT_EQ(nt_EtwWriteEx(handle, &event, 0, 0, nullptr, nullptr, 0, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(nt_EtwWriteEx(handle, &event, 0, 1, nullptr, nullptr, 0, nullptr),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(nt_EtwWriteEx(handle + 100, &event, 0, 0, nullptr, nullptr, 0, nullptr),
                  STATUS_INVALID_HANDLE);
        const KernelExport<NTSTATUS(REGHANDLE, ULONG, PVOID, ULONG)> nt_EtwSetInformation{
            "EtwSetInformation"};
        EXPECT_EQ(nt_EtwSetInformation(handle, 2, nullptr, 0), STATUS_SUCCESS);
        EXPECT_EQ(EtwUnregister(handle), STATUS_SUCCESS);
        EXPECT_EQ(EtwUnregister(0), STATUS_INVALID_HANDLE);
        EXPECT_EQ(EtwWrite(0, &event, nullptr, 0, nullptr), STATUS_INVALID_HANDLE);
    });
}

TEST(Etw, AThreadHasOneActivity) {
    test::on_sim([] {
        const KernelExport<NTSTATUS(ULONG, LPGUID)> nt_EtwActivityIdControl{"EtwActivityIdControl"};
        enum : ULONG { get = 1, set, create, get_set, create_set };
        const GUID none = {}, mine = {7, 8, 9, {10}}, other = {1, 1, 1, {1}};
        GUID id = mine, made[2];
        EXPECT_EQ(nt_EtwActivityIdControl(get, &id), STATUS_SUCCESS);
        EXPECT_TRUE(same(id, none));
        id = mine;
        EXPECT_EQ(nt_EtwActivityIdControl(set, &id), STATUS_SUCCESS);
        const KernelExport<LPCGUID()> nt_IoGetActivityIdThread{"IoGetActivityIdThread"};
        EXPECT_TRUE(same(*nt_IoGetActivityIdThread(), mine));
        id = other;
        EXPECT_EQ(nt_EtwActivityIdControl(get_set, &id), STATUS_SUCCESS);
        EXPECT_TRUE(same(id, mine)) << "the one before";
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        for (GUID& guid : made) EXPECT_EQ(nt_EtwActivityIdControl(create, &guid), STATUS_SUCCESS);
        lower_irql(old);
        EXPECT_FALSE(same(made[0], made[1]));
        EXPECT_EQ(nt_EtwActivityIdControl(create_set, &id), STATUS_SUCCESS);
        EXPECT_TRUE(same(id, other));
        EXPECT_EQ(nt_EtwActivityIdControl(get, &id), STATUS_SUCCESS);
        EXPECT_FALSE(same(id, other));
        EXPECT_EQ(nt_EtwActivityIdControl(6, &id), STATUS_INVALID_PARAMETER);
        KernelExport<void(LPCGUID)>{"IoClearActivityIdThread"}(nullptr);
    });
}

TEST(Wpp, NoSessionHasALogger) {
    test::on_sim([] {
        ULONG length = 0;
        TRACEHANDLE logger = 0;
        EXPECT_EQ(WmiQueryTraceInformation(static_cast<TRACE_INFORMATION_CLASS>(0), &logger, sizeof logger,
                                           &length, nullptr),
                  STATUS_NOT_FOUND);
        const GUID message = {};
        const KernelExport<NTSTATUS(TRACEHANDLE, ULONG, LPCGUID, USHORT, ...)> nt_WmiTraceMessage{
            "WmiTraceMessage"};
        EXPECT_EQ(nt_WmiTraceMessage(0, 0, &message, 1, static_cast<void*>(nullptr)), STATUS_SUCCESS);
    });
}

NTSTATUS NTAPI trace_message(ULONG flags, ...) {
    const KernelExport<NTSTATUS(TRACEHANDLE, ULONG, LPCGUID, USHORT, __builtin_ms_va_list)>
        nt_WmiTraceMessageVa{"WmiTraceMessageVa"};
    const GUID message = {};
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, flags);
    const NTSTATUS status = nt_WmiTraceMessageVa(0, flags, &message, 1, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

TEST(Wpp, AMessageWithAListOfArgumentsGoesNowhere) {
    test::on_sim([] {
        const ULONG value = 5;
        EXPECT_EQ(trace_message(0, &value, sizeof value, static_cast<void*>(nullptr)), STATUS_SUCCESS);
        EXPECT_EQ(value, 5u);
    });
}

struct Heard {
    std::string text;
    ULONG component, level;
};
std::vector<Heard> heard;

void NTAPI hear(PSTRING output, ULONG component, ULONG level) {
    heard.push_back({std::string(output->Buffer, output->Length), component, level});
}

TEST(DebugPrint, CallbacksHearWhatPassesTheFilters) {
    test::on_sim([] {
        constexpr ULONG network = 87;
        heard.clear();
        EXPECT_EQ(DbgSetDebugPrintCallback(nullptr, TRUE), STATUS_INVALID_PARAMETER);
        EXPECT_FALSE(NT_SUCCESS(DbgSetDebugPrintCallback(hear, FALSE))) << "it is not on";
        ASSERT_EQ(DbgSetDebugPrintCallback(hear, TRUE), STATUS_SUCCESS);
        DbgPrintEx(network, 0, "%s %d\n", "text", 1);
        DbgPrintEx(network, 3, "filtered\n");
        DbgPrint("plain");
        ASSERT_EQ(heard.size(), 2u);
        EXPECT_EQ(heard[0].text, "text 1\n");
        EXPECT_EQ(heard[0].component, network);
        EXPECT_EQ(heard[0].level, 0u);
        EXPECT_EQ(heard[1].text, "plain");
        EXPECT_EQ(DbgSetDebugPrintCallback(hear, FALSE), STATUS_SUCCESS);
        DbgPrint("unheard");
        EXPECT_EQ(heard.size(), 2u);
    });
}

TEST(DebugPrint, ComponentsFilterByLevel) {
    test::on_sim([] {
        constexpr ULONG network = 87;
        EXPECT_TRUE(DbgQueryDebugFilterState(network, 0)) << "errors pass";
        EXPECT_FALSE(DbgQueryDebugFilterState(network, 3));
        EXPECT_EQ(DbgSetDebugFilterState(network, 3, TRUE), STATUS_SUCCESS);
        EXPECT_TRUE(DbgQueryDebugFilterState(network, 3));
        EXPECT_EQ(DbgSetDebugFilterState(network, 3, FALSE), STATUS_SUCCESS);
        EXPECT_FALSE(DbgQueryDebugFilterState(network, 3));
        EXPECT_EQ(DbgSetDebugFilterState(100'000, 3, TRUE), STATUS_INVALID_PARAMETER_1);
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        EXPECT_EQ(DbgPrintEx(network, 0, "%s %d\n", "text", 1), ULONG{STATUS_SUCCESS});
        EXPECT_EQ(DbgPrintReturnControlC("%s", "text"), ULONG{STATUS_SUCCESS});
        lower_irql(old);
        const KernelExport<ULONG(PCCH, PCHAR, ULONG)> nt_DbgPrompt{"DbgPrompt"};
        char answer[4] = "abc";
        EXPECT_EQ(nt_DbgPrompt("Go on? ", answer, sizeof answer), 0u) << "nobody answers";
        EXPECT_STREQ(answer, "abc");
    });
}

TEST(CounterSets, RegistrationsAndInstancesAreChecked) {
    test::on_sim([] {
        UNICODE_STRING name = unicode_string(u"Frames"), none = {};
        PCW_COUNTER_DESCRIPTOR counters[] = {{0, 0, 0, 8}, {1, 0, 8, 4}};
        PCW_REGISTRATION_INFORMATION info = {0x100, &name, 2, counters, nullptr, nullptr, 0};
        PPCW_REGISTRATION registration = nullptr;
        info.Version = 0x300;
        EXPECT_EQ(PcwRegister(&registration, &info), STATUS_INVALID_PARAMETER_2);
        info = {0x100, &none, 2, counters, nullptr, nullptr, 0};
        EXPECT_EQ(PcwRegister(&registration, &info), STATUS_INVALID_PARAMETER_2);
        info = {0x200, &name, 2, counters, nullptr, nullptr, 0x80};
        EXPECT_EQ(PcwRegister(&registration, &info), STATUS_INVALID_PARAMETER_2);
        info.Flags = 0;
        ASSERT_EQ(PcwRegister(&registration, &info), STATUS_SUCCESS);
        uint64_t block[2] = {};
        PCW_DATA data = {block, 12};
        PPCW_INSTANCE first = nullptr, second = nullptr;
        EXPECT_EQ(PcwCreateInstance(&first, registration, &name, 1, &data), STATUS_SUCCESS);
        EXPECT_EQ(PcwCreateInstance(&second, registration, &name, 0, nullptr), STATUS_INVALID_PARAMETER_4);
        data.Size = 11;
        EXPECT_EQ(PcwCreateInstance(&second, registration, &name, 1, &data), STATUS_INVALID_BUFFER_SIZE);
        EXPECT_FALSE(NT_SUCCESS(PcwAddInstance(nullptr, &name, 1, 1, &data)));
        PcwCloseInstance(first);
        data.Size = 16;
        EXPECT_EQ(PcwCreateInstance(&second, registration, &name, 1, &data), STATUS_SUCCESS);
        PcwUnregister(registration);  // with its instance
    });
}

TEST(Silo, ThereIsTheHostAlone) {
    test::on_sim([] {
        const KernelExport<PVOID()> nt_PsGetHostSilo{"PsGetHostSilo"};
        const KernelExport<BOOLEAN(PVOID)> nt_PsIsHostSilo{"PsIsHostSilo"};
        const KernelExport<PVOID()> nt_PsGetCurrentServerSilo{"PsGetCurrentServerSilo"};
        const KernelExport<PVOID(PETHREAD)> nt_PsGetThreadServerSilo{"PsGetThreadServerSilo"};
        const KernelExport<PVOID(PVOID)> nt_PsGetParentSilo{"PsGetParentSilo"};
        const KernelExport<ULONG(PVOID)> nt_PsGetServerSiloActiveConsoleId{"PsGetServerSiloActiveConsoleId"};
        int other;
        EXPECT_TRUE(nt_PsIsHostSilo(nt_PsGetHostSilo()));
        EXPECT_FALSE(nt_PsIsHostSilo(&other));
        EXPECT_TRUE(nt_PsIsHostSilo(nt_PsGetCurrentServerSilo()));
        EXPECT_TRUE(
            nt_PsIsHostSilo(nt_PsGetThreadServerSilo(KernelExport<PETHREAD()>{"PsGetCurrentThread"}())));
        EXPECT_TRUE(nt_PsIsHostSilo(nt_PsGetParentSilo(nullptr)));
        EXPECT_EQ(nt_PsGetServerSiloActiveConsoleId(nt_PsGetHostSilo()), 0u);
    });
}

TEST(Etw, AnAttackOnAMendedFaultComesToTheEventLog) {
    const KernelExport<LONG(const UNICODE_STRING*, const UNICODE_STRING*)> nt_SeEtwWriteKMCveEvent{
        "SeEtwWriteKMCveEvent"};
    const UNICODE_STRING id = unicode_string(u"CVE-2015-0000"), details = unicode_string(u"in a test");
    testing::internal::CaptureStderr();
    EXPECT_EQ(nt_SeEtwWriteKMCveEvent(&id, &details), STATUS_SUCCESS);
    EXPECT_EQ(nt_SeEtwWriteKMCveEvent(&id, nullptr), STATUS_SUCCESS);
    EXPECT_EQ(nt_SeEtwWriteKMCveEvent(nullptr, &details), 87) << "the page gives an error code of programs";
    const std::string logged = testing::internal::GetCapturedStderr();
    EXPECT_NE(logged.find("CVE-2015-0000 in a test"), std::string::npos) << logged;
}

}  // namespace
}  // namespace ndiskit::nt
