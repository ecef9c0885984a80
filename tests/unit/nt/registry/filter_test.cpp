// Registry callbacks: what they are shown and in which order, what they may change, what they keep with keys.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "nt/abi.h"
#include "nt/abi/registry_filter.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

const test::KernelExport<LONG(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, ULONG, PULONG)>
    nt_ZwQuerySecurityObject{"ZwQuerySecurityObject"};
const test::KernelExport<LONG(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR)> nt_ZwSetSecurityObject{
    "ZwSetSecurityObject"};

constexpr std::u16string_view path = u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\mux";

// A callback that notes what it is shown.
struct Watcher {
    LARGE_INTEGER cookie{};
    std::vector<REG_NOTIFY_CLASS> seen;
    std::vector<std::string>* order = nullptr;  // common to several
    std::string name;
    std::function<NTSTATUS(REG_NOTIFY_CLASS, void*)> act;

    explicit Watcher(std::u16string_view altitude = u"100") {
        UNICODE_STRING text = unicode_string(altitude);
        EXPECT_EQ(CmRegisterCallbackEx(notified, &text, nullptr, this, &cookie, nullptr), STATUS_SUCCESS);
    }
    ~Watcher() { stop(); }
    void stop() {
        if (cookie.QuadPart) EXPECT_EQ(CmUnRegisterCallback(cookie), STATUS_SUCCESS);
        cookie.QuadPart = 0;
    }
    static NTSTATUS NTAPI notified(PVOID self, PVOID what, PVOID information) {
        auto& watcher = *static_cast<Watcher*>(self);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        const auto notice = static_cast<REG_NOTIFY_CLASS>(reinterpret_cast<uintptr_t>(what));
        watcher.seen.push_back(notice);
        if (watcher.order) watcher.order->push_back(watcher.name + std::to_string(notice));
        return watcher.act ? watcher.act(notice, information) : STATUS_SUCCESS;
    }
};

NTSTATUS create(std::u16string_view name, HANDLE* handle, HANDLE root = nullptr) {
    UNICODE_STRING text = unicode_string(name);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &text, OBJ_KERNEL_HANDLE, root, nullptr);
    *handle = nullptr;
    return ZwCreateKey(handle, KEY_ALL_ACCESS, &attributes, 0, nullptr, 0, nullptr);
}

NTSTATUS set(HANDLE key, std::u16string_view name, ULONG value) {
    UNICODE_STRING text = unicode_string(name);
    return ZwSetValueKey(key, &text, 0, REG_DWORD, &value, sizeof value);
}

