// The descriptors of new objects, which their creator, their parent and the creator's token make together;
// and reading and changing descriptors.
#include <cstring>
#include <optional>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/security/access.h"
#include "nt/security/assign.h"
#include "nt/security/inheritance.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

const Token& token_of(PSECURITY_SUBJECT_CONTEXT subject) {
    if (!subject) return current_token();
    return *static_cast<const Token*>(subject->ClientToken ? subject->ClientToken : subject->PrimaryToken);
}

struct Heir {
    const Sid& owner;
    const Sid& group;
    bool is_directory;
    const GENERIC_MAPPING& mapping;
};

const void* heirs_sid(const void* sid, const Heir& heir) {
    if (same_sid(sid, well_known::creator_owner().data())) return heir.owner.data();
    if (same_sid(sid, well_known::creator_group().data())) return heir.group.data();
    return sid;
}

void inherit_entry(AclBuilder& acl, const ACE_HEADER& ace, const Heir& heir) {
    if (!has_plain_sid(ace.AceType)) return;
    const UCHAR flags = ace.AceFlags;
    const bool passes_on = heir.is_directory && !(flags & NO_PROPAGATE_INHERIT_ACE);
    const auto kept =
        static_cast<UCHAR>(passes_on ? flags & (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE) : 0);
    const void* const sid = heirs_sid(sid_of(ace), heir);
    const ACCESS_MASK mask = map_generic(mask_of(ace), heir.mapping);
    const auto audit = static_cast<UCHAR>(flags & (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG));
    const bool effective = flags & (heir.is_directory ? CONTAINER_INHERIT_ACE : OBJECT_INHERIT_ACE);
    // What the creator's names and generic rights mean is settled here but stays open for those below.
    const bool settled = sid == sid_of(ace) && mask == mask_of(ace);
    if (effective)
        acl.add(ace.AceType, static_cast<UCHAR>(INHERITED_ACE | audit | (settled ? kept : 0)), mask, sid);
    if (kept && (!effective || !settled))
        acl.add(ace.AceType, static_cast<UCHAR>(INHERITED_ACE | INHERIT_ONLY_ACE | audit | kept),
                mask_of(ace), sid_of(ace));
}

// Nothing when the parent has no entry that a child of that kind would get.
std::optional<Bytes> inherited(const ACL* parent, const Heir& heir) {
    if (!parent) return std::nullopt;
    AclBuilder acl;
    bool any = false;
    for (ULONG i = 0; i < parent->AceCount; ++i) {
        const ACE_HEADER* const ace = entry(*parent, i);
        if (!ace) break;
        const UCHAR wanted =
            heir.is_directory ? OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE : OBJECT_INHERIT_ACE;
        if (!(ace->AceFlags & wanted)) continue;
        any = true;
        inherit_entry(acl, *ace, heir);
    }
    return any ? std::optional(acl.take()) : std::nullopt;
}

Bytes mapped(const ACL& acl, const GENERIC_MAPPING& mapping) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(&acl);
    Bytes copy(bytes, bytes + acl.AclSize);
    auto& list = *reinterpret_cast<ACL*>(copy.data());
    for (ULONG i = 0; i < list.AceCount; ++i)
        if (ACE_HEADER* const ace = entry(list, i); ace && has_plain_sid(ace->AceType))
            mask_of(*ace) = map_generic(mask_of(*ace), mapping);
    return copy;
}

Bytes default_dacl(const Token& token, const GENERIC_MAPPING& mapping) {
    if (token.default_dacl) return mapped(*reinterpret_cast<const ACL*>(token.default_dacl->data()), mapping);
    AclBuilder acl;
    acl.add(ACCESS_ALLOWED_ACE_TYPE, 0, mapping.GenericAll, token.owner.data());
    acl.add(ACCESS_ALLOWED_ACE_TYPE, 0, mapping.GenericAll, well_known::local_system().data());
    return acl.take();
}

enum class Origin { own, inherited };

