// Creating and opening keys. All at PASSIVE_LEVEL.
#include "nt/registry/filter.h"
#include "nt/registry/key_handle.h"
#include "nt/registry/key_object.h"
#include "nt/registry/key_operation.h"
#include "nt/rtl/unicode.h"

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

NTSTATUS look_up(Opening& opening) {
    const KeyRef from = opening.root ? static_cast<KeyBody*>(opening.root)->key : nullptr;
    const Lookup found = tree().with(
        [&](Tree& t) { return find(t, from, view_of(opening.attributes.ObjectName), opening.options); });
    if (!found.key) return found.status;
    opening.object = make_key_object(found.key);
    if (!opening.object) return STATUS_INSUFFICIENT_RESOURCES;
    opening.disposition = found.created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY;
    if (found.created) {
        const int64_t now = system_time();
        tree().with([&](Tree&) { found.key->last_write = now; });
        if (found.key->parent) notify(found.key, false);
    }
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
                     [&] { return look_up(opening); });
    opening.access = information.GrantedAccess;
    return status;
}

NTSTATUS open(PHANDLE handle, Opening opening, PULONG disposition) {
    if (opening.attributes.RootDirectory)
        if (const NTSTATUS status = key_object_of(opening.attributes.RootDirectory, &opening.root);
            !NT_SUCCESS(status))
            return status;
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