TEST(RegistryFilter, EachOperationIsShownBeforeAndAfter) {
    test::on_sim([] {
        HANDLE parent = nullptr;
        registry::create_key("HKLM\\System\\CurrentControlSet\\Services");
        ASSERT_EQ(create(path, &parent), STATUS_SUCCESS);
        Watcher watcher;
        std::u16string complete, remaining;
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what == RegNtPreCreateKeyEx) {
                const auto& info = *static_cast<PREG_CREATE_KEY_INFORMATION_V1>(information);
                EXPECT_EQ(info.Version, 1u);
                EXPECT_EQ(info.DesiredAccess, ACCESS_MASK{KEY_ALL_ACCESS});
                complete = view_of(*info.CompleteName);
                remaining = view_of(*info.RemainingName);
            }
            if (what == RegNtPreSetValueKey) {
                const auto& info = *static_cast<PREG_SET_VALUE_KEY_INFORMATION>(information);
                EXPECT_EQ(view_of(*info.ValueName), u"Start");
                EXPECT_EQ(info.Type, ULONG{REG_DWORD});
                EXPECT_EQ(*static_cast<ULONG*>(info.Data), 3u);
            }
            return STATUS_SUCCESS;
        };
        HANDLE key = nullptr;
        ASSERT_EQ(create(u"Linkage", &key, parent), STATUS_SUCCESS);
        EXPECT_EQ(complete, u"Linkage");
        EXPECT_EQ(set(key, u"Start", 3), STATUS_SUCCESS);
        UNICODE_STRING name = unicode_string(u"Start");
        char buffer[128];
        ULONG needed;
        ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, sizeof buffer, &needed);
        ZwEnumerateValueKey(key, 0, KeyValuePartialInformation, buffer, sizeof buffer, &needed);
        ZwQueryKey(key, KeyBasicInformation, buffer, sizeof buffer, &needed);
        ZwEnumerateKey(key, 0, KeyBasicInformation, buffer, sizeof buffer, &needed);
        ZwDeleteValueKey(key, &name);
        ZwFlushKey(key);
        ZwDeleteKey(key);
        ZwClose(key);
        const std::vector<REG_NOTIFY_CLASS> all = {
            RegNtPreCreateKeyEx,       RegNtPostCreateKeyEx,       RegNtPreSetValueKey,
            RegNtPostSetValueKey,      RegNtPreQueryValueKey,      RegNtPostQueryValueKey,
            RegNtPreEnumerateValueKey, RegNtPostEnumerateValueKey, RegNtPreQueryKey,
            RegNtPostQueryKey,         RegNtPreEnumerateKey,       RegNtPostEnumerateKey,
            RegNtPreDeleteValueKey,    RegNtPostDeleteValueKey,    RegNtPreFlushKey,
            RegNtPostFlushKey,         RegNtPreDeleteKey,          RegNtPostDeleteKey,
            RegNtPreKeyHandleClose,    RegNtPostKeyHandleClose};
        EXPECT_EQ(watcher.seen, all);
        watcher.seen.clear();
        ASSERT_EQ(create(path, &key), STATUS_SUCCESS);
        EXPECT_EQ(remaining, path.substr(10)) << "relative to \\Registry";
        ZwClose(key);
        watcher.stop();
        watcher.seen.clear();
        EXPECT_EQ(set(parent, u"a", 1), STATUS_SUCCESS);
        EXPECT_TRUE(watcher.seen.empty()) << "unregistered";
        ZwClose(parent);
        EXPECT_EQ(CmUnRegisterCallback({.QuadPart = 99}), STATUS_INVALID_PARAMETER);
    });
}

// What one access by path comes to: the key opened, the operation, the key closed.
std::vector<REG_NOTIFY_CLASS> within(bool create, std::vector<REG_NOTIFY_CLASS> operations) {
    std::vector<REG_NOTIFY_CLASS> all = {create ? RegNtPreCreateKeyEx : RegNtPreOpenKeyEx,
                                         create ? RegNtPostCreateKeyEx : RegNtPostOpenKeyEx};
    all.insert(all.end(), operations.begin(), operations.end());
    all.insert(all.end(), {RegNtPreKeyHandleClose, RegNtPostKeyHandleClose});
    return all;
}

TEST(RegistryFilter, AccessesByPathAreShown) {
    test::on_sim([] {
        registry::create_key("HKLM\\System\\CurrentControlSet\\Services");
        Watcher watcher;
        const auto shown = [&] { return std::exchange(watcher.seen, {}); };
        auto* const mux = const_cast<PWSTR>(u"mux");
        ULONG number = 5, found = 0;
        EXPECT_EQ(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, mux), STATUS_SUCCESS);
        EXPECT_EQ(shown(), within(true, {}));
        EXPECT_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, mux), STATUS_SUCCESS);
        EXPECT_EQ(shown(), within(false, {}));
        EXPECT_EQ(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, mux, u"N", REG_DWORD, &number, sizeof number),
                  STATUS_SUCCESS);
        EXPECT_EQ(shown(), within(true, {RegNtPreSetValueKey, RegNtPostSetValueKey}));
        RTL_QUERY_REGISTRY_TABLE table[] = {
            {nullptr, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK | RTL_QUERY_REGISTRY_DELETE,
             const_cast<PWSTR>(u"N"), &found, REG_DWORD << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT, nullptr, 0},
            {}};
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, mux, table, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(found, 5u);
        EXPECT_EQ(shown(), within(false, {RegNtPreQueryValueKey, RegNtPostQueryValueKey,
                                          RegNtPreDeleteValueKey, RegNtPostDeleteValueKey}));
        EXPECT_EQ(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, mux, u"N"), STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(shown(), within(false, {RegNtPreDeleteValueKey, RegNtPostDeleteValueKey}));
        // And may be blocked, as any other.
        watcher.act = [&](REG_NOTIFY_CLASS what, void*) -> NTSTATUS {
            return what == RegNtPreSetValueKey || what == RegNtPreQueryValueKey ? STATUS_ACCESS_DENIED
                                                                                : STATUS_SUCCESS;
        };
        EXPECT_EQ(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, mux, u"N", REG_DWORD, &number, sizeof number),
                  STATUS_ACCESS_DENIED);
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, mux, table, nullptr, nullptr),
                  STATUS_ACCESS_DENIED);
        EXPECT_FALSE(registry::get("HKLM\\System\\CurrentControlSet\\Services\\mux", "N"));
    });
}

