#include "nt/object/object.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "base/guarded.h"
#include "nt/bugcheck.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/process.h"
#include "nt/ke/thread.h"
#include "nt/object/name_space.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::object {

namespace {

constexpr uint32_t reference_by_pointer = 0x18;
constexpr uint32_t object_tag = 0x206A624F;  // 'Obj ' in memory order
// Kernel handles have all upper bits set, as on Windows.
constexpr uint64_t kernel_bits = 0xFFFFFFFF80000000;

struct Object {
    _OBJECT_TYPE* type;
    int64_t references;
    int64_t handles = 0;
    bool permanent = false;
};

struct Handle {
    void* body;
    ACCESS_MASK access;
    bool kernel;
};

struct Tables {
    std::unordered_map<const void*, Object> objects;
    std::map<uint64_t, Handle> handles;
    uint64_t next_handle = 4;
};

Guarded<Tables, LockRank::nt_object>& tables() {
    static auto* const it = new Guarded<Tables, LockRank::nt_object>();
    return *it;
}

uint64_t index_of(HANDLE handle) { return reinterpret_cast<uint64_t>(handle) & 0x7FFFFFFC; }

bool is_thread(const void* body) {
    return static_cast<const DISPATCHER_HEADER*>(body)->Type == ke::ObjectType::thread;
}

[[noreturn]] void no_object(const void* body, int64_t references) {
    bug_check_because("the pointer is no object, or its last reference is gone already", reference_by_pointer,
                      0, reinterpret_cast<uint64_t>(body), 0, static_cast<uint64_t>(references));
}

// The object, which a thread or the process becomes when somebody first counts its references here.
Object& known(Tables& t, void* body) {
    auto found = t.objects.find(body);
    if (found == t.objects.end() && body == ke::system_process())
        found = t.objects.emplace(body, Object{&process_type, 1}).first;  // the one of the machine
    if (found == t.objects.end()) {
        if (!is_thread(body)) no_object(body, 0);
        ke::reference_thread(*ke::thread_object(body));
        found = t.objects.emplace(body, Object{&thread_type, 0}).first;
    }
    return found->second;
}

// Whose name goes with the last handle, though pointers to it may be left.
bool is_named_by_handles(const _OBJECT_TYPE* type) {
    return type == &event_type || type == &semaphore_type || type == &timer_type || type == &section_type;
}

void destroy_thread(void* body) { ke::dereference_thread(*ke::thread_object(body)); }

}  // namespace

_OBJECT_TYPE process_type = {"Process", [](void*) {}, nullptr};
_OBJECT_TYPE semaphore_type = {"Semaphore", free_body, nullptr};
_OBJECT_TYPE event_type = {"Event", free_body, nullptr};
_OBJECT_TYPE thread_type = {"Thread", destroy_thread, nullptr};
_OBJECT_TYPE directory_type = {"Directory", free_body, nullptr};

void* create(_OBJECT_TYPE& type, size_t size) {
    void* body = pool_allocate_zeroed(PoolKind::nonpaged, size, object_tag, nullptr);
    if (body) adopt(body, type);
    return body;
}

void free_body(void* body) { pool_free(body, object_tag); }

void adopt(void* body, _OBJECT_TYPE& type) {
    tables().with([&](Tables& t) { t.objects[body] = {&type, 1}; });
}

void reference(void* body) {
    tables().with([&](Tables& t) { ++known(t, body).references; });
}

void dereference(void* body) {
    _OBJECT_TYPE* const dead = tables().with([&](Tables& t) -> _OBJECT_TYPE* {
        auto found = t.objects.find(body);
        if (found == t.objects.end()) no_object(body, -1);
        if (--found->second.references > 0) return nullptr;
        _OBJECT_TYPE* const type = found->second.type;
        t.objects.erase(found);
        return type;
    });
    if (!dead) return;
    remove_name(body);
    dead->destroy(body);
}

