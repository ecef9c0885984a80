#include "nt/registry/filter.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/ke/thread.h"
#include "nt/ke/wait_lot.h"
#include "nt/pool/pool.h"
#include "nt/registry/key_object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::registry {

std::atomic<uint32_t> filter::registered = 0;

namespace {

struct Filter {
    LONGLONG cookie;
    std::u16string altitude;  // empty: registered without one, above all that have one
    PEX_CALLBACK_FUNCTION function;
    PVOID context;
    std::atomic<uint32_t> operations = 0;  // that it takes part in
};
using FilterRef = std::shared_ptr<Filter>;

// What a driver keeps with a key object.
struct ObjectContext {
    const void* object;
    FilterRef filter;
    PVOID context;
};
struct Inside {
    const ke::ThreadObject* thread;
    const Filter* filter;
};
struct Filters {
    std::vector<FilterRef> stack;  // the highest first
    std::vector<ObjectContext> contexts;
    std::vector<Inside> inside;        // threads that are in a callback, the innermost last
    std::vector<const void*> closing;  // key objects whose end is being told
    LONGLONG last_cookie = 0;
    KeyBody* root = nullptr;
};
Guarded<Filters, LockRank::nt_leaf> filters;

// Altitudes are decimal numbers of any length, with or without a fraction.
int compare_altitudes(std::u16string_view a, std::u16string_view b) {
    const auto whole = [](std::u16string_view text) {
        text = text.substr(0, text.find(u'.'));
        return text.substr(std::min(text.find_first_not_of(u'0'), text.size()));
    };
    const auto fraction = [](std::u16string_view text) {
        const size_t point = text.find(u'.');
        if (point == std::u16string_view::npos) return std::u16string_view();
        text = text.substr(point + 1);
        return text.substr(0, text.find_last_not_of(u'0') + 1);
    };
    if (whole(a).size() != whole(b).size()) return whole(a).size() < whole(b).size() ? -1 : 1;
    if (const int order = whole(a).compare(whole(b))) return order;
    return fraction(a).compare(fraction(b));
}

bool is_above(const Filter& a, const Filter& b) {
    if (a.altitude.empty() || b.altitude.empty())
        return a.altitude.empty() && (!b.altitude.empty() || a.cookie < b.cookie);
    return compare_altitudes(a.altitude, b.altitude) > 0;
}

// Those that are to hear of what the calling thread does now; each with one operation more.
std::vector<FilterRef> begin() {
    return filters.with([](Filters& all) {
        const Filter* inside = nullptr;
        for (const Inside& in : all.inside)
            if (in.thread == ke::current_thread()) inside = in.filter;
        std::vector<FilterRef> chosen;
        for (const FilterRef& filter : all.stack)
            if (!inside || is_above(*inside, *filter)) chosen.push_back(filter);
        for (const FilterRef& filter : chosen) filter->operations.fetch_add(1, std::memory_order_relaxed);
        return chosen;
    });
}

void end(const std::vector<FilterRef>& chosen) {
    for (const FilterRef& filter : chosen)
        if (filter->operations.fetch_sub(1, std::memory_order_acq_rel) == 1)
            ke::wake_sleepers(&filter->operations);
}

NTSTATUS call(const Filter& filter, REG_NOTIFY_CLASS what, void* information) {
    filters.with([&](Filters& all) { all.inside.push_back({ke::current_thread(), &filter}); });
    const NTSTATUS status = call_driver(filter.function, filter.context,
                                        reinterpret_cast<PVOID>(static_cast<uintptr_t>(what)), information);
    filters.with([&](Filters& all) {
        const auto mine = std::ranges::find_if(all.inside.rbegin(), all.inside.rend(), [](const Inside& in) {
            return in.thread == ke::current_thread();
        });
        all.inside.erase(std::next(mine).base());
    });
    return status;
}

PVOID context_of(const void* object, const Filter& filter) {
    return filters.with([&](Filters& all) -> PVOID {
        for (const ObjectContext& c : all.contexts)
            if (c.object == object && c.filter.get() == &filter) return c.context;
        return nullptr;
    });
}

// Tells those contexts' filters that they are no longer kept.
template <class Chosen>
void drop_contexts(Chosen chosen) {
    std::vector<ObjectContext> dropped;
    filters.with([&](Filters& all) {
        std::erase_if(all.contexts, [&](const ObjectContext& c) {
            if (!chosen(c)) return false;
            dropped.push_back(c);
            return true;
        });
    });
    for (const ObjectContext& c : dropped) {
        REG_CALLBACK_CONTEXT_CLEANUP_INFORMATION information = {const_cast<void*>(c.object), c.context,
                                                                nullptr};
        call(*c.filter, RegNtCallbackObjectContextCleanup, &information);
    }
}

}  // namespace