TEST(RegistryFilter, TheSecurityOfKeysIsShown) {
    test::on_sim([] {
        HANDLE key = nullptr;
        ASSERT_EQ(create(u"\\Registry\\Machine\\Software\\Guarded", &key), STATUS_SUCCESS);
        Watcher watcher;
        bool hide = false;
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what == RegNtPreQueryKeySecurity) {
                const auto& info = *static_cast<PREG_QUERY_KEY_SECURITY_INFORMATION>(information);
                EXPECT_EQ(*info.SecurityInformation, SECURITY_INFORMATION{OWNER_SECURITY_INFORMATION});
                EXPECT_NE(info.Length, nullptr);
            }
            if (what == RegNtPreSetKeySecurity) {
                const auto& info = *static_cast<PREG_SET_KEY_SECURITY_INFORMATION>(information);
                EXPECT_EQ(*info.SecurityInformation, SECURITY_INFORMATION{OWNER_SECURITY_INFORMATION});
                EXPECT_NE(info.SecurityDescriptor, nullptr);
                if (hide) return STATUS_ACCESS_DENIED;
            }
            return STATUS_SUCCESS;
        };
        alignas(8) char descriptor[256];
        ULONG needed = 0;
        EXPECT_EQ(nt_ZwQuerySecurityObject(key, OWNER_SECURITY_INFORMATION, descriptor, 0, &needed),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(
            nt_ZwQuerySecurityObject(key, OWNER_SECURITY_INFORMATION, descriptor, sizeof descriptor, &needed),
            STATUS_SUCCESS);
        EXPECT_EQ(nt_ZwSetSecurityObject(key, OWNER_SECURITY_INFORMATION, descriptor), STATUS_SUCCESS);
        hide = true;
        EXPECT_EQ(nt_ZwSetSecurityObject(key, OWNER_SECURITY_INFORMATION, descriptor), STATUS_ACCESS_DENIED);
        EXPECT_EQ(watcher.seen,
                  (std::vector{RegNtPreQueryKeySecurity, RegNtPostQueryKeySecurity, RegNtPreQueryKeySecurity,
                               RegNtPostQueryKeySecurity, RegNtPreSetKeySecurity, RegNtPostSetKeySecurity,
                               RegNtPreSetKeySecurity}));
        ZwClose(key);
    });
}

TEST(RegistryFilter, TheNameOfAKeyIsShown) {
    test::on_sim([] {
        HANDLE key = nullptr;
        ASSERT_EQ(create(u"\\Registry\\Machine\\Software\\Named", &key), STATUS_SUCCESS);
        PVOID object = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(key, 0, nullptr, KernelMode, &object, nullptr), STATUS_SUCCESS);
        Watcher watcher;
        alignas(8) char buffer[256];
        auto* const name = reinterpret_cast<POBJECT_NAME_INFORMATION>(buffer);
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what == RegNtPreQueryKeyName) {
                const auto& info = *static_cast<PREG_QUERY_KEY_NAME>(information);
                EXPECT_EQ(info.Object, object);
                EXPECT_EQ(info.ObjectNameInfo, name);
                EXPECT_EQ(info.Length, sizeof buffer);
            }
            return STATUS_SUCCESS;
        };
        ULONG needed = 0;
        EXPECT_EQ(ObQueryNameString(object, name, sizeof buffer, &needed), STATUS_SUCCESS);
        EXPECT_EQ(view_of(name->Name), u"\\Registry\\Machine\\Software\\Named");
        EXPECT_EQ(watcher.seen, (std::vector{RegNtPreQueryKeyName, RegNtPostQueryKeyName}));
        watcher.stop();
        ZwDeleteKey(key);
        EXPECT_EQ(ObQueryNameString(object, name, sizeof buffer, &needed), STATUS_KEY_DELETED);
        ObfDereferenceObject(object);
        ZwClose(key);
    });
}

