// Security descriptors out of their text form (SDDL), as far as device objects use it: a DACL of allow and deny
// entries with generic, standard or numeric rights, for well-known accounts or SIDs in full.
//
// https://learn.microsoft.com/windows-hardware/drivers/kernel/sddl-for-device-objects
#pragma once

#include <ntifs.h>

enum { sddl_longest_acl = 1024 };

typedef struct sddl_descriptor {
    SECURITY_DESCRIPTOR descriptor;  // its DACL is `acl`
    ULONG_PTR acl[sddl_longest_acl / sizeof(ULONG_PTR)];
} sddl_descriptor;

// STATUS_INVALID_PARAMETER when the text is not understood, STATUS_BUFFER_OVERFLOW when it is too long.
NTSTATUS sddl_parse(PCUNICODE_STRING text, sddl_descriptor* out);