NTSTATUS run_filtered(const FilteredCall& what, const std::function<NTSTATUS()>& operation) {
    const std::vector<FilterRef> chosen = begin();
    std::vector<PVOID> call_contexts;  // of those that let it pass
    NTSTATUS status = STATUS_SUCCESS;
    bool passed = true;
    for (const FilterRef& filter : chosen) {
        *what.call_context = nullptr;
        *what.object_context = context_of(what.object, *filter);
        status = call(*filter, what.pre, what.information);
        passed = NT_SUCCESS(status);
        if (!passed) break;
        call_contexts.push_back(*what.call_context);
    }
    if (passed) status = operation();
    // It was done by the driver.
    if (status == STATUS_CALLBACK_BYPASS) status = STATUS_SUCCESS;
    for (size_t i = call_contexts.size(); i-- > 0;) {
        void* object = what.object;
        if (what.result_object) object = status == STATUS_SUCCESS ? *what.result_object : nullptr;
        *what.call_context = call_contexts[i];
        *what.object_context = context_of(what.object, *chosen[i]);
        REG_POST_OPERATION_INFORMATION after = {object,           status,
                                                what.information, STATUS_SUCCESS,
                                                call_contexts[i], context_of(object, *chosen[i]),
                                                nullptr};
        if (call(*chosen[i], what.post, &after) == STATUS_CALLBACK_BYPASS) status = after.ReturnStatus;
    }
    end(chosen);
    return status;
}

void tell_key_closes(void* key_object) {
    if (!filters_registered()) return;
    filters.with([&](Filters& all) { all.closing.push_back(key_object); });
    const auto of_this = [&](const ObjectContext& c) { return c.object == key_object; };
    REG_KEY_HANDLE_CLOSE_INFORMATION information = {key_object, nullptr, nullptr, nullptr};
    run_filtered(RegNtPreKeyHandleClose, RegNtPostKeyHandleClose, information, [&]() -> NTSTATUS {
        drop_contexts(of_this);
        return STATUS_SUCCESS;
    });
    drop_contexts(of_this);  // when a callback said no: nobody can keep a handle from being closed
    filters.with([&](Filters& all) { std::erase(all.closing, key_object); });
}

void* root_key_object() {
    return filters.with([](Filters& all) { return all.root; });
}

}  // namespace ndiskit::nt::registry

using namespace ndiskit;
using namespace ndiskit::nt;
using namespace ndiskit::nt::registry;