TEST(RegistryFilter, ACallbackMayBlockAnOperationOrDoItItself) {
    test::on_sim([] {
        HANDLE key = nullptr;
        ASSERT_EQ(create(path, &key), STATUS_SUCCESS);
        Watcher watcher;
        NTSTATUS answer = STATUS_ACCESS_DENIED;
        watcher.act = [&](REG_NOTIFY_CLASS what, void*) -> NTSTATUS {
            return what == RegNtPreSetValueKey ? answer : STATUS_SUCCESS;
        };
        EXPECT_EQ(set(key, u"Start", 3), STATUS_ACCESS_DENIED);
        answer = STATUS_CALLBACK_BYPASS;
        EXPECT_EQ(set(key, u"Start", 3), STATUS_SUCCESS);
        EXPECT_EQ(watcher.seen, (std::vector{RegNtPreSetValueKey, RegNtPreSetValueKey})) << "no post";
        EXPECT_FALSE(registry::get("HKLM\\System\\CurrentControlSet\\Services\\mux", "Start"));
        // Another status for an operation that was done; and a key of its own for one that was not.
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what != RegNtPostSetValueKey) return STATUS_SUCCESS;
            auto& after = *static_cast<PREG_POST_OPERATION_INFORMATION>(information);
            EXPECT_EQ(after.Status, STATUS_SUCCESS);
            after.ReturnStatus = STATUS_UNSUCCESSFUL;
            return STATUS_CALLBACK_BYPASS;
        };
        EXPECT_EQ(set(key, u"Start", 3), STATUS_UNSUCCESSFUL);
        EXPECT_TRUE(registry::get("HKLM\\System\\CurrentControlSet\\Services\\mux", "Start"));
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what != RegNtPreCreateKeyEx) return STATUS_SUCCESS;
            auto& before = *static_cast<PREG_CREATE_KEY_INFORMATION_V1>(information);
            ObReferenceObjectByHandle(key, 0, nullptr, KernelMode, before.ResultObject, nullptr);
            *before.Disposition = REG_OPENED_EXISTING_KEY;
            before.GrantedAccess = KEY_READ;
            return STATUS_CALLBACK_BYPASS;
        };
        HANDLE other = nullptr;
        ASSERT_EQ(create(u"\\Registry\\Machine\\Elsewhere", &other), STATUS_SUCCESS);
        watcher.stop();
        EXPECT_EQ(set(other, u"Through", 1), STATUS_SUCCESS);
        EXPECT_TRUE(registry::get("HKLM\\System\\CurrentControlSet\\Services\\mux", "Through"));
        EXPECT_FALSE(registry::key_exists("HKLM\\Elsewhere"));
        ZwClose(other);
        ZwClose(key);
    });
}

TEST(RegistryFilter, ASuccessTurnedIntoAFailureGivesNoHandle) {
    test::on_sim([] {
        Watcher watcher;
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what != RegNtPostCreateKeyEx) return STATUS_SUCCESS;
            auto& after = *static_cast<PREG_POST_OPERATION_INFORMATION>(information);
            auto& before = *static_cast<PREG_CREATE_KEY_INFORMATION_V1>(after.PreInformation);
            EXPECT_EQ(after.Object, *before.ResultObject);
            ObfDereferenceObject(after.Object);
            after.Object = *before.ResultObject = nullptr;
            after.ReturnStatus = STATUS_ACCESS_DENIED;
            return STATUS_CALLBACK_BYPASS;
        };
        const size_t handles = object::open_handles();
        HANDLE key = nullptr;
        EXPECT_EQ(create(path, &key), STATUS_ACCESS_DENIED);
        EXPECT_EQ(key, nullptr);
        EXPECT_EQ(object::open_handles(), handles);
    });
}

