#include "nt/registry/key_security.h"

#include <cstring>

#include "nt/registry/key_operation.h"
#include "nt/security/access.h"
#include "nt/security/assign.h"
#include "nt/security/inheritance.h"

namespace ndiskit::nt::registry {

namespace {

// Everything for administrators, the system and who makes a key; reading for all others.
constexpr std::u16string_view of_root =
    u"O:BAG:SYD:(A;CI;0xF003F;;;BA)(A;CI;0xF003F;;;SY)(A;CI;0xF003F;;;CO)(A;CI;0x20019;;;WD)";

constexpr ULONG automatic = SEF_DACL_AUTO_INHERIT | SEF_SACL_AUTO_INHERIT;

Descriptor keep(security::Bytes bytes) {
    return std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
}

// Gives what is below, and has none of its own, what it has from this key now.
void settle_below(Key& key, const security::Token& system) {
    for (const auto& [name, subkey] : key.subkeys) {
        if (subkey->security) continue;
        descriptor_of(*subkey, system);
        settle_below(*subkey, system);
    }
}

}  // namespace

Descriptor descriptor_of(Key& key, const security::Token& system) {
    if (key.security) return key.security;
    if (!key.parent) return key.security = keep(*security::parse_sddl(of_root));
    const Descriptor above = descriptor_of(*key.parent, system);
    auto made = security::assigned({above->data(), nullptr, true, automatic, system, security::key_mapping});
    ASSERT_THAT(made, "the system may not own a key");
    return key.security = keep(std::move(*made));
}

NTSTATUS assign_descriptor(const KeyRef& key, const void* given) {
    const security::Token& system = security::system_token();
    const Descriptor above =
        tree().with([&](Tree&) { return key->parent ? descriptor_of(*key->parent, system) : Descriptor(); });
    if (!above) return STATUS_KEY_DELETED;
    auto made = security::assigned(
        {above->data(), given, true, automatic, security::current_token(), security::key_mapping});
    if (!made) return made.error();
    tree().with([&](Tree&) { key->security = keep(std::move(*made)); });
    return STATUS_SUCCESS;
}

NTSTATUS query_key_name(void* object, POBJECT_NAME_INFORMATION name, ULONG size, PULONG needed) {
    const REG_QUERY_KEY_NAME information = {nullptr, name, size, needed, nullptr, nullptr, nullptr};
    return operate_on(object, RegNtPreQueryKeyName, RegNtPostQueryKeyName, information, [&](void* o) {
        std::u16string path;
        const NTSTATUS status = with_key(o, [&](Key& key) -> NTSTATUS {
            path = key.path();
            return STATUS_SUCCESS;
        });
        return NT_SUCCESS(status) ? object::answer_name(path, name, size, needed) : status;
    });
}

NTSTATUS query_key_security(void* object, SECURITY_INFORMATION parts, PSECURITY_DESCRIPTOR buffer,
                            PULONG size) {
    const REG_QUERY_KEY_SECURITY_INFORMATION information = {nullptr, &parts,  buffer, size,
                                                            nullptr, nullptr, nullptr};
    return operate_on(object, RegNtPreQueryKeySecurity, RegNtPostQueryKeySecurity, information, [&](void* o) {
        security::Bytes bytes;
        const security::Token& system = security::system_token();
        const NTSTATUS status = with_key(o, [&](Key& key) -> NTSTATUS {
            bytes = self_relative(chosen(security::parts_of(descriptor_of(key, system)->data()), parts));
            return STATUS_SUCCESS;
        });
        if (!NT_SUCCESS(status)) return status;
        const ULONG room = std::exchange(*size, static_cast<ULONG>(bytes.size()));
        if (room < bytes.size()) return NTSTATUS{STATUS_BUFFER_TOO_SMALL};
        std::memcpy(buffer, bytes.data(), bytes.size());
        return NTSTATUS{STATUS_SUCCESS};
    });
}

NTSTATUS set_key_security(void* object, SECURITY_INFORMATION parts, PSECURITY_DESCRIPTOR from) {
    const REG_SET_KEY_SECURITY_INFORMATION information = {nullptr, &parts, from, nullptr, nullptr, nullptr};
    return operate_on(object, RegNtPreSetKeySecurity, RegNtPostSetKeySecurity, information, [&](void* o) {
        const security::Token& system = security::system_token();
        return change_key(o, Change::security, [&](Key& key) -> NTSTATUS {
            const Descriptor now = descriptor_of(key, system);
            settle_below(key, system);
            key.security =
                keep(security::changed_descriptor(now->data(), from, parts, security::key_mapping));
            return STATUS_SUCCESS;
        });
    });
}

}  // namespace ndiskit::nt::registry
