#include "nt/object/object.h"

#include <gtest/gtest.h>

#include "nt/ke/thread.h"
#include "nt/object/name_space.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

extern "C" LONG_PTR NTAPI ObfReferenceObject(PVOID body);
extern "C" LONG_PTR NTAPI ObfDereferenceObject(PVOID body);

namespace ndiskit::nt {
namespace {

using test::on_sim;

struct Attributes : OBJECT_ATTRIBUTES {
    UNICODE_STRING name;
    explicit Attributes(std::u16string_view text, ULONG flags = OBJ_KERNEL_HANDLE)
        : name(unicode_string(text)) {
        InitializeObjectAttributes(this, &name, flags, nullptr, nullptr);
    }
};

TEST(Object, LivesAsLongAsItIsReferenced) {
    static int destroyed = 0;
    _OBJECT_TYPE type = {"Test", [](void* body) { ++destroyed, object::free_body(body); }, nullptr};
    void* body = object::create(type, 100);
    EXPECT_EQ(ObfReferenceObject(body), 2);
    HANDLE handle = object::open_handle(body, 1, true);
    EXPECT_EQ(ObfDereferenceObject(body), 2);
    EXPECT_EQ(ObfDereferenceObject(body), 1);
    EXPECT_EQ(destroyed, 0);
    EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
    EXPECT_EQ(destroyed, 1);
    EXPECT_EQ(ZwClose(handle), STATUS_INVALID_HANDLE);
}

TEST(Object, KernelHandlesAreNotForUserMode) {
    on_sim([] {
        HANDLE handle = nullptr;
        ASSERT_EQ(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, nullptr, NotificationEvent, FALSE),
                  STATUS_SUCCESS);
        EXPECT_TRUE(ObIsKernelHandle(handle));
        void* body = nullptr;
        EXPECT_EQ(ObReferenceObjectByHandle(handle, 0, nullptr, UserMode, &body, nullptr),
                  STATUS_INVALID_HANDLE);
        EXPECT_EQ(ObReferenceObjectByHandle(handle, 0, &object::file_type, KernelMode, &body, nullptr),
                  STATUS_OBJECT_TYPE_MISMATCH);
        ASSERT_EQ(ObReferenceObjectByHandle(handle, 0, &object::event_type, KernelMode, &body, nullptr),
                  STATUS_SUCCESS);
        LONG previous = 9;
        EXPECT_EQ(ZwSetEvent(handle, &previous), STATUS_SUCCESS);
        EXPECT_EQ(previous, 0);
        EXPECT_EQ(KeReadStateEvent(static_cast<PKEVENT>(body)), 1);
        ObfDereferenceObject(body);
        EXPECT_EQ(ObCloseHandle(handle, KernelMode), STATUS_SUCCESS);
    });
}

TEST(Object, AThreadIsAnObject) {
    on_sim([] {
        PKTHREAD self = ke::kthread(ke::current_thread());
        ObfReferenceObject(self);
        EXPECT_EQ(object::type_of(self), &object::thread_type);
        HANDLE handle = object::open_handle(self, 0);
        EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
        ObfDereferenceObject(self);
        EXPECT_EQ(object::type_of(self), nullptr);
    });
}

TEST(NameSpace, LinksAndAliases) {
    _OBJECT_TYPE type = {"Test", object::free_body, nullptr};
    void* body = object::create(type, 16);
    EXPECT_EQ(object::insert(u"\\Device\\Mux", body), STATUS_SUCCESS);
    EXPECT_EQ(object::insert(u"\\DEVICE\\mux", body), STATUS_OBJECT_NAME_COLLISION);
    EXPECT_EQ(object::insert(u"\\Nowhere\\Mux", body), STATUS_OBJECT_PATH_NOT_FOUND);
    EXPECT_EQ(object::insert(u"Device", body), STATUS_OBJECT_PATH_SYNTAX_BAD);
    EXPECT_EQ(object::create_link(u"\\DosDevices\\MuxLink", u"\\Device\\Mux"), STATUS_SUCCESS);
    EXPECT_EQ(object::create_link(u"\\??\\MuxLink", u"\\Device\\Mux"), STATUS_OBJECT_NAME_COLLISION);
    for (std::u16string_view path :
         {u"\\??\\muxlink", u"\\DosDevices\\MuxLink", u"\\GLOBAL??\\MuxLink", u"\\??\\Global\\MuxLink"}) {
        const object::Found found = object::lookup(path);
        EXPECT_EQ(found.body, body) << to_utf8(path);
        object::dereference(found.body);
    }
    EXPECT_EQ(object::lookup(u"\\Device\\None").status, STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQ(object::lookup(u"\\None\\None").status, STATUS_OBJECT_PATH_NOT_FOUND);
    EXPECT_EQ(object::list(u"\\Device"), std::vector<std::u16string>{u"\\Device\\Mux"});
    EXPECT_EQ(object::delete_link(u"\\Device\\Mux"), STATUS_OBJECT_TYPE_MISMATCH);
    EXPECT_EQ(object::delete_link(u"\\??\\MuxLink"), STATUS_SUCCESS);
    EXPECT_EQ(object::lookup(u"\\??\\MuxLink").status, STATUS_OBJECT_NAME_NOT_FOUND);
    object::dereference(body);
    EXPECT_EQ(object::lookup(u"\\Device\\Mux").status, STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(NameSpace, NamedEventsAreShared) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\BaseNamedObjects\\mux-ready");
        HANDLE first = nullptr, second = nullptr;
        PKEVENT one = IoCreateNotificationEvent(&name, &first);
        PKEVENT two = IoCreateSynchronizationEvent(&name, &second);
        ASSERT_TRUE(one);
        EXPECT_EQ(one, two);
        EXPECT_NE(first, second);
        ZwClose(first);
        EXPECT_EQ(KeReadStateEvent(two), 1);
        ZwClose(second);
        EXPECT_EQ(object::lookup(u"\\BaseNamedObjects\\mux-ready").status, STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

void NTAPI count_call(PVOID context, PVOID argument1, PVOID) {
    *static_cast<int*>(context) += static_cast<int>(reinterpret_cast<intptr_t>(argument1));
}

TEST(Callback, NotifiesWhoIsRegistered) {
    on_sim([] {
        Attributes attributes(u"\\Callback\\Mux");
        PCALLBACK_OBJECT callback = nullptr, again = nullptr;
        EXPECT_EQ(ExCreateCallback(&callback, &attributes, FALSE, TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
        ASSERT_EQ(ExCreateCallback(&callback, &attributes, TRUE, TRUE), STATUS_SUCCESS);
        ASSERT_EQ(ExCreateCallback(&again, &attributes, FALSE, FALSE), STATUS_SUCCESS);
        EXPECT_EQ(callback, again);
        int a = 0, b = 0;
        PVOID first = ExRegisterCallback(callback, count_call, &a);
        PVOID second = ExRegisterCallback(callback, count_call, &b);
        ASSERT_TRUE(first && second);
        ExNotifyCallback(callback, reinterpret_cast<PVOID>(5), nullptr);
        ExUnregisterCallback(first);
        ExNotifyCallback(callback, reinterpret_cast<PVOID>(1), nullptr);
        EXPECT_EQ(a, 5);
        EXPECT_EQ(b, 6);
        ExUnregisterCallback(second);
        ObfDereferenceObject(callback);
        ObfDereferenceObject(again);
        EXPECT_EQ(object::lookup(u"\\Callback\\Mux").status, STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

}  // namespace
}  // namespace ndiskit::nt
