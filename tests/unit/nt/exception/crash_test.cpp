// Every way in which a driver ends its machine, with Windows' stop code and parameters.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/image/import_hooks.h"
#include "support/driver_images.h"

using namespace ndiskit;
using testing::ExitedWithCode;

namespace {

void run_entry(const char* driver) {
    test::with_drivers([&] { test::call_entry(test::load_driver(driver)); });
}
void run_export(const char* driver, const char* name) {
    test::with_drivers([&] {
        const nt::image::Image& image = test::load_driver(driver);
        nt::call_driver(test::exported<uint64_t>(image, name));
    });
}

struct Crash {
    const char* name;
    const char* driver;
    const char* function;  // an export, or null for DriverEntry
    const char* report;    // a regular expression that it matches
};

class CrashDeathTest : public testing::TestWithParam<Crash> {};

TEST_P(CrashDeathTest, IsReportedAsWindowsWould) {
    const auto body = [] {
        const auto& [name, driver, function, report] = GetParam();
        function ? run_export(driver, function) : run_entry(driver);
    };
    EXPECT_EXIT(body(), ExitedWithCode(3), GetParam().report);
}

constexpr Crash crashes[] = {
    {"NullReadIsAnUnhandledSystemThreadException", "crash_null", nullptr,
     "STOP: 0x0000007e SYSTEM_THREAD_EXCEPTION_NOT_HANDLED \\(0xffffffffc0000005, 0x5800[0-9a-f]*"},
    {"ReportNamesDriverFunctionFileAndLine", "crash_null", nullptr,
     "Driver: crash_null.sys\\+0x[0-9a-f]+  crash_null.sys!read_flags.*crash_null.cpp:9\\)"},
    {"ReportNamesIrqlProcessorAndThread", "crash_null", nullptr,
     "IRQL: 0 \\(PASSIVE_LEVEL\\)  processor: 0  thread: 0x[0-9a-f]+ system"},
    {"ReportHasTheStack", "crash_null", nullptr, "crash_null.sys!DriverEntry .*crash_null.cpp:14"},
    {"RaisedStatusNobodyHandles", "crash_raise", nullptr,
     "STOP: 0x0000007e SYSTEM_THREAD_EXCEPTION_NOT_HANDLED \\(0xffffffffc000009a, "},
    {"PageFaultAtDispatchAsksNoHandler", "crash_irql", nullptr,
     "STOP: 0x000000d1 DRIVER_IRQL_NOT_LESS_OR_EQUAL \\(0x10, 0x2, 0x1, 0x5800[0-9a-f]*\\)"},
    {"DisablingInterruptsIsNamed", "privileged", "DisableInterrupts",
     "0x0000001e KMODE_EXCEPTION_NOT_HANDLED \\(0xffffffffc0000096.*instruction `cli`"},
    {"ReadingAnMsrIsNamed", "privileged", "ReadMsr", "instruction `rdmsr`"},
    {"ReadingAPortIsNamed", "privileged", "InPort", "instruction `in`"},
    {"FastFailIsASecurityCheckFailure", "privileged", "FastFail",
     "0x00000139 KERNEL_SECURITY_CHECK_FAILURE \\(0x3, "},
    {"BreakpointWithoutDebugger", "privileged", "BreakPoint",
     "0x0000001e KMODE_EXCEPTION_NOT_HANDLED \\(0xffffffff80000003, "},
    {"CallThroughNullNamesTheCaller", "privileged", "CallNull",
     "0x0000007e .*0xffffffffc0000005, 0x0,.*privileged.sys!CallNull"},
    {"ExecutingDataIsItsOwnStop", "privileged", "ExecuteData",
     "0x000000fc ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY"},
    {"WritingAConstantIsItsOwnStop", "privileged", "WriteConstant",
     "0x000000be ATTEMPTED_WRITE_TO_READONLY_MEMORY"},
    {"SystemSpaceIsNotPageable", "privileged", "ReadSystemSpace",
     "0x00000050 PAGE_FAULT_IN_NONPAGED_AREA \\(0xffff800012345678, 0x0, 0x5800"},
    {"DriversMayBugCheck", "privileged", "StopIt",
     "STOP: 0x000000e2 MANUALLY_INITIATED_CRASH \\(0x1, 0x2, 0x3, 0x4\\).*privileged.sys!StopIt"},
    {"StackOverflowIsADoubleFault", "privileged", "OverflowStack",
     "STOP: 0x0000007f UNEXPECTED_KERNEL_MODE_TRAP \\(0x8, .*privileged.sys!.*overflow"},
};
INSTANTIATE_TEST_SUITE_P(Table, CrashDeathTest, testing::ValuesIn(crashes),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(CrashReportDeathTest, WorksOnAThread) {
    const auto body = [] {
        test::add_fixture_exports();
        test::on_live([&] {
            const nt::image::Image& image = test::load_driver("privileged");
            nt::Thread::start("overflows", [&] {
                nt::call_driver(test::exported<void>(image, "OverflowStack"));
            }).join();
        });
    };
    EXPECT_EXIT(body(), ExitedWithCode(3), "STOP: 0x0000007f UNEXPECTED_KERNEL_MODE_TRAP.*overflows");
}

TEST(CrashReportDeathTest, CallIntoAnUnloadedDriverNamesIt) {
    const auto body = [] {
        test::with_drivers([&] {
            nt::image::Image& image = test::load_driver("seh");
            const auto function = test::exported<uint64_t>(image, "ReadNull");
            nt::image::unload(image);
            nt::call_driver(function);
        });
    };
    EXPECT_EXIT(body(), ExitedWithCode(3),
                "0x000000ce DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS.*seh.sys was unloaded");
}

TEST(CrashReportDeathTest, IrqlRulesNameTheFunction) {
    const auto body = [](const char* name) {
        nt::image::add_observer(nt::image::irql_rules());
        run_export("crash_irql", name);
    };
    EXPECT_EXIT(
        body("WaitAtDispatch"), ExitedWithCode(3),
        "0x000000c4 DRIVER_VERIFIER_DETECTED_VIOLATION \\(0x3b, 0x2.*KeWaitForSingleObject at IRQL 2");
    EXPECT_EXIT(body("LeaveRaised"), ExitedWithCode(3),
                "0x000000c4 DRIVER_VERIFIER_DETECTED_VIOLATION \\(0x2001d, .*returned at IRQL 2");
}

TEST(CrashReportDeathTest, ReportAlsoAsJson) {
    const std::string file = testing::TempDir() + "/crash.json";
    std::filesystem::remove(file);
    const auto body = [&] {
        nt::exception::crash_options() = {.json_file = file, .seed = "17"};
        run_entry("crash_null");
    };
    EXPECT_EXIT(body(), ExitedWithCode(3), "seed: 17");
    const auto json = read_text_file(file);
    ASSERT_TRUE(json) << json.error().text();
    EXPECT_NE(json->find("\"stop\":\"0x7e\",\"name\":\"SYSTEM_THREAD_EXCEPTION_NOT_HANDLED\""),
              std::string::npos);
    EXPECT_NE(json->find("\"driver\":\"crash_null.sys\""), std::string::npos);
    EXPECT_NE(json->find("\"line\":9"), std::string::npos);
}

TEST(CrashReportDeathTest, CallbacksRunAfterTheReportAndMayFault) {
    const auto body = [] {
        test::with_drivers([] {
            static KBUGCHECK_CALLBACK_RECORD record = {};
            const auto callback = [](PVOID, ULONG length) __attribute__((ms_abi)) {
                fprintf(stderr, "callback with %u\n", length);
                nt::bug_check(0xE2);
            };
            KeRegisterBugCheckCallback(&record, callback, nullptr, 17, nullptr);
            test::call_entry(test::load_driver("crash_null"));
        });
    };
    EXPECT_EXIT(body(), ExitedWithCode(3), "Stack:.*callback with 17.*a bug check callback faulted");
}

TEST(StopCodes, AreNamed) {
    EXPECT_EQ(nt::exception::stop_code_name(0xD1), "DRIVER_IRQL_NOT_LESS_OR_EQUAL");
    EXPECT_EQ(nt::exception::stop_code_name(0x1E), "KMODE_EXCEPTION_NOT_HANDLED");
    EXPECT_EQ(nt::exception::stop_code_name(0x7C), "BUGCODE_NDIS_DRIVER");
    EXPECT_EQ(nt::exception::stop_code_name(0xFFFF), "");
}

}  // namespace
