// Flags of sends, receives, returns, completions and clones.
#pragma once

#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_SEND_FLAGS_DISPATCH_LEVEL                1
#define NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK            2
#define NDIS_SEND_FLAGS_SINGLE_QUEUE                  4
#define NDIS_SEND_FLAGS_SWITCH_DESTINATION_GROUP      0x10
#define NDIS_SEND_FLAGS_SWITCH_SINGLE_SOURCE          0x20
#define NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL       1
#define NDIS_SEND_COMPLETE_FLAGS_SINGLE_QUEUE         2
#define NDIS_SEND_COMPLETE_FLAGS_SWITCH_SINGLE_SOURCE 4
#define NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL             1
#define NDIS_RECEIVE_FLAGS_RESOURCES                  2
#define NDIS_RECEIVE_FLAGS_SINGLE_ETHER_TYPE          0x100
#define NDIS_RECEIVE_FLAGS_SINGLE_VLAN                0x200
#define NDIS_RECEIVE_FLAGS_PERFECT_FILTERED           0x400
#define NDIS_RECEIVE_FLAGS_SINGLE_QUEUE               0x800
#define NDIS_RECEIVE_FLAGS_SHARED_MEMORY_INFO_VALID   0x1000
#define NDIS_RECEIVE_FLAGS_MORE_NBLS                  0x2000
#define NDIS_RECEIVE_FLAGS_SWITCH_DESTINATION_GROUP   0x4000
#define NDIS_RECEIVE_FLAGS_SWITCH_SINGLE_SOURCE       0x8000
#define NDIS_RETURN_FLAGS_DISPATCH_LEVEL              1
#define NDIS_RETURN_FLAGS_SINGLE_QUEUE                2
#define NDIS_RETURN_FLAGS_SWITCH_SINGLE_SOURCE        4
#define NDIS_CLONE_FLAGS_RESERVED                     1
#define NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS            2

// ---- Receive
#define NDIS_TEST_RECEIVE_FLAG(_Flags, _Fl) (((_Flags) & (_Fl)) != 0)
#define NDIS_SET_RECEIVE_FLAG(_Flags, _Fl)  ((_Flags) |= (_Fl))
#define NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL(_Flags) \
    NDIS_TEST_RECEIVE_FLAG(_Flags, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL)
// The miniport takes the lists back when the call returns, so a driver above must not keep them.
#define NDIS_TEST_RECEIVE_CANNOT_PEND(_Flags) NDIS_TEST_RECEIVE_FLAG(_Flags, NDIS_RECEIVE_FLAGS_RESOURCES)
#define NDIS_TEST_RECEIVE_CAN_PEND(_Flags)    (!NDIS_TEST_RECEIVE_CANNOT_PEND(_Flags))

// ---- Return of received lists
#define NDIS_TEST_RETURN_FLAG(_Flags, _Fl) (((_Flags) & (_Fl)) != 0)
#define NDIS_SET_RETURN_FLAG(_Flags, _Fl)  ((_Flags) |= (_Fl))
#define NDIS_TEST_RETURN_AT_DISPATCH_LEVEL(_Flags) \
    NDIS_TEST_RETURN_FLAG(_Flags, NDIS_RETURN_FLAGS_DISPATCH_LEVEL)

// ---- Send
#define NDIS_TEST_SEND_FLAG(_Flags, _Fl)         (((_Flags) & (_Fl)) != 0)
#define NDIS_SET_SEND_FLAG(_Flags, _Fl)          ((_Flags) |= (_Fl))
#define NDIS_CLEAR_SEND_FLAG(_Flags, _Fl)        ((_Flags) &= ~(_Fl))
#define NDIS_TEST_SEND_AT_DISPATCH_LEVEL(_Flags) NDIS_TEST_SEND_FLAG(_Flags, NDIS_SEND_FLAGS_DISPATCH_LEVEL)

// ---- Completion of sends
#define NDIS_TEST_SEND_COMPLETE_FLAG(_Flags, _Fl) (((_Flags) & (_Fl)) != 0)
#define NDIS_SET_SEND_COMPLETE_FLAG(_Flags, _Fl)  ((_Flags) |= (_Fl))
#define NDIS_TEST_SEND_COMPLETE_AT_DISPATCH_LEVEL(_Flags) \
    NDIS_TEST_SEND_COMPLETE_FLAG(_Flags, NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL)

// ---- Clones
#define NDIS_TEST_CLONE_FLAG(_Flags, _Fl)  (((_Flags) & (_Fl)) != 0)
#define NDIS_SET_CLONE_FLAG(_Flags, _Fl)   ((_Flags) |= (_Fl))
#define NDIS_CLEAR_CLONE_FLAG(_Flags, _Fl) ((_Flags) &= ~(_Fl))

NDIS_END_DECLS
