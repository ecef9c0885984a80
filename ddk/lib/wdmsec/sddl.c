#include "sddl.h"

typedef struct reader {
    const WCHAR* at;
    const WCHAR* end;
} reader;

typedef struct name_value {
    WCHAR name[2];
    ULONG value;
} name_value;

static const name_value rights[] = {
    {L"GA", GENERIC_ALL},         {L"GR", GENERIC_READ},      {L"GW", GENERIC_WRITE}, {L"GX", GENERIC_EXECUTE},
    {L"RC", READ_CONTROL},        {L"SD", DELETE},            {L"WD", WRITE_DAC},     {L"WO", WRITE_OWNER},
    {L"FA", FILE_ALL_ACCESS},     {L"FR", FILE_GENERIC_READ}, {L"FW", FILE_GENERIC_WRITE},
    {L"FX", FILE_GENERIC_EXECUTE},
};

static const name_value ace_flags[] = {
    {L"OI", OBJECT_INHERIT_ACE}, {L"CI", CONTAINER_INHERIT_ACE}, {L"NP", NO_PROPAGATE_INHERIT_ACE},
    {L"IO", INHERIT_ONLY_ACE},   {L"ID", INHERITED_ACE},
};

// A well-known account: its authority's last byte and up to two sub-authorities.
typedef struct account {
    WCHAR name[2];
    UCHAR authority, count;
    ULONG sub[2];
} account;

static const account accounts[] = {
    {L"WD", 1, 1, {0}},        {L"SY", 5, 1, {18}},       {L"LS", 5, 1, {19}},       {L"NS", 5, 1, {20}},
    {L"AU", 5, 1, {11}},       {L"IU", 5, 1, {4}},        {L"NU", 5, 1, {2}},        {L"SU", 5, 1, {6}},
    {L"AN", 5, 1, {7}},        {L"RC", 5, 1, {12}},       {L"BA", 5, 2, {32, 544}},  {L"BU", 5, 2, {32, 545}},
    {L"BG", 5, 2, {32, 546}},  {L"PU", 5, 2, {32, 547}},  {L"SO", 5, 2, {32, 549}},  {L"BO", 5, 2, {32, 551}},
    {L"NO", 5, 2, {32, 556}},  {L"AC", 15, 2, {2, 1}},
};

static BOOLEAN accept(reader* r, WCHAR c) {
    if (r->at == r->end || *r->at != c) return FALSE;
    ++r->at;
    return TRUE;
}

static BOOLEAN accept_pair(reader* r, const WCHAR* pair) {
    if (r->end - r->at < 2 || r->at[0] != pair[0] || r->at[1] != pair[1]) return FALSE;
    r->at += 2;
    return TRUE;
}

static BOOLEAN number(reader* r, ULONG* value) {
    const BOOLEAN hexadecimal = accept_pair(r, L"0x") || accept_pair(r, L"0X");
    const WCHAR* begin = r->at;
    ULONG64 sum = 0;
    for (; r->at < r->end; ++r->at) {
        const WCHAR c = *r->at, small = (WCHAR)(c | 0x20);
        ULONG digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (hexadecimal && small >= 'a' && small <= 'f')
            digit = small - 'a' + 10;
        else
            break;
        sum = sum * (hexadecimal ? 16 : 10) + digit;
        if (sum > 0xFFFFFFFFull) return FALSE;
    }
    *value = (ULONG)sum;
    return r->at != begin;
}

static BOOLEAN names(reader* r, const name_value* table, ULONG count, ULONG* value) {
    for (*value = 0; r->at < r->end && *r->at != ';';) {
        ULONG i = 0;
        while (i < count && !accept_pair(r, table[i].name)) ++i;
        if (i == count) return FALSE;
        *value |= table[i].value;
    }
    return TRUE;
}

