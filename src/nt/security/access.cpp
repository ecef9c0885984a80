#include "nt/security/access.h"

#include "nt/abi.h"

namespace ndiskit::nt::security {

const GENERIC_MAPPING file_mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE,
                                      STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x1FF};
const GENERIC_MAPPING key_mapping = {KEY_READ, KEY_WRITE, KEY_EXECUTE, KEY_ALL_ACCESS};
const GENERIC_MAPPING event_mapping = {STANDARD_RIGHTS_READ | EVENT_QUERY_STATE,
                                       STANDARD_RIGHTS_WRITE | EVENT_MODIFY_STATE,
                                       STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, EVENT_ALL_ACCESS};

ACCESS_MASK map_generic(ACCESS_MASK mask, const GENERIC_MAPPING& mapping) {
    if (mask & GENERIC_READ) mask |= mapping.GenericRead;
    if (mask & GENERIC_WRITE) mask |= mapping.GenericWrite;
    if (mask & GENERIC_EXECUTE) mask |= mapping.GenericExecute;
    if (mask & GENERIC_ALL) mask |= mapping.GenericAll;
    return mask & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL);
}

namespace {

struct Rights {
    ACCESS_MASK allowed = 0;
    bool owner_is_named = false;  // OWNER RIGHTS takes the place of what owners have anyway
};

// What the entries allow, in their order: what one has denied no later one allows, and the other way round.
Rights walk(const ACL& dacl, const Token& token, bool is_owner, const GENERIC_MAPPING& mapping) {
    Rights rights;
    ACCESS_MASK denied = 0;
    for (ULONG i = 0; i < dacl.AceCount; ++i) {
        const ACE_HEADER* const ace = entry(dacl, i);
        if (!ace) break;
        const bool deny = ace->AceType == ACCESS_DENIED_ACE_TYPE;
        if ((!deny && ace->AceType != ACCESS_ALLOWED_ACE_TYPE) || ace->AceFlags & INHERIT_ONLY_ACE) continue;
        const bool of_owner = same_sid(sid_of(*ace), well_known::owner_rights().data());
        rights.owner_is_named |= of_owner;
        if (!token.has_sid(sid_of(*ace), deny) && !(of_owner && is_owner)) continue;
        const ACCESS_MASK mask = map_generic(mask_of(*ace), mapping);
        if (deny)
            denied |= mask & ~rights.allowed;
        else
            rights.allowed |= mask & ~denied;
    }
    return rights;
}

ACCESS_MASK allowed_by(const Parts& parts, const Token& token, const GENERIC_MAPPING& mapping) {
    if (!parts.dacl) return mapping.GenericAll | STANDARD_RIGHTS_ALL | 0xFFFF;
    const bool is_owner = parts.owner && token.has_sid(parts.owner, false);
    const Rights rights = walk(*parts.dacl, token, is_owner, mapping);
    const ACCESS_MASK of_owner =
        is_owner && !rights.owner_is_named ? static_cast<ACCESS_MASK>(READ_CONTROL | WRITE_DAC) : 0u;
    return rights.allowed | of_owner;
}

// The restricting SIDs alone, all of them enabled.
Token restricting_view(const Token& token) {
    Token view = token;
    view.user = token.restricting.front();
    view.groups.clear();
    for (const Sid& sid : token.restricting) view.groups.push_back({sid, SE_GROUP_ENABLED});
    return view;
}

}  // namespace

Access access_check(const void* descriptor, const Token& token, ACCESS_MASK desired,
                    const GENERIC_MAPPING& mapping, ACCESS_MASK granted_before) {
    Access access = {STATUS_SUCCESS, granted_before, {}};
    ACCESS_MASK wanted = map_generic(desired, mapping);
    const bool maximum = wanted & MAXIMUM_ALLOWED;
    wanted &= ~(MAXIMUM_ALLOWED | granted_before);
    if (wanted & ACCESS_SYSTEM_SECURITY) {
        if (!token.has_privilege(SE_SECURITY_PRIVILEGE)) return {STATUS_PRIVILEGE_NOT_HELD, 0, {}};
        access.privileges.push_back(SE_SECURITY_PRIVILEGE);
        access.granted |= ACCESS_SYSTEM_SECURITY;
    }
    const Parts parts = descriptor ? parts_of(descriptor) : Parts{};
    ACCESS_MASK allowed = allowed_by(parts, token, mapping);
    if (!token.restricting.empty()) allowed &= allowed_by(parts, restricting_view(token), mapping);
    if (wanted & WRITE_OWNER & ~allowed && token.has_privilege(SE_TAKE_OWNERSHIP_PRIVILEGE)) {
        access.privileges.push_back(SE_TAKE_OWNERSHIP_PRIVILEGE);
        access.granted |= WRITE_OWNER;
    }
    access.granted |= maximum ? allowed & (mapping.GenericAll | wanted) : wanted & allowed;
    const bool nothing = maximum && !access.granted;
    if (wanted & ~access.granted || nothing) return {STATUS_ACCESS_DENIED, 0, {}};
    return access;
}

}  // namespace ndiskit::nt::security
