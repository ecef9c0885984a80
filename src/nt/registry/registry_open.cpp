// Creating and opening keys. All at PASSIVE_LEVEL.
#include "nt/registry/filter.h"
#include "nt/registry/key_handle.h"
#include "nt/registry/key_object.h"
#include "nt/registry/key_operation.h"
#include "nt/registry/key_security.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

constexpr std::u16string_view registry_root = u"\\registry\\";

// What is asked for, and what comes out of it: a key object with a reference, for the handle.
struct Opening {
    ACCESS_MASK access;
    const OBJECT_ATTRIBUTES& attributes;
    CreateOptions options;
    ULONG option_bits;
    PUNICODE_STRING key_class;
    void* root = nullptr;  // the key object of RootDirectory
    PVOID object = nullptr;
    ULONG disposition = REG_OPENED_EXISTING_KEY;
};

// What the handle may be used for: what is asked for, unless the caller wants it checked. The kernel itself
// may do everything.
NTSTATUS check_access(Opening& opening, const KeyRef& key) {
    const ACCESS_MASK desired = opening.access;
    opening.access = security::map_generic(desired, security::key_mapping);
    if (!(opening.attributes.Attributes & OBJ_FORCE_ACCESS_CHECK)) {
        if (desired & MAXIMUM_ALLOWED) opening.access |= KEY_ALL_ACCESS;
        opening.access &= ~static_cast<ACCESS_MASK>(MAXIMUM_ALLOWED);
        return STATUS_SUCCESS;
    }
    const security::Token& system = security::system_token();
    const Descriptor descriptor = tree().with([&](Tree&) { return descriptor_of(*key, system); });
    const auto access =
        security::access_check(descriptor->data(), security::current_token(), desired, security::key_mapping);
    opening.access = access.granted;
    return access.status;
}

// Whether somebody who is to be checked may make keys below that one.
NTSTATUS check_creation(const Opening& opening, const KeyRef& key) {
    if (!(opening.attributes.Attributes & OBJ_FORCE_ACCESS_CHECK)) return STATUS_SUCCESS;
    const security::Token& system = security::system_token();
    const Descriptor above = tree().with([&](Tree&) { return descriptor_of(*key->parent, system); });
    return security::access_check(above->data(), security::current_token(), KEY_CREATE_SUB_KEY,
                                  security::key_mapping)
        .status;
}

NTSTATUS begin_key(const Opening& opening, const KeyRef& key) {
    const int64_t now = system_time();
    tree().with([&](Tree&) { key->last_write = now; });
    NTSTATUS status = check_creation(opening, key);
    if (NT_SUCCESS(status)) status = assign_descriptor(key, opening.attributes.SecurityDescriptor);
    if (!NT_SUCCESS(status)) tree().with([&](Tree&) { return remove(*key); });
    return status;
}

NTSTATUS look_up(Opening& opening) {
    const KeyRef from = opening.root ? static_cast<KeyBody*>(opening.root)->key : nullptr;
    const Lookup found = tree().with(
        [&](Tree& t) { return find(t, from, view_of(opening.attributes.ObjectName), opening.options); });
    if (!found.key) return found.status;
    NTSTATUS status = found.created ? begin_key(opening, found.key) : STATUS_SUCCESS;
    if (NT_SUCCESS(status)) status = check_access(opening, found.key);
    if (!NT_SUCCESS(status)) return status;
    opening.object = make_key_object(found.key);
    if (!opening.object) return STATUS_INSUFFICIENT_RESOURCES;
    opening.disposition = found.created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY;
    if (found.created) notify(found.key, Change::names);
    return STATUS_SUCCESS;
}

NTSTATUS look_up_filtered(Opening& opening) {
    const OBJECT_ATTRIBUTES& attributes = opening.attributes;
    UNICODE_STRING complete = attributes.ObjectName ? *attributes.ObjectName : UNICODE_STRING{};
    UNICODE_STRING remaining = complete;
    const std::u16string_view path = view_of(complete);
    if (path.size() >= registry_root.size() && same_text(path.substr(0, registry_root.size()), registry_root))
        remaining = unicode_string(path.substr(registry_root.size()));
    REG_CREATE_KEY_INFORMATION_V1 information{};
    information.CompleteName = &complete;
    information.RootObject = opening.root ? opening.root : root_key_object();
    information.Options = opening.option_bits;
    information.Class = opening.key_class;
    information.SecurityDescriptor = attributes.SecurityDescriptor;
    information.SecurityQualityOfService = attributes.SecurityQualityOfService;
    information.DesiredAccess = information.GrantedAccess = opening.access;
    information.Disposition = &opening.disposition;
    information.ResultObject = &opening.object;
    information.Version = 1;
    information.RemainingName = &remaining;
    information.Attributes = attributes.Attributes;
    information.CheckAccessMode = KernelMode;
    const NTSTATUS status =
        run_filtered({.pre = opening.options.create ? RegNtPreCreateKeyEx : RegNtPreOpenKeyEx,
                      .post = opening.options.create ? RegNtPostCreateKeyEx : RegNtPostOpenKeyEx,
                      .information = &information,
                      .call_context = &information.CallContext,
                      .object_context = &information.RootObjectContext,
                      .object = information.RootObject,
                      .result_object = &opening.object},
                     [&] {
                         const NTSTATUS found = look_up(opening);
                         information.GrantedAccess = opening.access;
                         return found;
                     });
    opening.access = information.GrantedAccess;
    return status;
}

NTSTATUS open(PHANDLE handle, Opening opening, PULONG disposition) {
    if (opening.attributes.RootDirectory)
        if (const NTSTATUS status = key_object_of(opening.attributes.RootDirectory, &opening.root);
            !NT_SUCCESS(status))
            return status;
    if (opening.options.create && opening.attributes.SecurityDescriptor)
        if (const NTSTATUS status = security::check_descriptor(opening.attributes.SecurityDescriptor);
            !NT_SUCCESS(status)) {
            if (opening.root) object::dereference(opening.root);
            return status;
        }
    opening.options.open_link = opening.attributes.Attributes & OBJ_OPENLINK;
    NTSTATUS status = filters_registered() ? look_up_filtered(opening) : look_up(opening);
    if (opening.root) object::dereference(opening.root);
    if (NT_SUCCESS(status) && opening.object) {
        *handle = object::open_handle(opening.object, opening.access,
                                      opening.attributes.Attributes & OBJ_KERNEL_HANDLE);
        if (disposition) *disposition = opening.disposition;
    }
    if (opening.object) object::dereference(opening.object);
    return status;
}

}  // namespace

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkey
NTSTATUS NTAPI ZwOpenKey(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes) {
    return open(handle, {access, *attributes, {}, 0, nullptr}, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkeyex
NTSTATUS NTAPI ZwOpenKeyEx(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG options) {
    OBJECT_ATTRIBUTES copy = *attributes;
    if (options & REG_OPTION_OPEN_LINK) copy.Attributes |= OBJ_OPENLINK;
    return open(handle, {access, copy, {}, options, nullptr}, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatekey
NTSTATUS NTAPI ZwCreateKey(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG,
                           PUNICODE_STRING key_class, ULONG options, PULONG disposition) {
    const CreateOptions create = {.create = true,
                                  .is_volatile = (options & REG_OPTION_VOLATILE) != 0,
                                  .is_link = (options & REG_OPTION_CREATE_LINK) != 0,
                                  .class_name = view_of(key_class)};
    return open(handle, {access, *attributes, create, options, key_class}, disposition);
}

}  // extern "C"