namespace {

constexpr ULONG name_tag = 0x624E4D43;  // 'CMNb' in memory order

FilterRef find_filter(const Filters& all, LONGLONG cookie) {
    for (const FilterRef& filter : all.stack)
        if (filter->cookie == cookie) return filter;
    return nullptr;
}

NTSTATUS enlist(PEX_CALLBACK_FUNCTION function, std::u16string_view altitude, PVOID context,
                PLARGE_INTEGER cookie) {
    KeyBody* root =
        make_key_object(tree().with([](Tree& t) { return t.root->subkeys.find(u"Registry")->second; }));
    if (!root) return STATUS_INSUFFICIENT_RESOURCES;
    root->quiet = true;
    auto filter = std::make_shared<Filter>();
    filter->altitude = altitude;
    filter->function = function;
    filter->context = context;
    const NTSTATUS status = filters.with([&](Filters& all) -> NTSTATUS {
        for (const FilterRef& other : all.stack)
            if (!altitude.empty() && !other->altitude.empty() &&
                compare_altitudes(altitude, other->altitude) == 0)
                return STATUS_FLT_INSTANCE_ALTITUDE_COLLISION;
        cookie->QuadPart = filter->cookie = ++all.last_cookie;
        all.stack.insert(
            std::ranges::find_if(all.stack, [&](const FilterRef& f) { return is_above(*filter, *f); }),
            filter);
        if (!all.root) all.root = std::exchange(root, nullptr);
        filter::registered.store(static_cast<uint32_t>(all.stack.size()), std::memory_order_release);
        return STATUS_SUCCESS;
    });
    if (root) object::dereference(root);
    return status;
}

// The key object, if it is one and the cookie one of a callback.
KeyBody* known_object(const LARGE_INTEGER* cookie, PVOID object) {
    if (!cookie || !object) return nullptr;
    const bool open = object::type_of(object) == &object::key_type;
    return filters.with([&](Filters& all) -> KeyBody* {
        if (!find_filter(all, cookie->QuadPart)) return nullptr;
        return open || std::ranges::find(all.closing, object) != all.closing.end()
                   ? static_cast<KeyBody*>(object)
                   : nullptr;
    });
}

// Its identifier and its path.
std::u16string identify(const KeyBody& body, PULONG_PTR id) {
    return tree().with([&](Tree&) {
        if (id) *id = body.key->id;
        return body.key->path();
    });
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmregistercallback
NTSTATUS NTAPI CmRegisterCallback(PEX_CALLBACK_FUNCTION Function, PVOID Context, PLARGE_INTEGER Cookie) {
    return enlist(Function, {}, Context, Cookie);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmregistercallbackex
NTSTATUS NTAPI CmRegisterCallbackEx(PEX_CALLBACK_FUNCTION Function, PCUNICODE_STRING Altitude, PVOID,
                                    PVOID Context, PLARGE_INTEGER Cookie, PVOID) {
    if (!Altitude || Altitude->Length == 0) return STATUS_INVALID_PARAMETER;
    return enlist(Function, view_of(Altitude), Context, Cookie);
}

// On return the callback does not run any more.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmunregistercallback
NTSTATUS NTAPI CmUnRegisterCallback(LARGE_INTEGER Cookie) {
    KeyBody* root = nullptr;
    const FilterRef filter = filters.with([&](Filters& all) {
        FilterRef found = find_filter(all, Cookie.QuadPart);
        std::erase(all.stack, found);
        if (all.stack.empty()) root = std::exchange(all.root, nullptr);
        filter::registered.store(static_cast<uint32_t>(all.stack.size()), std::memory_order_release);
        return found;
    });
    if (root) object::dereference(root);
    if (!filter) return STATUS_INVALID_PARAMETER;
    ke::wait_on_address("CmUnRegisterCallback", &filter->operations,
                        [&] { return filter->operations.load(std::memory_order_acquire) == 0; });
    drop_contexts([&](const ObjectContext& c) { return c.filter == filter; });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmsetcallbackobjectcontext
NTSTATUS NTAPI CmSetCallbackObjectContext(PVOID Object, PLARGE_INTEGER Cookie, PVOID NewContext,
                                          PVOID* OldContext) {
    if (!known_object(Cookie, Object)) return STATUS_INVALID_PARAMETER;
    const PVOID old = filters.with([&](Filters& all) -> PVOID {
        const FilterRef filter = find_filter(all, Cookie->QuadPart);
        for (ObjectContext& c : all.contexts)
            if (c.object == Object && c.filter == filter) return std::exchange(c.context, NewContext);
        all.contexts.push_back({Object, filter, NewContext});
        return nullptr;
    });
    if (OldContext) *OldContext = old;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmcallbackgetkeyobjectid
NTSTATUS NTAPI CmCallbackGetKeyObjectID(PLARGE_INTEGER Cookie, PVOID Object, PULONG_PTR ObjectID,
                                        PCUNICODE_STRING* ObjectName) {
    KeyBody* const body = known_object(Cookie, Object);
    if (!body) return STATUS_INVALID_PARAMETER;
    auto name = std::make_unique<KeyBody::Name>();
    name->text = identify(*body, ObjectID);
    name->string = unicode_string(name->text);
    if (!ObjectName) return STATUS_SUCCESS;
    *ObjectName = filters.with([&](Filters&) {
        if (!body->name) body->name = std::move(name);
        return &body->name->string;
    });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmcallbackgetkeyobjectidex
NTSTATUS NTAPI CmCallbackGetKeyObjectIDEx(PLARGE_INTEGER Cookie, PVOID Object, PULONG_PTR ObjectID,
                                          PCUNICODE_STRING* ObjectName, ULONG Flags) {
    KeyBody* const body = known_object(Cookie, Object);
    if (!body || Flags != 0) return STATUS_INVALID_PARAMETER;
    const std::u16string path = identify(*body, ObjectID);
    if (!ObjectName) return STATUS_SUCCESS;
    const size_t bytes = path.size() * sizeof(WCHAR);
    auto* const string = static_cast<UNICODE_STRING*>(pool_allocate(
        PoolKind::paged, sizeof(UNICODE_STRING) + bytes, name_tag, __builtin_return_address(0)));
    if (!string) return STATUS_INSUFFICIENT_RESOURCES;
    string->Length = string->MaximumLength = static_cast<USHORT>(bytes);
    string->Buffer = reinterpret_cast<PWSTR>(string + 1);
    std::ranges::copy(path, string->Buffer);
    *ObjectName = string;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmcallbackreleasekeyobjectidex
void NTAPI CmCallbackReleaseKeyObjectIDEx(PCUNICODE_STRING ObjectName) {
    pool_free(const_cast<UNICODE_STRING*>(ObjectName), name_tag);
}

// The registry has no transactions here, so that no key object is bound to one.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmgetboundtransaction
PVOID NTAPI CmGetBoundTransaction(PLARGE_INTEGER, PVOID) { return nullptr; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-cmgetcallbackversion
void NTAPI CmGetCallbackVersion(PULONG Major, PULONG Minor) {
    if (Major) *Major = 1;
    if (Minor) *Minor = 1;
}

}  // extern "C"
