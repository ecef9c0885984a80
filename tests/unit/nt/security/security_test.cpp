// SIDs, lists, descriptors and the language that they are written in.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/abi/token.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"
#include "support/nt_machine.h"

extern "C" {
extern PSE_EXPORTS nt_SeExports;
NTSTATUS NTAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR, BOOLEAN, PACL, BOOLEAN);
NTSTATUS NTAPI SeCaptureSecurityDescriptor(PSECURITY_DESCRIPTOR, KPROCESSOR_MODE, POOL_TYPE, BOOLEAN,
                                           PSECURITY_DESCRIPTOR*);
NTSTATUS NTAPI SeReleaseSecurityDescriptor(PSECURITY_DESCRIPTOR, KPROCESSOR_MODE, BOOLEAN);
NTSTATUS NTAPI ZwQueryInformationToken(HANDLE, TOKEN_INFORMATION_CLASS, PVOID, ULONG, PULONG);
NTSTATUS NTAPI ZwOpenProcessTokenEx(HANDLE, ACCESS_MASK, ULONG, PHANDLE);
NTSTATUS NTAPI ZwOpenThreadTokenEx(HANDLE, ACCESS_MASK, BOOLEAN, ULONG, PHANDLE);
}

namespace ndiskit::nt::security {
namespace {

using test::on_sim;

std::u16string text_of(PSID sid) { return sid_text(sid); }

TEST(Sid, IsBuiltFromItsParts) {
    alignas(4) UCHAR memory[largest_sid] = {};
    SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
    EXPECT_EQ(RtlInitializeSid(memory, &authority, 16), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlInitializeSid(memory, &authority, 2), STATUS_SUCCESS);
    *RtlSubAuthoritySid(memory, 0) = 32;
    *RtlSubAuthoritySid(memory, 1) = 544;
    EXPECT_EQ(*RtlSubAuthorityCountSid(memory), 2);
    EXPECT_TRUE(RtlValidSid(memory));
    EXPECT_EQ(RtlLengthSid(memory), 16u);
    EXPECT_EQ(RtlLengthRequiredSid(2), 16u);
    EXPECT_TRUE(RtlEqualSid(memory, nt_SeExports->SeAliasAdminsSid));
    EXPECT_FALSE(RtlEqualSid(memory, nt_SeExports->SeWorldSid));
    alignas(4) UCHAR copy[16];
    EXPECT_EQ(RtlCopySid(15, copy, memory), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(RtlCopySid(16, copy, memory), STATUS_SUCCESS);
    EXPECT_TRUE(RtlEqualSid(copy, memory));
    memory[0] = 2;
    EXPECT_FALSE(RtlValidSid(memory));
}

TEST(Sid, MayHaveNoSubAuthorities) {
    const Sid sid(5, {});
    EXPECT_EQ(sid.size(), 8u);
    EXPECT_EQ(sid_text(sid.data()), u"S-1-5");
}

TEST(Sid, IsWrittenAsText) {
    UNICODE_STRING string;
    ASSERT_EQ(RtlConvertSidToUnicodeString(&string, nt_SeExports->SeAliasAdminsSid, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of(string), u"S-1-5-32-544");
    RtlFreeUnicodeString(&string);
    WCHAR small[4];
    string = {0, sizeof small, small};
    EXPECT_EQ(RtlConvertSidToUnicodeString(&string, nt_SeExports->SeWorldSid, FALSE), STATUS_BUFFER_OVERFLOW);
    // An authority of more than 32 bits is hexadecimal; the page's example.
    EXPECT_EQ(text_of(Sid(173495281736, {12, 72, 9, 110}).psid()), u"S-1-0x28651FE848-12-72-9-110");
    EXPECT_EQ(text_of(Sid(281736, {12, 72, 9, 110}).psid()), u"S-1-281736-12-72-9-110");
    for (const auto* text : {u"S-1-5-18", u"S-1-0x28651FE848-12-72-9-110", u"S-1-16-12288"})
        EXPECT_EQ(sid_text(Sid::parse(text)->data()), text);
    for (const auto* text : {u"", u"S-1-5", u"S-2-5-18", u"S-1-5-", u"S-1-5-18x", u"S-1-5-99999999999",
                             u"S-1-5-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", u"QQ"})
        EXPECT_FALSE(Sid::parse(text)) << to_utf8(text);
}

TEST(Acl, EntriesGoWhereTheyAreAsked) {
    alignas(4) char memory[200], other[200];
    auto* const acl = reinterpret_cast<PACL>(memory);
    EXPECT_EQ(RtlCreateAcl(acl, 4, ACL_REVISION), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(RtlCreateAcl(acl, sizeof memory, 9), STATUS_INVALID_PARAMETER);
    ASSERT_EQ(RtlCreateAcl(acl, sizeof memory, ACL_REVISION), STATUS_SUCCESS);
    EXPECT_EQ(RtlAddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, nt_SeExports->SeLocalSystemSid),
              STATUS_SUCCESS);
    EXPECT_EQ(RtlAddAccessAllowedAceEx(acl, ACL_REVISION, CONTAINER_INHERIT_ACE, GENERIC_READ,
                                       nt_SeExports->SeWorldSid),
              STATUS_SUCCESS);
    auto* const source = reinterpret_cast<PACL>(other);
    RtlCreateAcl(source, sizeof other, ACL_REVISION);
    RtlAddAccessAllowedAce(source, ACL_REVISION, 1, nt_SeExports->SeAliasAdminsSid);
    RtlAddAccessAllowedAce(source, ACL_REVISION, 2, nt_SeExports->SeAliasUsersSid);
    PVOID first = nullptr;
    ASSERT_EQ(RtlGetAce(source, 0, &first), STATUS_SUCCESS);
    EXPECT_EQ(RtlAddAce(acl, ACL_REVISION, 1, first, 48), STATUS_SUCCESS);
    EXPECT_EQ(acl->AceCount, 4);
    const ACCESS_MASK expected[] = {GENERIC_ALL, 1, 2, GENERIC_READ};
    for (ULONG i = 0; i < 4; ++i) {
        PVOID ace = nullptr;
        ASSERT_EQ(RtlGetAce(acl, i, &ace), STATUS_SUCCESS);
        EXPECT_EQ(static_cast<PACCESS_ALLOWED_ACE>(ace)->Mask, expected[i]) << i;
    }
    EXPECT_EQ(RtlGetAce(acl, 4, &first), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlDeleteAce(acl, 0), STATUS_SUCCESS);
    EXPECT_EQ(RtlDeleteAce(acl, 3), STATUS_INVALID_PARAMETER);
    ASSERT_EQ(RtlGetAce(acl, 0, &first), STATUS_SUCCESS);
    EXPECT_EQ(static_cast<PACCESS_ALLOWED_ACE>(first)->Mask, 1u);
    NTSTATUS status = STATUS_SUCCESS;
    for (int i = 0; i < 20 && NT_SUCCESS(status); ++i)
        status = RtlAddAccessAllowedAce(acl, ACL_REVISION, 1, nt_SeExports->SeWorldSid);
    EXPECT_EQ(status, STATUS_ALLOTTED_SPACE_EXCEEDED);
    EXPECT_EQ(RtlAddAce(acl, ACL_REVISION, ~0u, first, 24), STATUS_BUFFER_TOO_SMALL);
}

struct Built {
    SECURITY_DESCRIPTOR descriptor;
    alignas(4) char memory[200];
    PACL dacl = reinterpret_cast<PACL>(memory);
    Built() {
        EXPECT_EQ(RtlCreateSecurityDescriptor(&descriptor, 7), STATUS_UNKNOWN_REVISION);
        EXPECT_EQ(RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION), STATUS_SUCCESS);
        RtlCreateAcl(dacl, sizeof memory, ACL_REVISION);
        RtlAddAccessAllowedAce(dacl, ACL_REVISION, GENERIC_ALL, nt_SeExports->SeLocalSystemSid);
        RtlSetDaclSecurityDescriptor(&descriptor, TRUE, dacl, FALSE);
        RtlSetOwnerSecurityDescriptor(&descriptor, nt_SeExports->SeAliasAdminsSid, TRUE);
        RtlSetGroupSecurityDescriptor(&descriptor, nt_SeExports->SeLocalSystemSid, FALSE);
    }
};

TEST(SecurityDescriptor, ConvertsThereAndBack) {
    Built built;
    EXPECT_TRUE(RtlValidSecurityDescriptor(&built.descriptor));
    ULONG size = 0;
    EXPECT_EQ(RtlAbsoluteToSelfRelativeSD(&built.descriptor, nullptr, &size), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(size, 20u + 200 + 16 + 12);
    std::vector<uint8_t> relative(size);
    ASSERT_EQ(RtlAbsoluteToSelfRelativeSD(&built.descriptor, relative.data(), &size), STATUS_SUCCESS);
    EXPECT_EQ(RtlLengthSecurityDescriptor(relative.data()), size);
    EXPECT_TRUE(RtlValidRelativeSecurityDescriptor(relative.data(), size, DACL_SECURITY_INFORMATION));
    EXPECT_FALSE(RtlValidRelativeSecurityDescriptor(relative.data(), size, SACL_SECURITY_INFORMATION));
    EXPECT_FALSE(RtlValidRelativeSecurityDescriptor(relative.data(), size - 1, 0));
    EXPECT_TRUE(SeValidSecurityDescriptor(size, relative.data()));
    EXPECT_EQ(RtlSetDaclSecurityDescriptor(relative.data(), TRUE, nullptr, FALSE),
              STATUS_INVALID_SECURITY_DESCR);
    EXPECT_EQ(RtlAbsoluteToSelfRelativeSD(relative.data(), nullptr, &size), STATUS_BAD_DESCRIPTOR_FORMAT);

    SECURITY_DESCRIPTOR absolute;
    alignas(4) char dacl[200], owner[16], group[16];
    ULONG absolute_size = sizeof absolute, dacl_size = 10, sacl_size = 0, owner_size = 16, group_size = 0;
    EXPECT_EQ(
        RtlSelfRelativeToAbsoluteSD(relative.data(), &absolute, &absolute_size, reinterpret_cast<PACL>(dacl),
                                    &dacl_size, nullptr, &sacl_size, owner, &owner_size, group, &group_size),
        STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(dacl_size, 200u);
    EXPECT_EQ(group_size, 12u);
    ASSERT_EQ(
        RtlSelfRelativeToAbsoluteSD(relative.data(), &absolute, &absolute_size, reinterpret_cast<PACL>(dacl),
                                    &dacl_size, nullptr, &sacl_size, owner, &owner_size, group, &group_size),
        STATUS_SUCCESS);
    PSID found;
    BOOLEAN defaulted, present;
    EXPECT_EQ(RtlGetOwnerSecurityDescriptor(&absolute, &found, &defaulted), STATUS_SUCCESS);
    EXPECT_TRUE(RtlEqualSid(found, nt_SeExports->SeAliasAdminsSid));
    EXPECT_TRUE(defaulted);
    EXPECT_EQ(RtlGetGroupSecurityDescriptor(&absolute, &found, &defaulted), STATUS_SUCCESS);
    EXPECT_TRUE(RtlEqualSid(found, nt_SeExports->SeLocalSystemSid));
    EXPECT_FALSE(defaulted);
    PACL list;
    EXPECT_EQ(RtlGetDaclSecurityDescriptor(&absolute, &present, &list, &defaulted), STATUS_SUCCESS);
    EXPECT_TRUE(present);
    EXPECT_EQ(list->AceCount, 1);
    EXPECT_EQ(RtlGetSaclSecurityDescriptor(&absolute, &present, &list, &defaulted), STATUS_SUCCESS);
    EXPECT_FALSE(present);
}

TEST(SecurityDescriptor, NoBytesMakeTheCheckReadOutside) {
    const Bytes good = *parse_sddl(u"O:BAG:SYD:P(A;;GA;;;SY)(D;CI;GR;;;WD)S:(AU;SAFA;GA;;;WD)");
    ASSERT_TRUE(valid_relative(good.data(), good.size()));
    for (size_t at = 0; at < good.size(); ++at)
        for (const uint8_t value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
            Bytes bytes = good;
            bytes[at] = value;
            valid_relative(bytes.data(), bytes.size());
        }
    for (size_t size = 0; size < good.size(); ++size) {
        const Bytes cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
        EXPECT_FALSE(valid_relative(cut.data(), cut.size())) << size;
    }
}

TEST(Sddl, IsReadAsDocumented) {
    const auto bytes =
        parse_sddl(u"O:BAG:S-1-5-18D:P(A;;GA;;;SY)(A;CIIO;0x1f01ff;;;S-1-5-32-544)(D;;GRGW;;;WD)");
    ASSERT_TRUE(bytes);
    const Parts parts = parts_of(bytes->data());
    EXPECT_EQ(sid_text(parts.owner), u"S-1-5-32-544");
    EXPECT_EQ(sid_text(parts.group), u"S-1-5-18");
    EXPECT_EQ(parts.control, SE_SELF_RELATIVE | SE_DACL_PRESENT | SE_DACL_PROTECTED);
    ASSERT_EQ(parts.dacl->AceCount, 3);
    EXPECT_EQ(entry(*parts.dacl, 1)->AceFlags, CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE);
    EXPECT_EQ(mask_of(*entry(*parts.dacl, 1)), 0x1F01FFu);
    EXPECT_EQ(entry(*parts.dacl, 2)->AceType, ACCESS_DENIED_ACE_TYPE);
    EXPECT_EQ(mask_of(*entry(*parts.dacl, 2)), GENERIC_READ | GENERIC_WRITE);
    const auto none = parse_sddl(u"D:NO_ACCESS_CONTROL");
    ASSERT_TRUE(none);
    EXPECT_TRUE(parts_of(none->data()).control & SE_DACL_PRESENT);
    EXPECT_EQ(parts_of(none->data()).dacl, nullptr);
    const auto empty = parse_sddl(u"D:P");
    ASSERT_TRUE(empty && parts_of(empty->data()).dacl);
    EXPECT_EQ(parts_of(empty->data()).dacl->AceCount, 0);
    for (const auto* text :
         {u"", u"D", u"X:", u"D:(", u"D:(A;;GA;;;SY", u"D:(A;;GA;;;)", u"D:(A;;QQ;;;SY)", u"D:(A;GA;;;SY)",
          u"D:(A;;GA;;;SY;)", u"D:(AU;;GA;;;SY)", u"S:(A;;GA;;;SY)", u"D:D:", u"O:", u"O:XX",
          u"D:Q(A;;GA;;;SY)", u"D:(A;;GA;4d36e972-e325-11ce-bfc1-08002be10318;;SY)",
          u"D:(A;;0x1ffffffff;;;SY)", u"::", u"D::"})
        EXPECT_FALSE(parse_sddl(text)) << to_utf8(text);
}

NTSTATUS check(std::u16string_view sddl, const Token& token, ACCESS_MASK desired) {
    const auto descriptor = parse_sddl(sddl);
    EXPECT_TRUE(descriptor) << to_utf8(sddl);
    return access_check(descriptor->data(), token, desired, file_mapping).status;
}

TEST(AccessCheck, FollowsTheEntriesInTheirOrder) {
    on_sim([] {
        constexpr auto admins_only = u"D:P(A;;GA;;;SY)(A;;GA;;;BA)";
        EXPECT_EQ(check(admins_only, system_token(), GENERIC_ALL), STATUS_SUCCESS);
        EXPECT_EQ(check(admins_only, administrator_token(), GENERIC_READ | GENERIC_WRITE), STATUS_SUCCESS);
        EXPECT_EQ(check(admins_only, user_token(), FILE_READ_DATA), STATUS_ACCESS_DENIED);
        constexpr auto readers = u"D:P(A;;GA;;;SY)(A;;GR;;;WD)";
        EXPECT_EQ(check(readers, user_token(), GENERIC_READ), STATUS_SUCCESS);
        EXPECT_EQ(check(readers, user_token(), GENERIC_READ | GENERIC_WRITE), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"D:(D;;GR;;;BU)(A;;GA;;;WD)", user_token(), GENERIC_READ), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"D:(A;;GA;;;WD)(D;;GR;;;BU)", user_token(), GENERIC_READ), STATUS_SUCCESS);
        EXPECT_EQ(check(u"D:(A;IO;GA;;;WD)", user_token(), GENERIC_READ), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"D:P", system_token(), FILE_READ_DATA), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"D:NO_ACCESS_CONTROL", user_token(), GENERIC_ALL), STATUS_SUCCESS);
        EXPECT_EQ(check(u"O:SY", user_token(), GENERIC_ALL), STATUS_SUCCESS);  // no list at all
    });
}

TEST(AccessCheck, OwnersAndPrivilegesGiveWhatTheListDoesNot) {
    on_sim([] {
        EXPECT_EQ(check(u"O:BAD:P", administrator_token(), READ_CONTROL | WRITE_DAC), STATUS_SUCCESS);
        EXPECT_EQ(check(u"O:BAD:P", user_token(), READ_CONTROL), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"O:BAD:P(A;;GR;;;OW)", administrator_token(), WRITE_DAC), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"O:SYD:P", administrator_token(), WRITE_OWNER), STATUS_SUCCESS);
        EXPECT_EQ(check(u"O:SYD:P", user_token(), WRITE_OWNER), STATUS_ACCESS_DENIED);
        EXPECT_EQ(check(u"D:(A;;GA;;;WD)", user_token(), ACCESS_SYSTEM_SECURITY), STATUS_PRIVILEGE_NOT_HELD);
        EXPECT_EQ(check(u"D:(A;;GA;;;WD)", administrator_token(), ACCESS_SYSTEM_SECURITY), STATUS_SUCCESS);
        const auto readers = parse_sddl(u"D:(A;;GR;;;WD)");
        const Access most = access_check(readers->data(), user_token(), MAXIMUM_ALLOWED, file_mapping);
        EXPECT_EQ(most.status, STATUS_SUCCESS);
        EXPECT_EQ(most.granted, file_mapping.GenericRead);
    });
}

