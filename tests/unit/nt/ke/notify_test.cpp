// Notifications of processes, threads and images.
#include "nt/ke/notify.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nt/io/driver.h"
#include "nt/ke/api.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

struct News {
    HANDLE process, thread;
    BOOLEAN created;
    HANDLE teller;
};
std::vector<News> news;
std::vector<std::string> images;

void NTAPI on_thread(HANDLE process, HANDLE thread, BOOLEAN created) {
    news.push_back({process, thread, created, PsGetCurrentThreadId()});
}
void NTAPI on_process(HANDLE, HANDLE, BOOLEAN) {}
void NTAPI on_process_ex(PEPROCESS, HANDLE, PPS_CREATE_NOTIFY_INFO) {}
void NTAPI on_image(PUNICODE_STRING name, HANDLE process, PIMAGE_INFO information) {
    EXPECT_EQ(process, nullptr);
    EXPECT_TRUE(information->SystemModeImage);
    EXPECT_EQ(information->ImageSize, 4096u);
    images.push_back(to_utf8(view_of(name)));
}

void NTAPI nothing(PVOID) {}

HANDLE run_driver_thread() {
    HANDLE handle = nullptr;
    CLIENT_ID id = {};
    EXPECT_EQ(PsCreateSystemThread(&handle, 0, nullptr, nullptr, &id, nothing, nullptr), STATUS_SUCCESS);
    PVOID thread = nullptr;
    ObReferenceObjectByHandle(handle, 0, nullptr, KernelMode, &thread, nullptr);
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, nullptr);
    ObfDereferenceObject(thread);
    ZwClose(handle);
    return id.UniqueThread;
}

TEST(Notify, ThreadsAreToldOfOnTheirMakerAndOnThemselves) {
    on_sim([] {
        news.clear();
        ASSERT_EQ(PsSetCreateThreadNotifyRoutine(on_thread), STATUS_SUCCESS);
        const HANDLE thread = run_driver_thread();
        ASSERT_EQ(news.size(), 2u);
        EXPECT_TRUE(news[0].created);
        EXPECT_EQ(news[0].thread, thread);
        EXPECT_EQ(news[0].process, PsGetCurrentProcessId());
        EXPECT_EQ(news[0].teller, PsGetCurrentThreadId());
        EXPECT_FALSE(news[1].created);
        EXPECT_EQ(news[1].teller, thread);
        EXPECT_EQ(PsRemoveCreateThreadNotifyRoutine(on_thread), STATUS_SUCCESS);
        EXPECT_EQ(PsRemoveCreateThreadNotifyRoutine(on_thread), STATUS_PROCEDURE_NOT_FOUND);
        run_driver_thread();
        EXPECT_EQ(news.size(), 2u);
    });
}

TEST(Notify, SystemThreadsAreNoNewsToWhoWantsTheOthers) {
    on_sim([] {
        news.clear();
        constexpr ULONG non_system = 0, subsystems = 1;
        auto* const routine = reinterpret_cast<PVOID>(on_thread);
        ASSERT_EQ(PsSetCreateThreadNotifyRoutineEx(non_system, routine), STATUS_SUCCESS);
        run_driver_thread();
        EXPECT_EQ(news.size(), 0u);
        EXPECT_EQ(PsRemoveCreateThreadNotifyRoutine(on_thread), STATUS_SUCCESS);
        ASSERT_EQ(PsSetCreateThreadNotifyRoutineEx(subsystems, routine), STATUS_SUCCESS);
        run_driver_thread();
        EXPECT_EQ(news.size(), 2u);
        EXPECT_EQ(PsRemoveCreateThreadNotifyRoutine(on_thread), STATUS_SUCCESS);
        EXPECT_EQ(PsSetCreateThreadNotifyRoutineEx(2, routine), STATUS_INVALID_PARAMETER);
    });
}

TEST(Notify, AProcessRoutineIsRegisteredOnce) {
    on_sim([] {
        EXPECT_EQ(PsSetCreateProcessNotifyRoutine(on_process, TRUE), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutine(on_process, FALSE), STATUS_SUCCESS);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutine(on_process, FALSE), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutineEx(on_process_ex, FALSE), STATUS_SUCCESS);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutineEx(on_process_ex, TRUE), STATUS_SUCCESS);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutine(on_process, TRUE), STATUS_SUCCESS);
        auto* const routine = reinterpret_cast<PVOID>(on_process_ex);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutineEx2(1, routine, FALSE), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutineEx2(0, routine, FALSE), STATUS_SUCCESS);
        EXPECT_EQ(PsSetCreateProcessNotifyRoutineEx2(0, routine, TRUE), STATUS_SUCCESS);
    });
}

TEST(Notify, ImagesAreToldOf) {
    on_sim([] {
        images.clear();
        ASSERT_EQ(PsSetLoadImageNotifyRoutine(on_image), STATUS_SUCCESS);
        ke::notify_image_loaded("/drivers/mux.sys", nullptr, 4096);
        EXPECT_EQ(images, std::vector<std::string>{"/drivers/mux.sys"});
        EXPECT_EQ(PsRemoveLoadImageNotifyRoutine(on_image), STATUS_SUCCESS);
        EXPECT_EQ(PsRemoveLoadImageNotifyRoutine(on_image), STATUS_PROCEDURE_NOT_FOUND);
        EXPECT_EQ(PsSetLoadImageNotifyRoutineEx(on_image, 2), STATUS_INVALID_PARAMETER_2);
        EXPECT_EQ(PsSetLoadImageNotifyRoutineEx(on_image, 1), STATUS_SUCCESS);
        EXPECT_EQ(PsRemoveLoadImageNotifyRoutine(on_image), STATUS_SUCCESS);
    });
}

TEST(Notify, AThreadOfAnObjectKeepsIt) {
    on_sim([] {
        void* const device = object::create(object::event_type, sizeof(KEVENT));
        HANDLE handle = nullptr;
        ASSERT_EQ(IoCreateSystemThread(device, &handle, 0, nullptr, nullptr, nullptr, nothing, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(object::reference_count(device), 2);
        PVOID thread = nullptr;
        ObReferenceObjectByHandle(handle, 0, nullptr, KernelMode, &thread, nullptr);
        KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, nullptr);
        ObfDereferenceObject(thread);
        ZwClose(handle);
        // The thread itself lets go last.
        LARGE_INTEGER moment = {.QuadPart = -10'000};
        while (object::reference_count(device) > 1) KeDelayExecutionThread(KernelMode, FALSE, &moment);
        object::dereference(device);
    });
}

}  // namespace
}  // namespace ndiskit::nt
