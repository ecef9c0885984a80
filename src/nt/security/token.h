// Tokens: as whom somebody acts. Kernel threads act as the local system. A program outside that opens a
// device acts as whoever it is: io gives the thread that works for it a token with Impersonation, as Windows
// has the thread of the program.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nt/security/sid.h"

struct _OBJECT_TYPE;

namespace ndiskit::nt::security {

extern _OBJECT_TYPE token_type;

struct Group {
    Sid sid;
    ULONG attributes;
};
struct Privilege {
    ULONG number;  // SE_LOAD_DRIVER_PRIVILEGE ...
    ULONG attributes;
};

// Whether somebody with the token may start processes.
enum class Children : uint8_t { allowed, audited, only_secure, forbidden };

// What was changed of a token since it was made.
struct TokenChanges {
    std::optional<Sid> owner, primary_group;
    std::optional<std::vector<uint8_t>> default_dacl;  // empty: new objects get none
    Children children = Children::allowed;
};

// What drivers have a PACCESS_TOKEN of. The rest of it is never changed once made, so that it is read without
// a lock.
struct Token {
    Sid user;
    std::vector<Group> groups;
    std::vector<Privilege> privileges;
    Sid owner;
    Sid primary_group;
    Sid integrity;
    TOKEN_TYPE type = TokenPrimary;
    ULONG id = 0;
    ULONG logon = 0;                                             // the low part of the authentication id
    SECURITY_IMPERSONATION_LEVEL level = SecurityImpersonation;  // of an impersonation token
    std::vector<Sid> restricting = {};  // when there are any, they must have the access as well
    std::optional<std::vector<uint8_t>> default_dacl = {};

    // Of the user or a group that counts; those that count only to deny when `deny`.
    bool has_sid(const void* sid, bool deny) const;
    bool has_privilege(ULONG number) const;
};

void change_token(const Token& token, const std::function<void(TokenChanges&)>& change);
TokenChanges changes_of(const Token& token);
// The token as it is with its changes.
Token as_changed(const Token& token);

// Referenced by the machine for as long as it runs.
Token& system_token();
Token& administrator_token();
Token&
user_token();  // an ordinary user at the machine: no administrator, no privilege but to pass directories

// A token like the other, with one reference, which is the caller's.
Token& make_token(Token description);

// As whom a thread acts.
struct Acting {
    Token* token = nullptr;  // with a reference of the holder's
    SECURITY_IMPERSONATION_LEVEL level = SecurityAnonymous;
    bool copy_on_open = false, effective_only = false;
};
// Takes over the reference of `acting`, and gives that of what was before. Threads are known by their ids.
Acting exchange_acting(HANDLE thread_id, const Acting& acting);
// With no reference.
Acting acting_of(HANDLE thread_id);

// The token of the calling thread: that which it impersonates, or the system's.
Token& current_token();
// The thread acts as that token while this lives.
class Impersonation {
  public:
    explicit Impersonation(Token& token);
    ~Impersonation();
    Impersonation(const Impersonation&) = delete;
    Impersonation& operator=(const Impersonation&) = delete;

  private:
    Acting before_;
};
// Null when the thread impersonates nobody.
Token* impersonated_token();

}  // namespace ndiskit::nt::security