// The entries of that origin.
void copy_entries(AclBuilder& to, const ACL* from, Origin origin) {
    for (ULONG i = 0; from && i < from->AceCount; ++i) {
        const ACE_HEADER* const ace = entry(*from, i);
        if (!ace) break;
        if (((ace->AceFlags & INHERITED_ACE) != 0) == (origin == Origin::inherited)) to.copy(*ace);
    }
}

struct List {
    std::optional<Bytes> acl;
    bool present = false;
};

// Explicit, else the parent's, else an explicit default; `of_system` chooses the list.
List choose(const Parts& given, const Parts& parent, bool of_system, const Heir& heir) {
    const ACL* const list = of_system ? given.sacl : given.dacl;
    const bool present = given.control & (of_system ? SE_SACL_PRESENT : SE_DACL_PRESENT);
    const bool defaulted = given.control & (of_system ? SE_SACL_DEFAULTED : SE_DACL_DEFAULTED);
    if (!present || defaulted) {
        if (auto from_parent = inherited(of_system ? parent.sacl : parent.dacl, heir))
            return {std::move(from_parent), true};
    }
    if (!present) return {};
    return {list ? std::optional(mapped(*list, heir.mapping)) : std::nullopt, true};
}

const ACL* acl_of(const List& list) {
    return list.acl ? reinterpret_cast<const ACL*>(list.acl->data()) : nullptr;
}

// Automatic inheritance: what is inherited comes behind what is explicit, and an explicit entry that says
// that it was inherited does not count. A protected list takes nothing from above.
List choose_automatic(const Parts& given, const Parts& parent, bool of_system, bool is_default,
                      const Heir& heir) {
    const ACL* const list = of_system ? given.sacl : given.dacl;
    const bool present = given.control & (of_system ? SE_SACL_PRESENT : SE_DACL_PRESENT);
    const bool is_protected = given.control & (of_system ? SE_SACL_PROTECTED : SE_DACL_PROTECTED);
    auto from_parent = is_protected ? std::nullopt : inherited(of_system ? parent.sacl : parent.dacl, heir);
    if (from_parent && (!present || is_default)) return {std::move(from_parent), true};
    if (!present) return {};
    if (!list) return {std::nullopt, true};
    AclBuilder acl;
    const Bytes own = mapped(*list, heir.mapping);
    copy_entries(acl, reinterpret_cast<const ACL*>(own.data()), Origin::own);
    if (from_parent) copy_entries(acl, reinterpret_cast<const ACL*>(from_parent->data()), Origin::inherited);
    return {acl.take(), true};
}

bool may_own(const Token& token, const Sid& owner) {
    return token.has_privilege(SE_RESTORE_PRIVILEGE) || token.has_sid(owner.data(), false);
}

List list_of(const Assignment& wanted, const Parts& given, const Parts& above, bool of_system,
             const Heir& heir) {
    const bool is_default = wanted.flags & SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT;
    const ULONG automatic = of_system ? SEF_SACL_AUTO_INHERIT : SEF_DACL_AUTO_INHERIT;
    return wanted.flags & automatic ? choose_automatic(given, above, of_system, is_default, heir)
                                    : choose(given, above, of_system, heir);
}

USHORT control_of(const Assignment& wanted, const Parts& given, bool has_dacl, bool has_sacl) {
    ULONG control = given.control & (SE_DACL_PROTECTED | SE_SACL_PROTECTED);
    if (has_dacl) control |= SE_DACL_PRESENT;
    if (has_sacl) control |= SE_SACL_PRESENT;
    if (wanted.flags & SEF_DACL_AUTO_INHERIT) control |= SE_DACL_AUTO_INHERITED;
    if (wanted.flags & SEF_SACL_AUTO_INHERIT) control |= SE_SACL_AUTO_INHERITED;
    return static_cast<USHORT>(control);
}

NTSTATUS assign(const Assignment& wanted, PSECURITY_DESCRIPTOR& result, const void* caller) {
    const auto made = assigned(wanted);
    if (!made) return made.error();
    PSECURITY_DESCRIPTOR slot = nullptr;
    if (!keep(slot, *made, caller)) return STATUS_INSUFFICIENT_RESOURCES;
    result = slot;
    return STATUS_SUCCESS;
}