TEST(SeAccessCheck, ChecksTheClientAndNeverTheKernel) {
    on_sim([] {
        Bytes descriptor = *parse_sddl(u"O:BAD:P(A;;GA;;;BA)");
        GENERIC_MAPPING mapping = file_mapping;
        const Impersonation as_user(user_token());
        SECURITY_SUBJECT_CONTEXT subject;
        SeCaptureSubjectContext(&subject);
        EXPECT_EQ(subject.ClientToken, &user_token());
        SeLockSubjectContext(&subject);
        ACCESS_MASK granted = 0;
        NTSTATUS status = STATUS_SUCCESS;
        EXPECT_FALSE(SeAccessCheck(descriptor.data(), &subject, TRUE, FILE_READ_DATA, 0, nullptr, &mapping,
                                   UserMode, &granted, &status));
        EXPECT_EQ(status, STATUS_ACCESS_DENIED);
        EXPECT_TRUE(SeAccessCheck(descriptor.data(), &subject, TRUE, FILE_READ_DATA, 0, nullptr, &mapping,
                                  KernelMode, &granted, &status));
        EXPECT_EQ(granted, static_cast<ACCESS_MASK>(FILE_READ_DATA));
        SeUnlockSubjectContext(&subject);
        SeReleaseSubjectContext(&subject);
        EXPECT_FALSE(SeSinglePrivilegeCheck(nt_SeExports->SeLoadDriverPrivilege, UserMode));
        EXPECT_TRUE(SeSinglePrivilegeCheck(nt_SeExports->SeLoadDriverPrivilege, KernelMode));
        const Impersonation as_admin(administrator_token());
        EXPECT_TRUE(SeSinglePrivilegeCheck(nt_SeExports->SeLoadDriverPrivilege, UserMode));
        SeCaptureSubjectContext(&subject);
        EXPECT_TRUE(SeTokenIsAdmin(subject.ClientToken));
        PPRIVILEGE_SET privileges = nullptr;
        EXPECT_TRUE(SeAccessCheck(descriptor.data(), &subject, FALSE, ACCESS_SYSTEM_SECURITY, 0, &privileges,
                                  &mapping, UserMode, &granted, &status));
        ASSERT_NE(privileges, nullptr);
        EXPECT_EQ(privileges->PrivilegeCount, 1u);
        EXPECT_EQ(privileges->Privilege[0].Luid.LowPart, static_cast<ULONG>(SE_SECURITY_PRIVILEGE));
        EXPECT_TRUE(SePrivilegeCheck(privileges, &subject, UserMode));
        SeFreePrivileges(privileges);
        SeReleaseSubjectContext(&subject);
    });
}