TEST(RegistryFilter, AltitudesAreTheOrderAndOneHasOneCallback) {
    test::on_sim([] {
        std::vector<std::string> order;
        Watcher low(u"40000"), middle(u"135000.5"), high(u"360000");
        LARGE_INTEGER cookie;
        UNICODE_STRING taken = unicode_string(u"0135000.50");
        EXPECT_EQ(CmRegisterCallbackEx(Watcher::notified, &taken, nullptr, &low, &cookie, nullptr),
                  STATUS_FLT_INSTANCE_ALTITUDE_COLLISION);
        for (auto [watcher, name] : {std::pair{&low, "low "}, {&middle, "middle "}, {&high, "high "}}) {
            watcher->order = &order;
            watcher->name = name;
        }
        Watcher old(u"1");
        old.stop();
        EXPECT_EQ(CmRegisterCallback(Watcher::notified, &old, &old.cookie), STATUS_SUCCESS);
        old.order = &order;
        old.name = "old ";
        HANDLE key = nullptr;
        ASSERT_EQ(create(path, &key), STATUS_SUCCESS);
        order.clear();
        // Only the lower ones hear of what a callback does itself.
        middle.act = [&](REG_NOTIFY_CLASS what, void*) -> NTSTATUS {
            return what == RegNtPreSetValueKey ? set(key, u"inner", 2) : STATUS_SUCCESS;
        };
        EXPECT_EQ(set(key, u"outer", 1), STATUS_SUCCESS);
        EXPECT_EQ(order, (std::vector<std::string>{"old 1", "high 1", "middle 1", "low 1", "low 16", "low 1",
                                                   "low 16", "middle 16", "high 16", "old 16"}));
        // The middle one says no: the lower one hears nothing, the higher ones that it failed.
        order.clear();
        middle.act = [&](REG_NOTIFY_CLASS, void*) -> NTSTATUS { return STATUS_ACCESS_DENIED; };
        high.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what == RegNtPostSetValueKey)
                EXPECT_EQ(static_cast<PREG_POST_OPERATION_INFORMATION>(information)->Status,
                          STATUS_ACCESS_DENIED);
            return STATUS_SUCCESS;
        };
        EXPECT_EQ(set(key, u"outer", 1), STATUS_ACCESS_DENIED);
        EXPECT_EQ(order, (std::vector<std::string>{"old 1", "high 1", "middle 1", "high 16", "old 16"}));
        middle.act = nullptr;
        ZwClose(key);
    });
}

TEST(RegistryFilter, ContextsGoWithTheKeyObjectAndWithTheCallback) {
    test::on_sim([] {
        Watcher watcher;
        int first = 1, second = 2, call = 3;
        PVOID object = nullptr, cleaned = nullptr, shown = nullptr;
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            auto& after = *static_cast<PREG_POST_OPERATION_INFORMATION>(information);
            if (what == RegNtPostCreateKeyEx) {
                object = after.Object;
                PVOID old = &old;
                EXPECT_EQ(CmSetCallbackObjectContext(object, &watcher.cookie, &first, &old), STATUS_SUCCESS);
                EXPECT_EQ(old, nullptr);
                EXPECT_EQ(CmSetCallbackObjectContext(object, &watcher.cookie, &second, &old), STATUS_SUCCESS);
                EXPECT_EQ(old, &first);
            }
            if (what == RegNtPreSetValueKey) {
                auto& before = *static_cast<PREG_SET_VALUE_KEY_INFORMATION>(information);
                shown = before.ObjectContext;
                before.CallContext = &call;
                EXPECT_EQ(CmGetBoundTransaction(&watcher.cookie, before.Object), nullptr);
            }
            if (what == RegNtPostSetValueKey) {
                EXPECT_EQ(after.CallContext, &call);
                EXPECT_EQ(after.ObjectContext, &second);
            }
            if (what == RegNtPreKeyHandleClose)
                EXPECT_EQ(CmCallbackGetKeyObjectIDEx(&watcher.cookie, object, nullptr, nullptr, 0),
                          STATUS_SUCCESS);
            if (what == RegNtCallbackObjectContextCleanup) {
                auto& gone = *static_cast<PREG_CALLBACK_CONTEXT_CLEANUP_INFORMATION>(information);
                EXPECT_EQ(gone.Object, object);
                cleaned = gone.ObjectContext;
            }
            return STATUS_SUCCESS;
        };
        HANDLE key = nullptr;
        ASSERT_EQ(create(path, &key), STATUS_SUCCESS);
        EXPECT_EQ(set(key, u"x", 1), STATUS_SUCCESS);
        EXPECT_EQ(shown, &second);
        EXPECT_EQ(cleaned, nullptr);
        ZwClose(key);
        EXPECT_EQ(cleaned, &second);
        EXPECT_EQ(watcher.seen.back(), RegNtPostKeyHandleClose);
        ASSERT_EQ(create(path, &key), STATUS_SUCCESS);
        cleaned = nullptr;
        LARGE_INTEGER none = {.QuadPart = 77};
        EXPECT_EQ(CmSetCallbackObjectContext(object, &none, &first, nullptr), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(CmSetCallbackObjectContext(&first, &watcher.cookie, &first, nullptr),
                  STATUS_INVALID_PARAMETER);
        watcher.stop();
        EXPECT_EQ(cleaned, &second) << "unregistering ends the contexts too";
        ZwClose(key);
    });
}

