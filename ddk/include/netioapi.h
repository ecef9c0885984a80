// The IP Helper's types and functions for kernel-mode drivers: mingw-w64's, on the kit's own socket addresses.
// mingw's would take the user-mode headers of the routing service with it, which no kernel-mode source can
// have; nothing of them is used.
#pragma once

#if defined(_WIN32) && !defined(_WINSOCK2API_) && !defined(_WINSOCKAPI_) && !defined(_WINDOWS_)
#include <ndis.h>
#include <minwindef.h>
#include <ws2ipdef.h>
#ifndef __ROUTING_IPRTRMIB_H__
#define __ROUTING_IPRTRMIB_H__
#endif
#endif
#include_next <netioapi.h>