TEST(Token, AnswersWhatIsAsked) {
    on_sim([] {
        HANDLE handle = nullptr;
        EXPECT_EQ(ZwOpenThreadTokenEx(reinterpret_cast<HANDLE>(int64_t{-2}), TOKEN_QUERY, TRUE,
                                      OBJ_KERNEL_HANDLE, &handle),
                  STATUS_NO_TOKEN);
        ASSERT_EQ(ZwOpenProcessTokenEx(reinterpret_cast<HANDLE>(int64_t{-1}), TOKEN_QUERY, OBJ_KERNEL_HANDLE,
                                       &handle),
                  STATUS_SUCCESS);
        ULONG size = 0;
        EXPECT_EQ(ZwQueryInformationToken(handle, TokenUser, nullptr, 0, &size), STATUS_BUFFER_TOO_SMALL);
        alignas(8) char buffer[200];
        ASSERT_LE(size, sizeof buffer);
        ASSERT_EQ(ZwQueryInformationToken(handle, TokenUser, buffer, size, &size), STATUS_SUCCESS);
        EXPECT_TRUE(
            RtlEqualSid(reinterpret_cast<PTOKEN_USER>(buffer)->User.Sid, nt_SeExports->SeLocalSystemSid));
        EXPECT_EQ(ZwQueryInformationToken(handle, TokenAuditPolicy, buffer, sizeof buffer, &size),
                  STATUS_INVALID_INFO_CLASS);
        ZwClose(handle);
        PVOID answer = nullptr;
        ASSERT_EQ(SeQueryInformationToken(&user_token(), TokenGroups, &answer), STATUS_SUCCESS);
        EXPECT_EQ(static_cast<PTOKEN_GROUPS>(answer)->GroupCount, 5u);
        EXPECT_TRUE(RtlEqualSid(static_cast<PTOKEN_GROUPS>(answer)->Groups[1].Sid, nt_SeExports->SeWorldSid));
        ExFreePool(answer);
        PVOID level = nullptr;
        EXPECT_EQ(SeQueryInformationToken(&user_token(), TokenIntegrityLevel, &level), STATUS_SUCCESS);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(level), 0x2000u);
    });
}

