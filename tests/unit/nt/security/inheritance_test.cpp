// Automatic inheritance, tokens that change, checks by what was taken of a token, logon sessions.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/security/access.h"
#include "nt/security/inheritance.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt::security {
namespace {

using test::on_sim;

std::u16string sid_at(const ACL& acl, ULONG index) { return sid_text(sid_of(*entry(acl, index))); }
constexpr auto world = u"S-1-1-0", users = u"S-1-5-32-545", system = u"S-1-5-18", guests = u"S-1-5-32-546";

struct Assigned {
    GENERIC_MAPPING mapping = file_mapping;
    PSECURITY_DESCRIPTOR made = nullptr;
    NTSTATUS status;
    Assigned(std::u16string_view parent, std::u16string_view given, ULONG flags) {
        Bytes above = *parse_sddl(parent);
        std::optional<Bytes> own;
        if (!given.empty()) own = parse_sddl(given);
        status = SeAssignSecurityEx(above.data(), own ? own->data() : nullptr, &made, nullptr, FALSE, flags,
                                    nullptr, &mapping, PagedPool);
    }
    ~Assigned() { SeDeassignSecurity(&made); }
    Parts parts() const { return parts_of(made); }
};

constexpr std::u16string_view parent = u"O:BUG:BGD:(A;OI;GR;;;BU)(A;;GA;;;SY)";

TEST(SeAssignSecurityEx, AppendsWhatIsInheritedToWhatIsExplicit) {
    on_sim([] {
        const Assigned both(parent, u"D:(A;;GR;;;WD)(A;ID;GR;;;BG)", SEF_DACL_AUTO_INHERIT);
        ASSERT_EQ(both.status, STATUS_SUCCESS);
        ASSERT_EQ(both.parts().dacl->AceCount, 2);  // the one that says it was inherited was not copied
        EXPECT_EQ(sid_at(*both.parts().dacl, 0), world);
        EXPECT_EQ(sid_at(*both.parts().dacl, 1), users);
        EXPECT_TRUE(entry(*both.parts().dacl, 1)->AceFlags & INHERITED_ACE);
        EXPECT_TRUE(both.parts().control & SE_DACL_AUTO_INHERITED);
        const Assigned protected_list(parent, u"D:P(A;;GR;;;WD)", SEF_DACL_AUTO_INHERIT);
        EXPECT_EQ(protected_list.parts().dacl->AceCount, 1);
        const Assigned by_default(parent, u"D:(A;;GR;;;WD)",
                                  SEF_DACL_AUTO_INHERIT | SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT);
        ASSERT_EQ(by_default.parts().dacl->AceCount, 1);
        EXPECT_EQ(sid_at(*by_default.parts().dacl, 0), users);
        const Assigned none(parent, u"", SEF_DACL_AUTO_INHERIT);
        EXPECT_EQ(sid_at(*none.parts().dacl, 0), users);
        const Assigned explicit_only(parent, u"D:(A;;GR;;;WD)", 0);
        EXPECT_EQ(explicit_only.parts().dacl->AceCount, 1);
    });
}

TEST(SeAssignSecurityEx, TakesOwnersOfTheParentAndLeavesOutChecks) {
    on_sim([] {
        const Assigned from_parent(parent, u"",
                                   SEF_DEFAULT_OWNER_FROM_PARENT | SEF_DEFAULT_GROUP_FROM_PARENT);
        EXPECT_EQ(sid_text(from_parent.parts().owner), users);
        EXPECT_EQ(sid_text(from_parent.parts().group), guests);
        const Impersonation as_user(user_token());
        EXPECT_EQ(Assigned(parent, u"O:SY", 0).status, STATUS_INVALID_OWNER);
        EXPECT_EQ(Assigned(parent, u"O:SY", SEF_AVOID_OWNER_CHECK).status, STATUS_SUCCESS);
        constexpr auto audits = u"S:(AU;FA;GA;;;WD)";
        EXPECT_EQ(Assigned(parent, audits, 0).status, STATUS_PRIVILEGE_NOT_HELD);
        EXPECT_EQ(Assigned(parent, audits, SEF_AVOID_PRIVILEGE_CHECK).status, STATUS_SUCCESS);
    });
}

Bytes dacl_after(std::u16string_view now, std::u16string_view change, ULONG flags) {
    GENERIC_MAPPING mapping = file_mapping;
    Bytes present = *parse_sddl(now), modification = *parse_sddl(change);
    PSECURITY_DESCRIPTOR slot = present.data();
    SECURITY_INFORMATION information = DACL_SECURITY_INFORMATION;
    EXPECT_EQ(SeSetSecurityDescriptorInfoEx(nullptr, &information, modification.data(), &slot, flags,
                                            PagedPool, &mapping),
              STATUS_SUCCESS);
    const auto* const acl = reinterpret_cast<const uint8_t*>(parts_of(slot).dacl);
    Bytes bytes(acl, acl + parts_of(slot).dacl->AclSize);
    SeDeassignSecurity(&slot);
    return bytes;
}

TEST(SeSetSecurityDescriptorInfoEx, KeepsWhatWasInherited) {
    on_sim([] {
        constexpr auto now = u"D:(A;;GR;;;BG)(A;ID;GR;;;BU)", change = u"D:(A;;GR;;;WD)(A;ID;GR;;;SY)";
        const auto list = [](const Bytes& bytes) -> const ACL& {
            return *reinterpret_cast<const ACL*>(bytes.data());
        };
        const Bytes automatic = dacl_after(now, change, SEF_DACL_AUTO_INHERIT);
        ASSERT_EQ(list(automatic).AceCount, 2);
        EXPECT_EQ(sid_at(list(automatic), 0), world);
        EXPECT_EQ(sid_at(list(automatic), 1), users);
        const Bytes plain = dacl_after(now, change, 0);
        ASSERT_EQ(list(plain).AceCount, 2);
        EXPECT_EQ(sid_at(list(plain), 1), system);
        const Bytes closed = dacl_after(now, u"D:P(A;;GR;;;WD)(A;ID;GR;;;SY)", SEF_DACL_AUTO_INHERIT);
        ASSERT_EQ(list(closed).AceCount, 2);
        EXPECT_FALSE(entry(list(closed), 1)->AceFlags & INHERITED_ACE);
        const Bytes opened = dacl_after(u"D:P(A;;GR;;;BG)", change, SEF_DACL_AUTO_INHERIT);
        ASSERT_EQ(list(opened).AceCount, 2);
        EXPECT_TRUE(entry(list(opened), 1)->AceFlags & INHERITED_ACE);
        GENERIC_MAPPING mapping = file_mapping;
        SECURITY_INFORMATION information = DACL_SECURITY_INFORMATION;
        PSECURITY_DESCRIPTOR none = nullptr;
        EXPECT_EQ(
            SeSetSecurityDescriptorInfoEx(nullptr, &information, nullptr, &none, 0, PagedPool, &mapping),
            STATUS_NO_SECURITY_ON_OBJECT);
    });
}

TEST(SeAccessCheckFromState, ChecksByWhatWasTakenOfTheToken) {
    on_sim([] {
        Bytes descriptor = *parse_sddl(u"O:SYD:(D;;GW;;;BG)(A;;GRGW;;;BU)");
        const Sid user(5, {21, 1}), group = well_known::users();
        SID_AND_ATTRIBUTES sids[] = {{const_cast<void*>(user.data()), 0},
                                     {const_cast<void*>(group.data()), SE_GROUP_ENABLED}};
        SID_AND_ATTRIBUTES_HASH hash = {2, sids, {}};
        TOKEN_ACCESS_INFORMATION information = {};
        information.SidHash = &hash;
        GENERIC_MAPPING mapping = file_mapping;
        PPRIVILEGE_SET privileges = nullptr;
        ACCESS_MASK granted = 0;
        NTSTATUS status = 0;
        const auto check = [&](ACCESS_MASK desired, TOKEN_ACCESS_INFORMATION* client = nullptr) {
            return SeAccessCheckFromState(descriptor.data(), &information, client, desired, 0, &privileges,
                                          &mapping, UserMode, &granted, &status);
        };
        EXPECT_TRUE(check(FILE_READ_DATA));
        EXPECT_EQ(granted, ACCESS_MASK{FILE_READ_DATA});
        EXPECT_FALSE(check(WRITE_OWNER));
        EXPECT_EQ(status, STATUS_ACCESS_DENIED);
        TOKEN_PRIVILEGES held = {1, {{{SE_TAKE_OWNERSHIP_PRIVILEGE, 0}, SE_PRIVILEGE_ENABLED}}};
        information.Privileges = &held;
        EXPECT_TRUE(check(WRITE_OWNER));
        ASSERT_NE(privileges, nullptr);
        EXPECT_EQ(privileges->Privilege[0].Luid.LowPart, ULONG{SE_TAKE_OWNERSHIP_PRIVILEGE});
        SeFreePrivileges(privileges);
        TOKEN_ACCESS_INFORMATION client = information;
        client.ImpersonationLevel = SecurityIdentification;
        EXPECT_FALSE(check(FILE_READ_DATA, &client));
        EXPECT_EQ(status, STATUS_BAD_IMPERSONATION_LEVEL);
    });
}

const test::KernelExport<LONG(HANDLE, int, PVOID, ULONG)> nt_NtSetInformationToken{"NtSetInformationToken"};

struct OpenToken {
    Token& token = make_token(administrator_token());
    HANDLE handle = nullptr;
    explicit OpenToken(ACCESS_MASK access) {
        EXPECT_EQ(
            ObOpenObjectByPointer(&token, OBJ_KERNEL_HANDLE, nullptr, access, nullptr, KernelMode, &handle),
            STATUS_SUCCESS);
    }
    ~OpenToken() {
        ZwClose(handle);
        ObfDereferenceObject(&token);
    }
    NTSTATUS set(TOKEN_INFORMATION_CLASS kind, const void* pointer) const {
        return ZwSetInformationToken(handle, kind, &pointer, sizeof pointer);
    }
};

TEST(SetInformationToken, ChangesWhomNewObjectsBelongTo) {
    on_sim([] {
        const OpenToken open(TOKEN_ALL_ACCESS);
        const Sid user = open.token.user, group = well_known::users(), other = well_known::local_system();
        EXPECT_EQ(open.set(TokenOwner, user.data()), STATUS_SUCCESS);
        EXPECT_EQ(open.set(TokenOwner, group.data()), STATUS_INVALID_OWNER);
        EXPECT_EQ(open.set(TokenPrimaryGroup, group.data()), STATUS_SUCCESS);
        EXPECT_EQ(open.set(TokenPrimaryGroup, other.data()), STATUS_INVALID_PRIMARY_GROUP);
        const void* pointer = user.data();
        EXPECT_EQ(nt_NtSetInformationToken(open.handle, TokenOwner, &pointer, 4),
                  STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(open.set(TokenUser, user.data()), STATUS_INVALID_INFO_CLASS);
        AclBuilder dacl;
        dacl.add(ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_READ, well_known::world().data());
        Bytes list = dacl.take();
        EXPECT_EQ(open.set(TokenDefaultDacl, list.data()), STATUS_SUCCESS);
        const Impersonation acting(open.token);
        const Assigned made(u"D:", u"", 0);
        EXPECT_EQ(sid_text(made.parts().owner), sid_text(user.data()));
        EXPECT_EQ(sid_text(made.parts().group), users);
        ASSERT_EQ(made.parts().dacl->AceCount, 1);
        EXPECT_EQ(mask_of(*entry(*made.parts().dacl, 0)), file_mapping.GenericRead);
        PVOID answer = nullptr;
        ASSERT_EQ(SeQueryInformationToken(&open.token, TokenDefaultDacl, &answer), STATUS_SUCCESS);
        EXPECT_EQ(static_cast<PTOKEN_DEFAULT_DACL>(answer)->DefaultDacl->AceCount, 1);
        ExFreePool(answer);
    });
}

TEST(SetInformationToken, NeedsTheRight) {
    on_sim([] {
        const OpenToken open(TOKEN_QUERY);
        EXPECT_EQ(open.set(TokenOwner, open.token.user.data()), STATUS_ACCESS_DENIED);
    });
}

TEST(NoChildProcess, GoesFromAuditToEnforcedAndNotBack) {
    on_sim([] {
        const OpenToken open(TOKEN_QUERY), secure(TOKEN_QUERY);
        BOOLEAN enforced = TRUE, unless_secure = TRUE, audit = TRUE;
        const auto ask = [&](const OpenToken& of) {
            SeTokenGetNoChildProcessRestricted(&of.token, &enforced, &unless_secure, &audit);
        };
        ask(open);
        EXPECT_FALSE(enforced || unless_secure || audit);
        SeTokenSetNoChildProcessRestricted(&open.token, FALSE, TRUE);
        ask(open);
        EXPECT_TRUE(audit && !enforced);
        SeTokenSetNoChildProcessRestricted(&open.token, FALSE, FALSE);
        SeTokenSetNoChildProcessRestricted(&open.token, FALSE, TRUE);
        ask(open);
        EXPECT_TRUE(enforced && !audit);
        SeTokenSetNoChildProcessRestricted(&secure.token, TRUE, FALSE);
        EXPECT_TRUE(SeTokenIsNoChildProcessRestrictionEnforced(&secure.token, &unless_secure));
        EXPECT_TRUE(unless_secure);
        EXPECT_TRUE(SeTokenIsNoChildProcessRestrictionEnforced(&open.token, nullptr));
    });
}

NTSTATUS NTAPI session_ended(PLUID) { return STATUS_SUCCESS; }

TEST(LogonSessions, AreKnownAndWatched) {
    on_sim([] {
        EXPECT_EQ(SeRegisterLogonSessionTerminatedRoutine(nullptr), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(SeRegisterLogonSessionTerminatedRoutine(session_ended), STATUS_SUCCESS);
        LUID system_session = {0x3E7, 0}, unknown = {0x3E7, 1};
        EXPECT_EQ(SeMarkLogonSessionForTerminationNotification(&system_session), STATUS_SUCCESS);
        EXPECT_EQ(SeMarkLogonSessionForTerminationNotification(&unknown), STATUS_NOT_FOUND);
        EXPECT_EQ(SeUnregisterLogonSessionTerminatedRoutine(session_ended), STATUS_SUCCESS);
        EXPECT_EQ(SeUnregisterLogonSessionTerminatedRoutine(session_ended), STATUS_INSUFFICIENT_RESOURCES);
        EXPECT_EQ(SeUnregisterLogonSessionTerminatedRoutine(nullptr), STATUS_INVALID_PARAMETER);
    });
}

TEST(RelativeDescriptor, BeginsWithoutConstraints) {
    UCHAR descriptor[24];
    std::memset(descriptor, 0xFF, sizeof descriptor);
    EXPECT_EQ(RtlCreateSecurityDescriptorRelative(descriptor, 2), STATUS_UNKNOWN_REVISION);
    EXPECT_EQ(RtlCreateSecurityDescriptorRelative(descriptor, SECURITY_DESCRIPTOR_REVISION), STATUS_SUCCESS);
    EXPECT_EQ(descriptor[0], SECURITY_DESCRIPTOR_REVISION);
    for (int i = 1; i < 20; ++i) EXPECT_EQ(descriptor[i], 0) << i;
    EXPECT_EQ(descriptor[20], 0xFF);  // no more than the structure
}

// The parts in another order, with room between them, with an entry twice and a SACL of nothing.
Bytes untidy() {
    const Bytes tidy = *parse_sddl(u"O:BAG:SYD:(A;;GR;;;WD)(D;;GW;;;WD)(A;;GR;;;WD)(D;;GW;;;WD)");
    const Parts parts = parts_of(tidy.data());
    Bytes bytes(sizeof(SECURITY_DESCRIPTOR_RELATIVE));
    const auto append = [&](const void* part, size_t size) {
        const auto at = static_cast<ULONG>(bytes.size());
        const auto* const first = static_cast<const uint8_t*>(part);
        bytes.insert(bytes.end(), first, first + size);
        bytes.insert(bytes.end(), 8, 0xEE);
        return at;
    };
    const ACL nothing = {ACL_REVISION, 0, sizeof(ACL), 0, 0};
    SECURITY_DESCRIPTOR_RELATIVE header = {};
    header.Revision = SECURITY_DESCRIPTOR_REVISION;
    header.Control = SE_SELF_RELATIVE | SE_DACL_PRESENT | SE_SACL_PRESENT;
    header.Owner = append(parts.owner, size_of_sid(parts.owner));
    header.Group = append(parts.group, size_of_sid(parts.group));
    header.Dacl = append(parts.dacl, parts.dacl->AclSize);
    header.Sacl = append(&nothing, sizeof nothing);
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

TEST(NormalizeDescriptor, GivesOneFormToWhatMeansTheSame) {
    on_sim([] {
        const Bytes before = untidy();
        Bytes bytes = before;
        ASSERT_TRUE(valid_relative(bytes.data(), bytes.size()));
        PSECURITY_DESCRIPTOR descriptor = bytes.data(), made = nullptr;
        const auto size = static_cast<ULONG>(bytes.size());
        ULONG made_size = 0;
        EXPECT_TRUE(RtlNormalizeSecurityDescriptor(&descriptor, size, &made, &made_size, TRUE));
        EXPECT_EQ(made, nullptr) << "only looked at";
        EXPECT_TRUE(RtlNormalizeSecurityDescriptor(&descriptor, size, &made, &made_size, FALSE));
        ASSERT_TRUE(made);
        EXPECT_EQ(bytes, before);
        const auto& header = *static_cast<const SECURITY_DESCRIPTOR_RELATIVE*>(made);
        EXPECT_EQ(header.Sacl, 0u);
        EXPECT_FALSE(header.Control & SE_SACL_PRESENT);
        EXPECT_EQ(header.Dacl, sizeof header);
        EXPECT_LT(header.Dacl, header.Owner);
        EXPECT_LT(header.Owner, header.Group);
        const ACL& dacl = *parts_of(made).dacl;
        ASSERT_EQ(dacl.AceCount, 3) << "a denial may come twice";
        EXPECT_EQ(entry(dacl, 2)->AceType, ACCESS_DENIED_ACE_TYPE);
        EXPECT_TRUE(valid_relative(made, made_size));
        // What is normal stays as it is; a buffer of the caller's; in place of the old one.
        EXPECT_FALSE(RtlNormalizeSecurityDescriptor(&made, made_size, nullptr, nullptr, FALSE));
        Bytes room(size);
        PSECURITY_DESCRIPTOR into = room.data();
        ULONG into_size = 0;
        EXPECT_TRUE(RtlNormalizeSecurityDescriptor(&descriptor, size, &into, &into_size, FALSE));
        EXPECT_EQ(into, room.data());
        ASSERT_EQ(into_size, made_size);
        EXPECT_EQ(std::memcmp(into, made, made_size), 0);
        SeDeassignSecurity(&made);
        PSECURITY_DESCRIPTOR own = nullptr;
        ASSERT_TRUE(keep(own, before, nullptr));
        EXPECT_TRUE(RtlNormalizeSecurityDescriptor(&own, size, nullptr, &into_size, FALSE));
        EXPECT_EQ(into_size, made_size);
        EXPECT_EQ(std::memcmp(own, into, made_size), 0);
        SeDeassignSecurity(&own);
        EXPECT_FALSE(RtlNormalizeSecurityDescriptor(&descriptor, 10, nullptr, nullptr, FALSE)) << "damaged";
    });
}

}  // namespace
}  // namespace ndiskit::nt::security
