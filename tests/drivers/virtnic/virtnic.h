// A miniport driver for a virtio network device, written as for hardware: registers through mapped BARs, MSI-X or the
// line, rings in shared memory, sends by scatter-gather DMA. The kit's simulated device is what it is tested against.
#pragma once

#include <ndis.h>

constexpr ULONG tag = 'ciNV';
constexpr USHORT ring_size = 64;
constexpr ULONG header_size = 12;
constexpr ULONG longest_frame = 1514;
constexpr ULONG receive_stride = 2048;

struct Descriptor {
    ULONG64 address;
    ULONG length;
    USHORT flags;
    USHORT next;
};

// One virtqueue: rings in one block of shared memory.
struct Ring {
    volatile Descriptor* descriptors;
    volatile USHORT* available;  // flags, index, entries
    volatile USHORT* used;       // flags, index, then pairs of 32 bits
    volatile UCHAR* notify;
    USHORT next_used;
    USHORT free_head;
    USHORT free_count;
};

struct Receive {
    PMDL mdl;
    PNET_BUFFER_LIST nbl;
};

// A NET_BUFFER on its way to the device, by the first descriptor that it took.
struct Send {
    PNET_BUFFER buffer;
    PSCATTER_GATHER_LIST list;
};

struct Adapter {
    NDIS_HANDLE handle;
    NDIS_HANDLE interrupt;
    NDIS_HANDLE dma;
    NDIS_HANDLE pool;
    volatile UCHAR* registers;  // BAR 0
    ULONG registers_size;
    volatile UCHAR* common;
    volatile UCHAR* isr;
    volatile UCHAR* configuration;
    volatile UCHAR* notify;
    ULONG notify_multiplier;
    BOOLEAN messages;
    UCHAR mac[6];

    PUCHAR shared;
    ULONG shared_size;
    NDIS_PHYSICAL_ADDRESS shared_address;
    PUCHAR buffers;  // of receives
    NDIS_PHYSICAL_ADDRESS buffers_address;

    NDIS_SPIN_LOCK lock;  // of both rings and what follows
    Ring receive;
    Ring transmit;
    Receive receives[ring_size];
    Send sends[ring_size];
    PNET_BUFFER waiting_buffer;     // the first that found no descriptors
    PNET_BUFFER waiting_last;
    LONG sends_out;                 // NBLs that were given to us
    LONG receives_out;              // frames that are indicated
    BOOLEAN running;
    BOOLEAN pausing;
    ULONG packet_filter;
    ULONG64 sent, received;
};

// hardware.cpp
NDIS_STATUS find_hardware(Adapter& adapter, PNDIS_RESOURCE_LIST resources);
void start_device(Adapter& adapter);
void reset_device(Adapter& adapter);
void notify(Ring& ring);
NDIS_STATUS connect_interrupt(Adapter& adapter);
BOOLEAN link_is_up(Adapter& adapter);

// data.cpp
void send_chain(Adapter& adapter, PNET_BUFFER_LIST chain);
void take_completed_sends(Adapter& adapter);
void take_receives(Adapter& adapter);
void return_chain(Adapter& adapter, PNET_BUFFER_LIST chain);
void fill_receive_ring(Adapter& adapter);
void finish_pause(Adapter& adapter);
MINIPORT_PROCESS_SG_LIST process_list;

// oid.cpp
MINIPORT_OID_REQUEST oid_request;