TEST(SeAssignSecurity, TakesWhatIsGivenThenTheParentsThenTheDefault) {
    on_sim([] {
        GENERIC_MAPPING mapping = file_mapping;
        Bytes parent = *parse_sddl(u"O:SYD:(A;CIOI;GA;;;CO)(A;OI;GR;;;BU)(A;;GA;;;WD)");
        Bytes given = *parse_sddl(u"O:BAD:P(A;;GR;;;WD)");
        PSECURITY_DESCRIPTOR made = nullptr;
        ASSERT_EQ(SeAssignSecurity(parent.data(), given.data(), &made, FALSE, nullptr, &mapping, PagedPool),
                  STATUS_SUCCESS);
        Parts parts = parts_of(made);
        EXPECT_EQ(sid_text(parts.owner), u"S-1-5-32-544");
        ASSERT_EQ(parts.dacl->AceCount, 1);
        EXPECT_EQ(mask_of(*entry(*parts.dacl, 0)), file_mapping.GenericRead);
        SeDeassignSecurity(&made);
        EXPECT_EQ(made, nullptr);
        // A file inherits what is for objects, with its creator's name and without generic rights.
        ASSERT_EQ(SeAssignSecurity(parent.data(), nullptr, &made, FALSE, nullptr, &mapping, PagedPool),
                  STATUS_SUCCESS);
        parts = parts_of(made);
        ASSERT_EQ(parts.dacl->AceCount, 2);
        EXPECT_EQ(sid_text(sid_of(*entry(*parts.dacl, 0))), sid_text(system_token().owner.data()));
        EXPECT_EQ(mask_of(*entry(*parts.dacl, 0)), file_mapping.GenericAll);
        EXPECT_EQ(entry(*parts.dacl, 0)->AceFlags, INHERITED_ACE);
        SeDeassignSecurity(&made);
        // A directory also keeps them for what comes below.
        ASSERT_EQ(SeAssignSecurity(parent.data(), nullptr, &made, TRUE, nullptr, &mapping, PagedPool),
                  STATUS_SUCCESS);
        parts = parts_of(made);
        ASSERT_EQ(parts.dacl->AceCount, 3);
        EXPECT_EQ(sid_text(sid_of(*entry(*parts.dacl, 1))), u"S-1-3-0");
        EXPECT_TRUE(entry(*parts.dacl, 1)->AceFlags & INHERIT_ONLY_ACE);
        SeDeassignSecurity(&made);
        ASSERT_EQ(SeAssignSecurity(nullptr, nullptr, &made, FALSE, nullptr, &mapping, PagedPool),
                  STATUS_SUCCESS);
        EXPECT_EQ(access_check(made, user_token(), FILE_READ_DATA, mapping).status, STATUS_ACCESS_DENIED);
        EXPECT_EQ(access_check(made, system_token(), GENERIC_ALL, mapping).status, STATUS_SUCCESS);
        SeDeassignSecurity(&made);
        const Impersonation as_user(user_token());
        EXPECT_EQ(SeAssignSecurity(nullptr, given.data(), &made, FALSE, nullptr, &mapping, PagedPool),
                  STATUS_INVALID_OWNER);
    });
}