const _OBJECT_TYPE* type_of(const void* body) {
    return tables().with([&](Tables& t) -> const _OBJECT_TYPE* {
        auto found = t.objects.find(body);
        return found == t.objects.end() ? nullptr : found->second.type;
    });
}

int64_t reference_count(const void* body) {
    return tables().with([&](Tables& t) {
        auto found = t.objects.find(body);
        return found == t.objects.end() ? 0 : found->second.references;
    });
}

HANDLE open_handle(void* body, ACCESS_MASK access, bool kernel_handle) {
    return tables().with([&](Tables& t) {
        Object& object = known(t, body);
        ++object.references;
        ++object.handles;
        const uint64_t index = t.next_handle;
        t.next_handle += 4;
        t.handles[index] = {body, access, kernel_handle};
        return reinterpret_cast<HANDLE>(kernel_handle ? index | kernel_bits : index);
    });
}

NTSTATUS reference_by_handle(HANDLE handle, ACCESS_MASK access, const _OBJECT_TYPE* type, bool user_mode,
                             void** body, OBJECT_HANDLE_INFORMATION* information) {
    // The pseudo handles of the current process and thread.
    if (const auto number = reinterpret_cast<int64_t>(handle); number == -1 || number == -2) {
        if (type && type != (number == -1 ? &process_type : &thread_type)) return STATUS_OBJECT_TYPE_MISMATCH;
        *body = number == -1 ? static_cast<void*>(ke::system_process()) : ke::current_thread();
        reference(*body);
        return STATUS_SUCCESS;
    }
    return tables().with([&](Tables& t) -> NTSTATUS {
        auto found = t.handles.find(index_of(handle));
        if (found == t.handles.end() || (user_mode && found->second.kernel)) return STATUS_INVALID_HANDLE;
        Object& object = known(t, found->second.body);
        if (type && object.type != type) return STATUS_OBJECT_TYPE_MISMATCH;
        if (user_mode && (access & ~found->second.access)) return STATUS_ACCESS_DENIED;
        ++object.references;
        *body = found->second.body;
        if (information) *information = {0, found->second.access};
        return STATUS_SUCCESS;
    });
}

NTSTATUS close_handle(HANDLE handle, bool user_mode) {
    void* body = nullptr;
    bool last = false, unnamed = false;
    _OBJECT_TYPE* type = nullptr;
    const NTSTATUS status = tables().with([&](Tables& t) -> NTSTATUS {
        auto found = t.handles.find(index_of(handle));
        if (found == t.handles.end() || (user_mode && found->second.kernel)) return STATUS_INVALID_HANDLE;
        body = found->second.body;
        t.handles.erase(found);
        Object& object = known(t, body);
        type = object.type;
        last = --object.handles == 0;
        unnamed = last && !object.permanent && is_named_by_handles(type);
        return STATUS_SUCCESS;
    });
    if (!NT_SUCCESS(status)) return status;
    if (unnamed) remove_name(body);
    if (type->closed) type->closed(body, last);
    dereference(body);
    return status;
}

int64_t handle_count(const void* body) {
    return tables().with([&](Tables& t) {
        auto found = t.objects.find(body);
        return found == t.objects.end() ? 0 : found->second.handles;
    });
}

void make_permanent(void* body) {
    const bool was = tables().with([&](Tables& t) { return std::exchange(known(t, body).permanent, true); });
    if (was) dereference(body);
}

void make_temporary(void* body) {
    const auto [was, unused] = tables().with([&](Tables& t) {
        Object& object = known(t, body);
        return std::pair(std::exchange(object.permanent, false), object.handles == 0);
    });
    if (unused) remove_name(body);
    if (was) dereference(body);
}

bool try_reference(void* body) {
    return tables().with([&](Tables& t) {
        auto found = t.objects.find(body);
        if (found == t.objects.end()) return false;
        ++found->second.references;
        return true;
    });
}

size_t open_handles() {
    return tables().with([](Tables& t) { return t.handles.size(); });
}

}  // namespace ndiskit::nt::object
