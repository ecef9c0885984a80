#include "nt/security/token.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <utility>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/object/object.h"

namespace ndiskit::nt::security {

namespace {

constexpr ULONG group_on = SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED;
constexpr ULONG privilege_on = SE_PRIVILEGE_ENABLED | SE_PRIVILEGE_ENABLED_BY_DEFAULT;
constexpr ULONG system_logon = 0x3E7, user_logon = 0x10001;

Guarded<std::unordered_map<const Token*, TokenChanges>, LockRank::nt_leaf> changed;

// The machine's own tokens never come here: it keeps a reference.
void destroy_token(void* token) {
    changed.with([&](auto& all) { all.erase(static_cast<const Token*>(token)); });
    delete static_cast<Token*>(token);
}

Sid local_user() { return Sid(5, {21, 1004336348, 1177238915, 682003330, 1001}); }
Sid local_users() { return Sid(5, {21, 1004336348, 1177238915, 682003330, 513}); }

std::vector<Privilege> all_privileges() {
    std::vector<Privilege> all;
    for (ULONG number = SE_MIN_WELL_KNOWN_PRIVILEGE; number <= SE_MAX_WELL_KNOWN_PRIVILEGE; ++number)
        if (number != SE_MACHINE_ACCOUNT_PRIVILEGE) all.push_back({number, privilege_on});
    return all;
}

Token make_system() {
    return {well_known::local_system(),
            {{well_known::administrators(), group_on | SE_GROUP_OWNER},
             {well_known::world(), group_on},
             {well_known::authenticated_users(), group_on}},
            all_privileges(),
            well_known::administrators(),
            well_known::local_system(),
            well_known::system_integrity(),
            TokenPrimary,
            1,
            system_logon};
}

std::vector<Group> groups_of_users() {
    return {{local_users(), group_on},
            {well_known::world(), group_on},
            {well_known::users(), group_on},
            {well_known::interactive(), group_on},
            {well_known::authenticated_users(), group_on}};
}

Token make_administrator() {
    Token token = {local_user(),
                   groups_of_users(),
                   {},
                   well_known::administrators(),
                   local_users(),
                   well_known::high_integrity(),
                   TokenImpersonation,
                   2,
                   user_logon};
    token.groups.push_back({well_known::administrators(), group_on | SE_GROUP_OWNER});
    for (const ULONG number :
         {SE_SECURITY_PRIVILEGE, SE_TAKE_OWNERSHIP_PRIVILEGE, SE_LOAD_DRIVER_PRIVILEGE,
          SE_SYSTEM_PROFILE_PRIVILEGE, SE_SYSTEMTIME_PRIVILEGE, SE_BACKUP_PRIVILEGE, SE_RESTORE_PRIVILEGE,
          SE_SHUTDOWN_PRIVILEGE, SE_DEBUG_PRIVILEGE, SE_CHANGE_NOTIFY_PRIVILEGE, SE_MANAGE_VOLUME_PRIVILEGE,
          SE_IMPERSONATE_PRIVILEGE, SE_CREATE_GLOBAL_PRIVILEGE})
        token.privileges.push_back({static_cast<ULONG>(number), privilege_on});
    return token;
}

Token make_user() {
    return {local_user(),
            groups_of_users(),
            {{SE_CHANGE_NOTIFY_PRIVILEGE, privilege_on}},
            local_user(),
            local_users(),
            well_known::medium_integrity(),
            TokenImpersonation,
            3,
            user_logon + 1};
}

Token& make(Token (*description)()) {
    auto* const token = new Token(description());
    object::adopt(token, token_type);
    return *token;
}

Guarded<std::unordered_map<HANDLE, Acting>, LockRank::nt_leaf> impersonated;
std::atomic<ULONG> next_id = 100;

}  // namespace

}  // namespace ndiskit::nt::security

namespace ndiskit::nt::security {

_OBJECT_TYPE token_type = {"Token", destroy_token, nullptr};

bool Token::has_sid(const void* sid, bool deny) const {
    if (same_sid(user.data(), sid)) return true;
    const ULONG counts = deny ? SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY : SE_GROUP_ENABLED;
    return std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
        return (group.attributes & counts) && same_sid(group.sid.data(), sid);
    });
}

bool Token::has_privilege(ULONG number) const {
    return std::any_of(privileges.begin(), privileges.end(), [&](const Privilege& privilege) {
        return privilege.number == number && (privilege.attributes & SE_PRIVILEGE_ENABLED);
    });
}

void change_token(const Token& token, const std::function<void(TokenChanges&)>& change) {
    changed.with([&](auto& all) { change(all[&token]); });
}

TokenChanges changes_of(const Token& token) {
    return changed.with([&](auto& all) {
        const auto found = all.find(&token);
        return found == all.end() ? TokenChanges{} : found->second;
    });
}

Token as_changed(const Token& token) {
    Token now = token;
    const TokenChanges changes = changes_of(token);
    if (changes.owner) now.owner = *changes.owner;
    if (changes.primary_group) now.primary_group = *changes.primary_group;
    if (changes.default_dacl) now.default_dacl = changes.default_dacl;
    return now;
}

Token& system_token() {
    static Token& token = make(make_system);
    return token;
}
Token& administrator_token() {
    static Token& token = make(make_administrator);
    return token;
}
Token& user_token() {
    static Token& token = make(make_user);
    return token;
}

Token& make_token(Token description) {
    auto* const token = new Token(std::move(description));
    token->id = next_id++;
    object::adopt(token, token_type);
    return *token;
}

Acting exchange_acting(HANDLE thread_id, const Acting& acting) {
    return impersonated.with([&](auto& all) {
        Acting before;
        if (const auto found = all.find(thread_id); found != all.end()) before = found->second;
        if (acting.token)
            all[thread_id] = acting;
        else
            all.erase(thread_id);
        return before;
    });
}

Acting acting_of(HANDLE thread_id) {
    return impersonated.with([&](auto& all) {
        const auto found = all.find(thread_id);
        return found == all.end() ? Acting{} : found->second;
    });
}

Token* impersonated_token() { return acting_of(PsGetCurrentThreadId()).token; }

Token& current_token() {
    Token* const token = impersonated_token();
    return token ? *token : system_token();
}

Impersonation::Impersonation(Token& token) {
    object::reference(&token);
    before_ = exchange_acting(PsGetCurrentThreadId(), {&token, token.level, false, false});
}
Impersonation::~Impersonation() {
    const Acting mine = exchange_acting(PsGetCurrentThreadId(), before_);
    if (mine.token) object::dereference(mine.token);
}

}  // namespace ndiskit::nt::security
