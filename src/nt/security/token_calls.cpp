// Tokens as drivers ask about them.
#include <algorithm>
#include <cstring>

#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/security/acl.h"
#include "nt/security/token.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

constexpr uint32_t token_tag = 0x69546553;  // 'SeTi' in memory order

const Token& token_of(PACCESS_TOKEN token) { return *static_cast<const Token*>(token); }

// An answer: a structure with pointers into what follows it. Offsets become pointers when the answer has its
// place.
class Answer {
  public:
    explicit Answer(size_t size) : bytes_(size) {}
    template <class T>
    void put(size_t at, T value) {
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    void point(size_t at, const void* data, size_t size) {
        pointers_.push_back({at, bytes_.size()});
        const auto* const from = static_cast<const uint8_t*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
        bytes_.resize((bytes_.size() + 7) & ~size_t{7});
    }
    void point(size_t at, const Sid& sid) { point(at, sid.data(), sid.size()); }
    size_t size() const { return bytes_.size(); }
    void write(void* to) const {
        std::memcpy(to, bytes_.data(), bytes_.size());
        for (const auto& [at, target] : pointers_) {
            void* const address = static_cast<char*>(to) + target;
            std::memcpy(static_cast<char*>(to) + at, &address, sizeof address);
        }
    }

  private:
    struct Pointer {
        size_t at, target;
    };
    std::vector<uint8_t> bytes_;
    std::vector<Pointer> pointers_;
};

template <class T>
Answer plain(T value) {
    Answer answer(sizeof value);
    answer.put(0, value);
    return answer;
}
Answer of_sid(const Sid& sid) {
    Answer answer(sizeof(PSID));
    answer.point(0, sid);
    return answer;
}

Answer groups_of(const Token& token) {
    Answer answer(offsetof(TOKEN_GROUPS, Groups) + token.groups.size() * sizeof(SID_AND_ATTRIBUTES));
    answer.put(0, static_cast<ULONG>(token.groups.size()));
    for (size_t i = 0; i < token.groups.size(); ++i) {
        const size_t at = offsetof(TOKEN_GROUPS, Groups) + i * sizeof(SID_AND_ATTRIBUTES);
        answer.point(at, token.groups[i].sid);
        answer.put(at + offsetof(SID_AND_ATTRIBUTES, Attributes), token.groups[i].attributes);
    }
    return answer;
}

Answer privileges_of(const Token& token) {
    Answer answer(offsetof(TOKEN_PRIVILEGES, Privileges) +
                  token.privileges.size() * sizeof(LUID_AND_ATTRIBUTES));
    answer.put(0, static_cast<ULONG>(token.privileges.size()));
    for (size_t i = 0; i < token.privileges.size(); ++i)
        answer.put(offsetof(TOKEN_PRIVILEGES, Privileges) + i * sizeof(LUID_AND_ATTRIBUTES),
                   LUID_AND_ATTRIBUTES{{token.privileges[i].number, 0}, token.privileges[i].attributes});
    return answer;
}

Answer default_dacl_of(const Token& token) {
    if (token.default_dacl) {
        Answer answer(sizeof(TOKEN_DEFAULT_DACL));
        if (!token.default_dacl->empty())
            answer.point(0, token.default_dacl->data(), token.default_dacl->size());
        return answer;
    }
    AclBuilder dacl;
    dacl.add(ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, token.owner.data());
    dacl.add(ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL, well_known::local_system().data());
    const Bytes bytes = dacl.take();
    Answer answer(sizeof(TOKEN_DEFAULT_DACL));
    answer.point(0, bytes.data(), bytes.size());
    return answer;
}

Answer statistics_of(const Token& token) {
    TOKEN_STATISTICS statistics = {};
    statistics.TokenId = {token.id, 0};
    statistics.AuthenticationId = {token.logon, 0};
    statistics.ExpirationTime.QuadPart = INT64_MAX;
    statistics.TokenType = token.type;
    statistics.ImpersonationLevel = token.level;
    statistics.GroupCount = static_cast<ULONG>(token.groups.size());
    statistics.PrivilegeCount = static_cast<ULONG>(token.privileges.size());
    return plain(statistics);
}

Answer user_of(const Token& token) {
    Answer answer(sizeof(TOKEN_USER));
    answer.point(0, token.user);
    return answer;
}

Answer integrity_of(const Token& token) {
    Answer answer(sizeof(SID_AND_ATTRIBUTES));
    answer.point(0, token.integrity);
    answer.put(offsetof(SID_AND_ATTRIBUTES, Attributes),
               ULONG{SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED});
    return answer;
}

bool is_admin(const Token& token) { return token.has_sid(well_known::administrators().data(), false); }

NTSTATUS ask(const Token& token, TOKEN_INFORMATION_CLASS information, Answer& answer) {
    switch (information) {
        case TokenUser:
            return answer = user_of(token), STATUS_SUCCESS;
        case TokenGroups:
            return answer = groups_of(token), STATUS_SUCCESS;
        case TokenPrivileges:
            return answer = privileges_of(token), STATUS_SUCCESS;
        case TokenOwner:
            return answer = of_sid(token.owner), STATUS_SUCCESS;
        case TokenPrimaryGroup:
            return answer = of_sid(token.primary_group), STATUS_SUCCESS;
        case TokenDefaultDacl:
            return answer = default_dacl_of(token), STATUS_SUCCESS;
        case TokenSource:
            return answer = plain(TOKEN_SOURCE{{'*', 'S', 'Y', 'S', 'T', 'E', 'M', '*'}, {}}), STATUS_SUCCESS;
        case TokenType:
            return answer = plain(token.type), STATUS_SUCCESS;
        case TokenImpersonationLevel:
            if (token.type != TokenImpersonation) return STATUS_INVALID_INFO_CLASS;
            return answer = plain(token.level), STATUS_SUCCESS;
        case TokenStatistics:
            return answer = statistics_of(token), STATUS_SUCCESS;
        case TokenSessionId:
            return answer = plain(ULONG{0}), STATUS_SUCCESS;
        case TokenElevation:
            return answer = plain(TOKEN_ELEVATION{is_admin(token)}), STATUS_SUCCESS;
        case TokenIntegrityLevel:
            return answer = integrity_of(token), STATUS_SUCCESS;
        default:
            return STATUS_INVALID_INFO_CLASS;
    }
}

// What comes as a number and not in a buffer.
bool is_number(TOKEN_INFORMATION_CLASS information) {
    return information == TokenSessionId || information == TokenIntegrityLevel;
}
ULONG number_of(const Token& token, TOKEN_INFORMATION_CLASS information) {
    return information == TokenIntegrityLevel ? sid_of(token.integrity.data()).SubAuthority[0] : 0;
}

const HANDLE current_process = reinterpret_cast<HANDLE>(int64_t{-1});
const HANDLE current_thread = reinterpret_cast<HANDLE>(int64_t{-2});

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-setokenisadmin
BOOLEAN NTAPI SeTokenIsAdmin(PACCESS_TOKEN token) { return is_admin(token_of(token)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-setokenisrestricted
BOOLEAN NTAPI SeTokenIsRestricted(PACCESS_TOKEN token) { return !token_of(token).restricting.empty(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-setokentype
TOKEN_TYPE NTAPI SeTokenType(PACCESS_TOKEN token) { return token_of(token).type; }

SECURITY_IMPERSONATION_LEVEL NTAPI SeTokenImpersonationLevel(PACCESS_TOKEN token) {
    return token_of(token).level;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sequeryauthenticationidtoken
NTSTATUS NTAPI SeQueryAuthenticationIdToken(PACCESS_TOKEN token, PLUID id) {
    *id = {token_of(token).logon, 0};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sequerysessionidtoken
NTSTATUS NTAPI SeQuerySessionIdToken(PACCESS_TOKEN, PULONG session) {
    *session = 0;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sequeryinformationtoken
NTSTATUS NTAPI SeQueryInformationToken(PACCESS_TOKEN token, TOKEN_INFORMATION_CLASS information,
                                       PVOID* result) {
    if (is_number(information)) {
        const ULONG number = number_of(token_of(token), information);
        std::memcpy(result, &number, sizeof number);
        return STATUS_SUCCESS;
    }
    Answer answer(0);
    if (const NTSTATUS status = ask(as_changed(token_of(token)), information, answer); !NT_SUCCESS(status))
        return status;
    void* const block = pool_allocate(PoolKind::paged, answer.size(), token_tag, __builtin_return_address(0));
    if (!block) return STATUS_INSUFFICIENT_RESOURCES;
    answer.write(block);
    *result = block;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwqueryinformationtoken
NTSTATUS NTAPI ZwQueryInformationToken(HANDLE handle, TOKEN_INFORMATION_CLASS information, PVOID buffer,
                                       ULONG size, PULONG needed) {
    void* body = nullptr;
    NTSTATUS status = object::reference_by_handle(handle, 0, &token_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    Answer answer(0);
    status = ask(as_changed(token_of(body)), information, answer);
    object::dereference(body);
    if (!NT_SUCCESS(status)) return status;
    *needed = static_cast<ULONG>(answer.size());
    if (size < answer.size()) return STATUS_BUFFER_TOO_SMALL;
    answer.write(buffer);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwopenprocesstokenex
NTSTATUS NTAPI ZwOpenProcessTokenEx(HANDLE process, ACCESS_MASK access, ULONG attributes, PHANDLE token) {
    if (process != current_process) {
        void* body = nullptr;
        const NTSTATUS status = object::reference_by_handle(process, 0, nullptr, false, &body);
        if (!NT_SUCCESS(status)) return status;
        const bool fits = std::string_view(object::type_of(body)->name) == "Process";
        object::dereference(body);
        if (!fits) return STATUS_OBJECT_TYPE_MISMATCH;
    }
    *token = object::open_handle(&system_token(), access, attributes & OBJ_KERNEL_HANDLE);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntopenprocesstoken
NTSTATUS NTAPI NtOpenProcessToken(HANDLE process, ACCESS_MASK access, PHANDLE token) {
    return ZwOpenProcessTokenEx(process, access, 0, token);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwopenthreadtokenex
NTSTATUS NTAPI ZwOpenThreadTokenEx(HANDLE thread, ACCESS_MASK access, BOOLEAN, ULONG attributes,
                                   PHANDLE token) {
    if (thread != current_thread) {
        void* body = nullptr;
        const NTSTATUS status = object::reference_by_handle(thread, 0, &object::thread_type, false, &body);
        if (!NT_SUCCESS(status)) return status;
        const bool is_caller = body == ke::kthread(ke::current_thread());
        object::dereference(body);
        if (!is_caller) return STATUS_NO_TOKEN;  // only the thread that works for a program impersonates
    }
    Token* const client = impersonated_token();
    if (!client) return STATUS_NO_TOKEN;
    *token = object::open_handle(client, access, attributes & OBJ_KERNEL_HANDLE);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntopenthreadtoken
NTSTATUS NTAPI NtOpenThreadToken(HANDLE thread, ACCESS_MASK access, BOOLEAN as_self, PHANDLE token) {
    return ZwOpenThreadTokenEx(thread, access, as_self, 0, token);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psreferenceprimarytoken
PACCESS_TOKEN NTAPI PsReferencePrimaryToken(PEPROCESS) {
    object::reference(&system_token());
    return &system_token();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psdereferenceprimarytoken
void NTAPI PsDereferencePrimaryToken(PACCESS_TOKEN token) { object::dereference(token); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psreferenceimpersonationtoken
PACCESS_TOKEN NTAPI PsReferenceImpersonationToken(PETHREAD thread, PBOOLEAN copy_on_open,
                                                  PBOOLEAN effective_only,
                                                  SECURITY_IMPERSONATION_LEVEL* level) {
    const Acting acting = acting_of(PsGetThreadId(thread));
    if (!acting.token) return nullptr;
    object::reference(acting.token);
    *copy_on_open = acting.copy_on_open;
    *effective_only = acting.effective_only;
    *level = acting.level;
    return acting.token;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psdereferenceimpersonationtoken
void NTAPI PsDereferenceImpersonationToken(PACCESS_TOKEN token) { object::dereference(token); }

}  // extern "C"
