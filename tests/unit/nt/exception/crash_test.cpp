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

TEST(CrashDeathTest, NullReadIsAnUnhandledSystemThreadException) {
    EXPECT_EXIT(
        run_entry("crash_null"), ExitedWithCode(3),
        "STOP: 0x0000007e SYSTEM_THREAD_EXCEPTION_NOT_HANDLED \\(0xffffffffc0000005, 0x5800[0-9a-f]*");
}
TEST(CrashDeathTest, ReportNamesDriverFunctionFileAndLine) {
    EXPECT_EXIT(run_entry("crash_null"), ExitedWithCode(3),
                "Driver: crash_null.sys\\+0x[0-9a-f]+  crash_null.sys!read_flags.*crash_null.cpp:9\\)");
    EXPECT_EXIT(run_entry("crash_null"), ExitedWithCode(3),
                "IRQL: 0 \\(PASSIVE_LEVEL\\)  processor: 0  thread: 0x[0-9a-f]+ system");
    EXPECT_EXIT(run_entry("crash_null"), ExitedWithCode(3), "crash_null.sys!DriverEntry .*crash_null.cpp:14");
}
TEST(CrashDeathTest, RaisedStatusNobodyHandles) {
    EXPECT_EXIT(run_entry("crash_raise"), ExitedWithCode(3),
                "STOP: 0x0000007e SYSTEM_THREAD_EXCEPTION_NOT_HANDLED \\(0xffffffffc000009a, ");
}
TEST(CrashDeathTest, PageFaultAtDispatchAsksNoHandler) {
    EXPECT_EXIT(run_entry("crash_irql"), ExitedWithCode(3),
                "STOP: 0x000000d1 DRIVER_IRQL_NOT_LESS_OR_EQUAL \\(0x10, 0x2, 0x1, 0x5800[0-9a-f]*\\)");
}
TEST(CrashDeathTest, PrivilegedInstructionIsNamed) {
    EXPECT_EXIT(run_export("privileged", "DisableInterrupts"), ExitedWithCode(3),
                "0x0000001e KMODE_EXCEPTION_NOT_HANDLED \\(0xffffffffc0000096.*instruction `cli`");
    EXPECT_EXIT(run_export("privileged", "ReadMsr"), ExitedWithCode(3), "instruction `rdmsr`");
    EXPECT_EXIT(run_export("privileged", "InPort"), ExitedWithCode(3), "instruction `in`");
}
TEST(CrashDeathTest, FastFailIsASecurityCheckFailure) {
    EXPECT_EXIT(run_export("privileged", "FastFail"), ExitedWithCode(3),
                "0x00000139 KERNEL_SECURITY_CHECK_FAILURE \\(0x3, ");
}
TEST(CrashDeathTest, BreakpointWithoutDebugger) {
    EXPECT_EXIT(run_export("privileged", "BreakPoint"), ExitedWithCode(3),
                "0x0000001e KMODE_EXCEPTION_NOT_HANDLED \\(0xffffffff80000003, ");
}
TEST(CrashDeathTest, CallThroughNullNamesTheCaller) {
    EXPECT_EXIT(run_export("privileged", "CallNull"), ExitedWithCode(3),
                "0x0000007e .*0xffffffffc0000005, 0x0,.*privileged.sys!CallNull");
}
TEST(CrashDeathTest, ExecutingDataIsItsOwnStop) {
    EXPECT_EXIT(run_export("privileged", "ExecuteData"), ExitedWithCode(3),
                "0x000000fc ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY");
}
TEST(CrashDeathTest, WritingAConstantIsItsOwnStop) {
    EXPECT_EXIT(run_export("privileged", "WriteConstant"), ExitedWithCode(3),
                "0x000000be ATTEMPTED_WRITE_TO_READONLY_MEMORY");
}
TEST(CrashDeathTest, SystemSpaceIsNotPageable) {
    EXPECT_EXIT(run_export("privileged", "ReadSystemSpace"), ExitedWithCode(3),
                "0x00000050 PAGE_FAULT_IN_NONPAGED_AREA \\(0xffff800012345678, 0x0, 0x5800");
}
TEST(CrashDeathTest, DriversMayBugCheck) {
    EXPECT_EXIT(run_export("privileged", "StopIt"), ExitedWithCode(3),
                "STOP: 0x000000e2 MANUALLY_INITIATED_CRASH \\(0x1, 0x2, 0x3, 0x4\\).*privileged.sys!StopIt");
}
TEST(CrashDeathTest, StackOverflowIsADoubleFault) {
    EXPECT_EXIT(run_export("privileged", "OverflowStack"), ExitedWithCode(3),
                "STOP: 0x0000007f UNEXPECTED_KERNEL_MODE_TRAP \\(0x8, .*privileged.sys!.*overflow");
}
TEST(CrashDeathTest, WorksOnAThread) {
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

TEST(CrashDeathTest, CallIntoAnUnloadedDriverNamesIt) {
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

TEST(CrashDeathTest, IrqlRulesNameTheFunction) {
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

TEST(CrashDeathTest, ReportAlsoAsJson) {
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

TEST(CrashDeathTest, CallbacksRunAfterTheReportAndMayFault) {
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