static BOOLEAN sid(reader* r, SID* out) {
    out->Revision = SID_REVISION;
    RtlZeroMemory(&out->IdentifierAuthority, sizeof out->IdentifierAuthority);
    for (ULONG i = 0; i < RTL_NUMBER_OF(accounts); ++i)
        if (accept_pair(r, accounts[i].name)) {
            out->IdentifierAuthority.Value[5] = accounts[i].authority;
            out->SubAuthorityCount = accounts[i].count;
            for (ULONG s = 0; s < accounts[i].count; ++s) out->SubAuthority[s] = accounts[i].sub[s];
            return TRUE;
        }
    ULONG authority = 0, revision = 0;
    if (!accept_pair(r, L"S-") || !number(r, &revision) || revision != SID_REVISION || !accept(r, '-') ||
        !number(r, &authority))
        return FALSE;
    for (ULONG i = 0; i < 4; ++i) out->IdentifierAuthority.Value[5 - i] = (UCHAR)(authority >> (8 * i));
    for (out->SubAuthorityCount = 0; accept(r, '-'); ++out->SubAuthorityCount)
        if (out->SubAuthorityCount == SID_MAX_SUB_AUTHORITIES ||
            !number(r, &out->SubAuthority[out->SubAuthorityCount]))
            return FALSE;
    return out->SubAuthorityCount > 0;
}

// "(A;;GA;;;SY)" at the end of the list.
static NTSTATUS ace(reader* r, ACL* acl) {
    ULONG flags = 0, mask = 0;
    const UCHAR type = accept(r, 'D') ? ACCESS_DENIED_ACE_TYPE : ACCESS_ALLOWED_ACE_TYPE;
    if (type == ACCESS_ALLOWED_ACE_TYPE && !accept(r, 'A')) return STATUS_INVALID_PARAMETER;
    if (!accept(r, ';') || !names(r, ace_flags, RTL_NUMBER_OF(ace_flags), &flags) || !accept(r, ';'))
        return STATUS_INVALID_PARAMETER;
    const BOOLEAN numeric = r->at < r->end && *r->at >= '0' && *r->at <= '9';
    if (!(numeric ? number(r, &mask) : names(r, rights, RTL_NUMBER_OF(rights), &mask)))
        return STATUS_INVALID_PARAMETER;
    // Object and inherited object types are for directory services.
    ULONG storage[2 + SID_MAX_SUB_AUTHORITIES];
    SID* owner = (SID*)storage;
    if (!accept_pair(r, L";;") || !accept(r, ';') || !sid(r, owner) || !accept(r, ')'))
        return STATUS_INVALID_PARAMETER;

    const ULONG sid_size = 8 + 4 * owner->SubAuthorityCount;
    const ULONG size = sizeof(ACE_HEADER) + sizeof(ACCESS_MASK) + sid_size;
    if (acl->AclSize + size > sddl_longest_acl) return STATUS_BUFFER_OVERFLOW;
    ACCESS_ALLOWED_ACE* entry = (ACCESS_ALLOWED_ACE*)((UCHAR*)acl + acl->AclSize);
    entry->Header.AceType = type;
    entry->Header.AceFlags = (UCHAR)flags;
    entry->Header.AceSize = (USHORT)size;
    entry->Mask = mask;
    RtlCopyMemory(&entry->SidStart, owner, sid_size);
    acl->AclSize = (USHORT)(acl->AclSize + size);
    ++acl->AceCount;
    return STATUS_SUCCESS;
}

NTSTATUS sddl_parse(PCUNICODE_STRING text, sddl_descriptor* out) {
    reader r = {text->Buffer, text->Buffer + text->Length / sizeof(WCHAR)};
    RtlZeroMemory(out, sizeof *out);
    ACL* acl = (ACL*)out->acl;
    acl->AclRevision = ACL_REVISION;
    acl->AclSize = sizeof(ACL);
    out->descriptor.Revision = SECURITY_DESCRIPTOR_REVISION;
    out->descriptor.Control = SE_DACL_PRESENT;
    out->descriptor.Dacl = acl;
    if (!accept_pair(&r, L"D:")) return STATUS_INVALID_PARAMETER;
    if (accept(&r, 'P')) out->descriptor.Control |= SE_DACL_PROTECTED;
    while (accept(&r, '(')) {
        const NTSTATUS status = ace(&r, acl);
        if (!NT_SUCCESS(status)) return status;
    }
    return r.at == r.end ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