TEST(RegistryFilter, KeysHaveIdentifiersAndNames) {
    test::on_sim([] {
        Watcher watcher;
        std::vector<PVOID> objects;
        watcher.act = [&](REG_NOTIFY_CLASS what, void* information) -> NTSTATUS {
            if (what == RegNtPostCreateKeyEx)
                objects.push_back(static_cast<PREG_POST_OPERATION_INFORMATION>(information)->Object);
            return STATUS_SUCCESS;
        };
        HANDLE a = nullptr, b = nullptr, c = nullptr;
        ASSERT_EQ(create(path, &a), STATUS_SUCCESS);
        ASSERT_EQ(create(path, &b), STATUS_SUCCESS);
        ASSERT_EQ(create(u"Sub", &c, a), STATUS_SUCCESS);
        ULONG_PTR ids[3] = {};
        PCUNICODE_STRING name = nullptr, again = nullptr;
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(CmCallbackGetKeyObjectID(&watcher.cookie, objects[i], &ids[i], nullptr),
                      STATUS_SUCCESS);
        EXPECT_EQ(ids[0], ids[1]);
        EXPECT_NE(ids[0], ids[2]);
        EXPECT_EQ(CmCallbackGetKeyObjectID(&watcher.cookie, objects[2], nullptr, &name), STATUS_SUCCESS);
        EXPECT_EQ(CmCallbackGetKeyObjectID(&watcher.cookie, objects[2], nullptr, &again), STATUS_SUCCESS);
        EXPECT_EQ(name, again);
        EXPECT_EQ(view_of(*name), u"\\Registry\\Machine\\System\\ControlSet001\\Services\\mux\\Sub");
        EXPECT_EQ(CmCallbackGetKeyObjectIDEx(&watcher.cookie, objects[2], nullptr, &again, 0),
                  STATUS_SUCCESS);
        EXPECT_EQ(view_of(*again), view_of(*name));
        CmCallbackReleaseKeyObjectIDEx(again);
        EXPECT_EQ(CmCallbackGetKeyObjectIDEx(&watcher.cookie, objects[2], nullptr, &again, 1),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(CmCallbackGetKeyObjectID(&watcher.cookie, &ids, nullptr, &again), STATUS_INVALID_PARAMETER);
        ULONG major = 0, minor = 0;
        CmGetCallbackVersion(&major, &minor);
        EXPECT_EQ(major, 1u);
        EXPECT_EQ(minor, 1u);
        for (HANDLE handle : {a, b, c}) ZwClose(handle);
    });
}

TEST(RegistryFilter, UnregisteringWaitsForOperationsUnderWay) {
    test::on_seeds(20, [] {
        HANDLE key = nullptr;
        ASSERT_EQ(create(path, &key), STATUS_SUCCESS);
        Watcher watcher;
        std::atomic<bool> inside = false, gone = false;
        watcher.act = [&](REG_NOTIFY_CLASS, void*) -> NTSTATUS {
            inside = true;
            LARGE_INTEGER time{.QuadPart = -10'000};
            KeDelayExecutionThread(KernelMode, FALSE, &time);
            EXPECT_FALSE(gone);
            return STATUS_SUCCESS;
        };
        auto thread = Thread::start("writer", [&] { set(key, u"x", 1); });
        while (!inside) {
            LARGE_INTEGER time{.QuadPart = -1'000};
            KeDelayExecutionThread(KernelMode, FALSE, &time);
        }
        watcher.stop();
        gone = true;
        thread.join();
        EXPECT_EQ(watcher.seen, (std::vector{RegNtPreSetValueKey, RegNtPostSetValueKey}));
        ZwClose(key);
    });
}

}  // namespace
}  // namespace ndiskit::nt
