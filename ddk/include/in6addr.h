// An IPv6 address, for kernel-mode drivers; programs with winsock2.h get mingw-w64's.
#pragma once

#if !defined(_WIN32) || defined(_WINSOCK2API_) || defined(_WINSOCKAPI_) || defined(_WINDOWS_)
#include_next <in6addr.h>
#elif !defined(s6_addr)
// https://learn.microsoft.com/windows/win32/api/in6addr/ns-in6addr-in6_addr
typedef struct in6_addr {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;

#define in_addr6 in6_addr
#define _S6_un u
#define _S6_u8 Byte
#define s6_addr _S6_un._S6_u8
#define s6_bytes u.Byte
#define s6_words u.Word
#endif
