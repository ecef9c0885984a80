// Acting as somebody else, tokens made of others, and audits, for which no policy of the machine asks.
#include <algorithm>
#include <atomic>

#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/security/client.h"
#include "nt/security/token.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

constexpr uint32_t name_tag = 0x6E496553;  // 'SeIn' in memory order

Token& token_of(PACCESS_TOKEN token) { return *static_cast<Token*>(token); }

Token copy_of(const Token& token, TOKEN_TYPE type, SECURITY_IMPERSONATION_LEVEL level, bool effective_only) {
    Token copy = as_changed(token);
    copy.type = type;
    copy.level = level;
    if (effective_only) {
        std::erase_if(copy.privileges,
                      [](const Privilege& p) { return !(p.attributes & SE_PRIVILEGE_ENABLED); });
        std::erase_if(copy.groups, [](const Group& g) {
            return !(g.attributes & (SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY | SE_GROUP_MANDATORY));
        });
    }
    return copy;
}

NTSTATUS create_client(Token& token, bool is_primary, SECURITY_IMPERSONATION_LEVEL held,
                       const SECURITY_QUALITY_OF_SERVICE& qos, bool remote, SECURITY_CLIENT_CONTEXT& client) {
    // Who only acts as somebody passes on no more than it has.
    if (!is_primary && (held < SecurityImpersonation || (remote && held != SecurityDelegation)))
        return STATUS_BAD_IMPERSONATION_LEVEL;
    const bool direct = qos.ContextTrackingMode && !remote;
    Token* used = &token;
    if (direct)
        object::reference(used);
    else
        used = &make_token(copy_of(token, TokenImpersonation, qos.ImpersonationLevel, qos.EffectiveOnly));
    client = {};
    client.SecurityQos = qos;
    client.ClientToken = used;
    client.DirectlyAccessClientToken = direct;
    client.DirectAccessEffectiveOnly = direct && qos.EffectiveOnly;
    client.ServerIsRemote = remote;
    client.ClientTokenControl = {{used->id, 0}, {used->logon, 0}, {}, {}};
    return STATUS_SUCCESS;
}

bool named_in(const TOKEN_GROUPS* groups, const Sid& sid) {
    for (ULONG i = 0; groups && i < groups->GroupCount; ++i)
        if (same_sid(groups->Groups[i].Sid, sid.data())) return true;
    return false;
}

void deny_only(Group& group) {
    group.attributes =
        (group.attributes & ~(SE_GROUP_ENABLED | SE_GROUP_ENABLED_BY_DEFAULT)) | SE_GROUP_USE_FOR_DENY_ONLY;
}