// The list that a change under automatic inheritance makes of the present one and the new one.
Bytes changed_list(const ACL* now, bool now_protected, const ACL* wanted, bool wanted_protected) {
    AclBuilder acl;
    if (wanted_protected) {
        // All of it is the object's own from now on.
        for (ULONG i = 0; i < wanted->AceCount; ++i) {
            const ACE_HEADER* const ace = entry(*wanted, i);
            if (!ace) break;
            const auto* const bytes = reinterpret_cast<const uint8_t*>(ace);
            Bytes own(bytes, bytes + ace->AceSize);
            auto& header = *reinterpret_cast<ACE_HEADER*>(own.data());
            header.AceFlags &= static_cast<UCHAR>(~INHERITED_ACE);
            acl.copy(header);
        }
    } else if (now_protected) {
        copy_entries(acl, wanted, Origin::own);
        copy_entries(acl, wanted, Origin::inherited);
    } else {
        copy_entries(acl, wanted, Origin::own);
        copy_entries(acl, now, Origin::inherited);
    }
    return acl.take();
}

NTSTATUS set_descriptor(SECURITY_INFORMATION information, const void* modification, ULONG flags,
                        const GENERIC_MAPPING& mapping, PSECURITY_DESCRIPTOR& object_descriptor,
                        const void* caller) {
    if (!object_descriptor) return STATUS_NO_SECURITY_ON_OBJECT;
    const Parts now = parts_of(object_descriptor);
    if (!(now.control & SE_SELF_RELATIVE)) return STATUS_BAD_DESCRIPTOR_FORMAT;
    Parts change = parts_of(modification);
    Bytes dacl, sacl;
    if (change.dacl)
        dacl = mapped(*change.dacl, mapping), change.dacl = reinterpret_cast<const ACL*>(dacl.data());
    const auto is = [](const Parts& parts, USHORT bit) { return (parts.control & bit) != 0; };
    if (flags & SEF_DACL_AUTO_INHERIT && change.dacl) {
        dacl = changed_list(now.dacl, is(now, SE_DACL_PROTECTED), change.dacl, is(change, SE_DACL_PROTECTED));
        change.dacl = reinterpret_cast<const ACL*>(dacl.data());
        change.control |= SE_DACL_AUTO_INHERITED;
    }
    if (flags & SEF_SACL_AUTO_INHERIT && change.sacl) {
        sacl = changed_list(now.sacl, is(now, SE_SACL_PROTECTED), change.sacl, is(change, SE_SACL_PROTECTED));
        change.sacl = reinterpret_cast<const ACL*>(sacl.data());
        change.control |= SE_SACL_AUTO_INHERITED;
    }
    // The old one stays the caller's to free.
    PSECURITY_DESCRIPTOR made = nullptr;
    if (!keep(made, self_relative(merged(now, change, information)), caller))
        return STATUS_INSUFFICIENT_RESOURCES;
    object_descriptor = made;
    return STATUS_SUCCESS;
}

}  // namespace

std::expected<Bytes, NTSTATUS> security::assigned(const Assignment& wanted) {
    const Token token = as_changed(wanted.token);
    const Parts given = wanted.given ? parts_of(wanted.given) : Parts{};
    const Parts above = wanted.parent ? parts_of(wanted.parent) : Parts{};
    const auto sid = [&](const void* own, const void* parents, ULONG from_parent, const Sid& of_token) {
        if (own) return Sid(own);
        return wanted.flags & from_parent && parents ? Sid(parents) : of_token;
    };
    const Sid owner = sid(given.owner, above.owner, SEF_DEFAULT_OWNER_FROM_PARENT, token.owner);
    const Sid group = sid(given.group, above.group, SEF_DEFAULT_GROUP_FROM_PARENT, token.primary_group);
    if (given.owner && !(wanted.flags & SEF_AVOID_OWNER_CHECK) && !may_own(token, owner))
        return std::unexpected(STATUS_INVALID_OWNER);
    if (given.sacl && !(wanted.flags & SEF_AVOID_PRIVILEGE_CHECK) &&
        !token.has_privilege(SE_SECURITY_PRIVILEGE))
        return std::unexpected(STATUS_PRIVILEGE_NOT_HELD);
    const Heir heir{owner, group, wanted.is_directory, wanted.mapping};
    List dacl = list_of(wanted, given, above, false, heir);
    const List sacl = list_of(wanted, given, above, true, heir);
    const bool no_default = token.default_dacl && token.default_dacl->empty();
    if (!dacl.present && !no_default) dacl = {default_dacl(token, wanted.mapping), true};
    const Parts made{.control = control_of(wanted, given, dacl.present, sacl.present),
                     .owner = owner.data(),
                     .group = group.data(),
                     .sacl = acl_of(sacl),
                     .dacl = acl_of(dacl)};
    return self_relative(made);
}

