// An IPv4 address, for kernel-mode drivers; programs with winsock2.h get mingw-w64's.
#pragma once

#if !defined(_WIN32) || defined(_WINSOCK2API_) || defined(_WINSOCKAPI_) || defined(_WINDOWS_)
#include_next <inaddr.h>
#elif !defined(s_addr)
// https://learn.microsoft.com/windows/win32/api/winsock2/ns-winsock2-in_addr
typedef struct in_addr {
    union {
        struct {
            UCHAR s_b1, s_b2, s_b3, s_b4;
        } S_un_b;
        struct {
            USHORT s_w1, s_w2;
        } S_un_w;
        ULONG S_addr;
    } S_un;
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

#define s_addr S_un.S_addr
#define s_net S_un.S_un_b.s_b1
#define s_host S_un.S_un_b.s_b2
#define s_lh S_un.S_un_b.s_b3
#define s_impno S_un.S_un_b.s_b4
#define s_imp S_un.S_un_w.s_w2
#endif