void restrict(Token& token, const TOKEN_GROUPS& sids) {
    std::vector<Sid> wanted;
    for (ULONG i = 0; i < sids.GroupCount; ++i) wanted.emplace_back(sids.Groups[i].Sid);
    if (!token.restricting.empty())
        std::erase_if(wanted, [&](const Sid& sid) {
            return std::ranges::none_of(token.restricting,
                                        [&](const Sid& old) { return same_sid(old.data(), sid.data()); });
        });
    token.restricting = std::move(wanted);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-secreateclientsecurity
NTSTATUS NTAPI SeCreateClientSecurity(PETHREAD thread, PSECURITY_QUALITY_OF_SERVICE qos, BOOLEAN remote,
                                      PSECURITY_CLIENT_CONTEXT client) {
    const Acting acting = acting_of(PsGetThreadId(thread));
    return create_client(acting.token ? *acting.token : system_token(), !acting.token, acting.level, *qos,
                         remote, *client);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-secreateclientsecurityfromsubjectcontext
NTSTATUS NTAPI SeCreateClientSecurityFromSubjectContext(PSECURITY_SUBJECT_CONTEXT subject,
                                                        PSECURITY_QUALITY_OF_SERVICE qos, BOOLEAN remote,
                                                        PSECURITY_CLIENT_CONTEXT client) {
    const PACCESS_TOKEN token = subject->ClientToken ? subject->ClientToken : subject->PrimaryToken;
    return create_client(token_of(token), !subject->ClientToken, subject->ImpersonationLevel, *qos, remote,
                         *client);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psimpersonateclient
NTSTATUS NTAPI PsImpersonateClient(PETHREAD thread, PACCESS_TOKEN token, BOOLEAN copy_on_open,
                                   BOOLEAN effective_only, SECURITY_IMPERSONATION_LEVEL level) {
    Acting acting;
    if (token) {
        object::reference(token);
        acting = {&token_of(token), level, copy_on_open != 0, effective_only != 0};
    }
    const Acting before = exchange_acting(PsGetThreadId(thread), acting);
    if (before.token) object::dereference(before.token);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psreverttoself
void NTAPI PsRevertToSelf() {
    const Acting before = exchange_acting(PsGetCurrentThreadId(), {});
    if (before.token) object::dereference(before.token);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seimpersonateclientex
NTSTATUS NTAPI SeImpersonateClientEx(PSECURITY_CLIENT_CONTEXT client, PETHREAD thread) {
    const bool effective_only = client->DirectlyAccessClientToken ? client->DirectAccessEffectiveOnly
                                                                  : client->SecurityQos.EffectiveOnly;
    return PsImpersonateClient(
        thread ? thread : reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread())), client->ClientToken,
        TRUE, effective_only, client->SecurityQos.ImpersonationLevel);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seimpersonateclient
void NTAPI SeImpersonateClient(PSECURITY_CLIENT_CONTEXT client, PETHREAD thread) {
    SeImpersonateClientEx(client, thread);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sefiltertoken
NTSTATUS NTAPI SeFilterToken(PACCESS_TOKEN existing, ULONG flags, PTOKEN_GROUPS to_disable,
                             PTOKEN_PRIVILEGES to_delete, PTOKEN_GROUPS restricting,
                             PACCESS_TOKEN* filtered) {
    constexpr ULONG disable_max_privilege = 1, sandbox_inert = 2;
    if (flags & ~(disable_max_privilege | sandbox_inert)) return STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; restricting && i < restricting->GroupCount; ++i)
        if (restricting->Groups[i].Attributes) return STATUS_INVALID_PARAMETER;
    Token token = as_changed(token_of(existing));
    for (Group& group : token.groups)
        if (named_in(to_disable, group.sid)) deny_only(group);
    std::erase_if(token.privileges, [&](const Privilege& privilege) {
        if (flags & disable_max_privilege) return privilege.number != SE_CHANGE_NOTIFY_PRIVILEGE;
        for (ULONG i = 0; to_delete && i < to_delete->PrivilegeCount; ++i)
            if (to_delete->Privileges[i].Luid.LowPart == privilege.number) return true;
        return false;
    });
    if (restricting && restricting->GroupCount) restrict(token, *restricting);
    *filtered = &make_token(std::move(token));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwduplicatetoken
NTSTATUS NTAPI ZwDuplicateToken(HANDLE existing, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                                BOOLEAN effective_only, TOKEN_TYPE type, PHANDLE result) {
    if (type != TokenPrimary && type != TokenImpersonation) return STATUS_INVALID_PARAMETER;
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(existing, 0, &token_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    const Token& token = token_of(body);
    const auto* const qos =
        attributes ? static_cast<const SECURITY_QUALITY_OF_SERVICE*>(attributes->SecurityQualityOfService)
                   : nullptr;
    const auto level = qos ? qos->ImpersonationLevel : SecurityAnonymous;
    const bool raises = token.type == TokenImpersonation && type == TokenImpersonation && level > token.level;
    const bool too_low =
        token.type == TokenImpersonation && type == TokenPrimary && token.level < SecurityImpersonation;
    if (raises || too_low) {
        object::dereference(body);
        return STATUS_BAD_IMPERSONATION_LEVEL;
    }
    Token& made = make_token(copy_of(token, type, level, effective_only));
    constexpr ACCESS_MASK all_of_it = TOKEN_ALL_ACCESS;
    *result = object::open_handle(&made, access ? access : all_of_it,
                                  attributes && attributes->Attributes & OBJ_KERNEL_HANDLE);
    object::dereference(&made);
    object::dereference(body);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntprivilegecheck
NTSTATUS NTAPI NtPrivilegeCheck(HANDLE handle, PPRIVILEGE_SET required, PBOOLEAN result) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, TOKEN_QUERY, &token_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    SECURITY_SUBJECT_CONTEXT subject = {body, SecurityImpersonation, body, nullptr};
    *result = SePrivilegeCheck(required, &subject, UserMode);
    object::dereference(body);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-zwallocatelocallyuniqueid
NTSTATUS NTAPI ZwAllocateLocallyUniqueId(PLUID id) {
    static std::atomic<uint64_t> next = 0x10000;
    const uint64_t value = next++;
    *id = {static_cast<ULONG>(value), static_cast<LONG>(value >> 32)};
    return STATUS_SUCCESS;
}

// The one process of the machine is the system's, whose image is the kernel.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-selocateprocessimagename
NTSTATUS NTAPI SeLocateProcessImageName(PEPROCESS, PUNICODE_STRING* name) {
    constexpr std::u16string_view image = u"\\SystemRoot\\System32\\ntoskrnl.exe";
    constexpr USHORT bytes = image.size() * sizeof(char16_t), with_end = bytes + sizeof(char16_t);
    auto* const made = static_cast<PUNICODE_STRING>(pool_allocate_zeroed(
        PoolKind::nonpaged, sizeof(UNICODE_STRING) + with_end, name_tag, __builtin_return_address(0)));
    if (!made) return STATUS_INSUFFICIENT_RESOURCES;
    *made = {bytes, with_end, reinterpret_cast<char16_t*>(made + 1)};
    std::ranges::copy(image, made->Buffer);
    *name = made;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seauditingfileevents
BOOLEAN NTAPI SeAuditingFileEvents(BOOLEAN, PSECURITY_DESCRIPTOR) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seauditingfileorglobalevents
BOOLEAN NTAPI SeAuditingFileOrGlobalEvents(BOOLEAN, PSECURITY_DESCRIPTOR, PSECURITY_SUBJECT_CONTEXT) {
    return FALSE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seauditinghardlinkevents
BOOLEAN NTAPI SeAuditingHardLinkEvents(BOOLEAN, PSECURITY_DESCRIPTOR) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seopenobjectauditalarm
void NTAPI SeOpenObjectAuditAlarm(PUNICODE_STRING, PVOID, PUNICODE_STRING, PSECURITY_DESCRIPTOR,
                                  PACCESS_STATE, BOOLEAN, BOOLEAN, KPROCESSOR_MODE,
                                  PBOOLEAN generate_on_close) {
    *generate_on_close = FALSE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seopenobjectfordeleteauditalarm
void NTAPI SeOpenObjectForDeleteAuditAlarm(PUNICODE_STRING, PVOID, PUNICODE_STRING, PSECURITY_DESCRIPTOR,
                                           PACCESS_STATE, BOOLEAN, BOOLEAN, KPROCESSOR_MODE,
                                           PBOOLEAN generate_on_close) {
    *generate_on_close = FALSE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sedeleteobjectauditalarm
void NTAPI SeDeleteObjectAuditAlarm(PVOID, HANDLE) {}

}  // extern "C"