Bytes security::changed_descriptor(const void* now, const void* modification,
                                   SECURITY_INFORMATION information, const GENERIC_MAPPING& mapping) {
    Parts change = parts_of(modification);
    Bytes dacl;
    if (change.dacl)
        dacl = mapped(*change.dacl, mapping), change.dacl = reinterpret_cast<const ACL*>(dacl.data());
    return self_relative(merged(now ? parts_of(now) : Parts{}, change, information));
}

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-seassignsecurity
NTSTATUS NTAPI SeAssignSecurity(PSECURITY_DESCRIPTOR parent, PSECURITY_DESCRIPTOR explicit_descriptor,
                                PSECURITY_DESCRIPTOR* result, BOOLEAN is_directory,
                                PSECURITY_SUBJECT_CONTEXT subject, PGENERIC_MAPPING mapping, POOL_TYPE) {
    return assign({parent, explicit_descriptor, is_directory != 0, 0, token_of(subject), *mapping}, *result,
                  __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-seassignsecurityex
NTSTATUS NTAPI SeAssignSecurityEx(PSECURITY_DESCRIPTOR parent, PSECURITY_DESCRIPTOR explicit_descriptor,
                                  PSECURITY_DESCRIPTOR* result, GUID*, BOOLEAN is_directory, ULONG flags,
                                  PSECURITY_SUBJECT_CONTEXT subject, PGENERIC_MAPPING mapping, POOL_TYPE) {
    return assign({parent, explicit_descriptor, is_directory != 0, flags, token_of(subject), *mapping},
                  *result, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-sedeassignsecurity
NTSTATUS NTAPI SeDeassignSecurity(PSECURITY_DESCRIPTOR* descriptor) {
    drop(*descriptor);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sequerysecuritydescriptorinfo
NTSTATUS NTAPI SeQuerySecurityDescriptorInfo(PSECURITY_INFORMATION information, PSECURITY_DESCRIPTOR buffer,
                                             PULONG size, PSECURITY_DESCRIPTOR* object_descriptor) {
    const Parts parts = *object_descriptor ? parts_of(*object_descriptor) : Parts{};
    const Bytes bytes = self_relative(chosen(parts, *information));
    const ULONG room = *size;
    *size = static_cast<ULONG>(bytes.size());
    if (room < bytes.size()) return STATUS_BUFFER_TOO_SMALL;
    std::memcpy(buffer, bytes.data(), bytes.size());
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sesetsecuritydescriptorinfo
NTSTATUS NTAPI SeSetSecurityDescriptorInfo(PVOID, PSECURITY_INFORMATION information,
                                           PSECURITY_DESCRIPTOR modification,
                                           PSECURITY_DESCRIPTOR* object_descriptor, POOL_TYPE,
                                           PGENERIC_MAPPING mapping) {
    return set_descriptor(*information, modification, 0, *mapping, *object_descriptor,
                          __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sesetsecuritydescriptorinfoex
NTSTATUS NTAPI SeSetSecurityDescriptorInfoEx(PVOID, PSECURITY_INFORMATION information,
                                             PSECURITY_DESCRIPTOR modification,
                                             PSECURITY_DESCRIPTOR* object_descriptor, ULONG flags, POOL_TYPE,
                                             PGENERIC_MAPPING mapping) {
    return set_descriptor(*information, modification, flags, *mapping, *object_descriptor,
                          __builtin_return_address(0));
}

}  // extern "C"