TEST(SecurityDescriptor, PartsAreReadAndChangedInPlace) {
    on_sim([] {
        PSECURITY_DESCRIPTOR object = nullptr;
        SECURITY_INFORMATION what = DACL_SECURITY_INFORMATION;
        Bytes change = *parse_sddl(u"O:SYD:(A;;GR;;;WD)");
        GENERIC_MAPPING mapping = file_mapping;
        EXPECT_EQ(SeSetSecurityDescriptorInfo(nullptr, &what, change.data(), &object, PagedPool, &mapping),
                  STATUS_NO_SECURITY_ON_OBJECT);
        Bytes first = *parse_sddl(u"O:BAG:BAD:P");
        object = first.data();
        ASSERT_EQ(SeSetSecurityDescriptorInfo(nullptr, &what, change.data(), &object, PagedPool, &mapping),
                  STATUS_SUCCESS);
        EXPECT_NE(object, first.data());
        EXPECT_EQ(sid_text(parts_of(object).owner), u"S-1-5-32-544");  // not asked for
        EXPECT_EQ(parts_of(object).dacl->AceCount, 1);
        ULONG size = 4;
        what = OWNER_SECURITY_INFORMATION;
        EXPECT_EQ(SeQuerySecurityDescriptorInfo(&what, nullptr, &size, &object), STATUS_BUFFER_TOO_SMALL);
        Bytes answer(size);
        ASSERT_EQ(SeQuerySecurityDescriptorInfo(&what, answer.data(), &size, &object), STATUS_SUCCESS);
        EXPECT_EQ(parts_of(answer.data()).dacl, nullptr);
        EXPECT_NE(parts_of(answer.data()).owner, nullptr);
        ExFreePool(object);
        PSECURITY_DESCRIPTOR captured = nullptr;
        EXPECT_EQ(SeCaptureSecurityDescriptor(first.data(), KernelMode, PagedPool, FALSE, &captured),
                  STATUS_SUCCESS);
        EXPECT_EQ(captured, first.data());
        EXPECT_EQ(SeCaptureSecurityDescriptor(first.data(), UserMode, PagedPool, TRUE, &captured),
                  STATUS_SUCCESS);
        EXPECT_NE(captured, first.data());
        SeReleaseSecurityDescriptor(captured, UserMode, TRUE);
    });
}

}  // namespace
}  // namespace ndiskit::nt::security
