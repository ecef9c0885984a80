// A protocol driver whose control device gives programs the frames of one Ethernet type, as packet drivers on
// Windows do: a program asks which adapters the driver is bound to, attaches its handle to one, then writes
// frames and reads them. control.cpp is the device, binding.cpp what NDIS sees.
//
// A Binding lives while NDIS has it open, a handle is attached to it, or a request of its is on the way; each
// of these is a reference. Reads wait in a cancel-safe queue of their binding; frames that nobody waits for
// are kept, up to most_kept, the oldest dropped first.
#pragma once

#define NDIS60 1
#include <ndis.h>
#include <ntddk.h>

namespace packets {

inline constexpr USHORT ether_type = 0x88B6;  // for experiments of one's own
inline constexpr ULONG pool_tag = 'tkcP';
inline constexpr ULONG most_kept = 8;

inline constexpr ULONG ioctl_open =
    CTL_CODE(FILE_DEVICE_NETWORK, 0x900, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS);
inline constexpr ULONG ioctl_query_oid =
    CTL_CODE(FILE_DEVICE_NETWORK, 0x901, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS);
inline constexpr ULONG ioctl_query_binding =
    CTL_CODE(FILE_DEVICE_NETWORK, 0x902, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS);
inline constexpr ULONG ioctl_bind_wait =
    CTL_CODE(FILE_DEVICE_NETWORK, 0x903, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS);

// Of ioctl_query_binding, in and out; offsets are from its start, lengths in bytes.
struct BindingQuery {
    ULONG index;
    ULONG name_offset, name_length;
    ULONG description_offset, description_length;
};
// Of ioctl_query_oid, in and out; the data follows.
struct OidQuery {
    NDIS_OID oid;
    NDIS_PORT_NUMBER port;
};

struct KeptFrame {
    LIST_ENTRY link;
    ULONG size;
    UCHAR bytes[1];
};

struct Binding {
    LIST_ENTRY link;  // in the list of bindings, while NDIS has it
    LONG references;
    NDIS_HANDLE handle;
    NDIS_HANDLE nbl_pool;
    NDIS_EVENT settled;  // an open, close or OID request that pended is complete
    NDIS_STATUS status;
    UNICODE_STRING name;
    PFILE_OBJECT attached;  // one handle at a time
    KSPIN_LOCK lock;        // of all below
    bool running, closing, up;
    LONG out;  // sends and OID requests
    KEVENT all_back;
    IO_CSQ reads;
    LIST_ENTRY waiting, kept;
    ULONG kept_count;
};

struct Driver {
    PDRIVER_OBJECT object;
    PDEVICE_OBJECT device;
    NDIS_HANDLE protocol;
    KEVENT bindings_complete;
    KSPIN_LOCK lock;  // of the list
    LIST_ENTRY bindings;
};
extern Driver driver;

void reference(Binding& binding);
void release(Binding& binding);
// With a reference; null when there is none.
Binding* find_binding(const UNICODE_STRING& name);
Binding* binding_at(ULONG index);

NDIS_STATUS query_oid(Binding& binding, NDIS_OID oid, PVOID data, ULONG size, ULONG& written);
NDIS_STATUS set_packet_filter(Binding& binding, ULONG filter);
// Takes the request of a write: its completion is the send's.
NTSTATUS send(Binding& binding, PIRP irp);
// Gives kept frames to reads that wait.
void serve_reads(Binding& binding);
void forget_frames(Binding& binding);
void cancel_reads(Binding& binding, NTSTATUS status);

NDIS_STATUS register_protocol();
extern "C" {
DRIVER_DISPATCH dispatch_create, dispatch_cleanup, dispatch_close, dispatch_read, dispatch_write,
    dispatch_control;
}

inline NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information = 0) {
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

}  // namespace packets
