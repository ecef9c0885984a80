// The exported functions over NBLs, NBs and their data: each checks, converts, and calls what the other files
// of this folder do. Anything per packet here is pointer work on entries of pools.

#include "ndis/nbl/exports.h"

#include <new>

#include "ndis/nbl/context.h"
#include "ndis/nbl/copy.h"
#include "ndis/nbl/derive.h"
#include "ndis/nbl/fault.h"
#include "ndis/nbl/on_processor.h"
#include "nt/export_table.h"
#include "nt/ke/processor.h"

using namespace ndiskit;
using namespace ndiskit::ndis;

namespace {

bool is_valid_header(const NDIS_OBJECT_HEADER& header, uint8_t revision, uint16_t size) {
    return header.Type == NDIS_OBJECT_TYPE_DEFAULT && header.Revision >= revision && header.Size >= size;
}

[[gnu::always_inline]] inline NET_BUFFER_LIST* allocate_nbl(NblPool& pool, uint16_t context_size,
                                                            uint16_t back_fill, unsigned processor) {
    NET_BUFFER_LIST* nbl = pool.take(processor);
    if (!nbl) return nullptr;
    if ((context_size | back_fill | pool.context_capacity()) != 0 &&
        !attach_context(pool, nbl, context_size, back_fill, processor)) {
        pool.give(nbl, processor);
        return nullptr;
    }
    return nbl;
}

// False when the offset lies behind the chain, or there is data but no chain.
[[gnu::always_inline]] inline bool set_chain(NET_BUFFER* nb, MDL* chain, uint32_t offset, uint64_t length) {
    if (!chain) return offset == 0 && length == 0;
    ChainPlace place{chain, 0};
    if (length > UINT32_MAX || !move_on(place, offset)) return false;
    nb->MdlChain = chain;
    nb->DataOffset = offset;
    nb->DataLength = static_cast<uint32_t>(length);
    nb->CurrentMdl = place.mdl;
    nb->CurrentMdlOffset = place.offset;
    return true;
}

[[noreturn, gnu::cold, gnu::noinline]] void NTAPI refuse_derived(NET_BUFFER_LIST* nbl) noexcept {
    misuse(std::string(
               "a derived NET_BUFFER_LIST is freed with NdisFreeNetBufferList, but must be freed with ") +
               freeing_function(derived(nbl)),
           nbl);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbufferlistpool
NDIS_HANDLE NTAPI NdisAllocateNetBufferListPool(NDIS_HANDLE NdisHandle,
                                                PNET_BUFFER_LIST_POOL_PARAMETERS Parameters) {
    const NET_BUFFER_LIST_POOL_PARAMETERS& p = *Parameters;
    if (!is_valid_header(p.Header, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                         NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1))
        return nullptr;
    if (p.DataSize != 0 && !p.fAllocateNetBuffer) return nullptr;
    return new (std::nothrow) NblPool(p, NdisHandle, __builtin_return_address(0), nt::ke::processor_count());
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreenetbufferlistpool
void NTAPI NdisFreeNetBufferListPool(NDIS_HANDLE PoolHandle) { delete &NblPool::from(PoolHandle); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbufferpool
NDIS_HANDLE NTAPI NdisAllocateNetBufferPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_POOL_PARAMETERS Parameters) {
    if (!is_valid_header(Parameters->Header, NET_BUFFER_POOL_PARAMETERS_REVISION_1,
                         NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1))
        return nullptr;
    return new (std::nothrow)
        NetBufferPool(*Parameters, NdisHandle, __builtin_return_address(0), nt::ke::processor_count());
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreenetbufferpool
void NTAPI NdisFreeNetBufferPool(NDIS_HANDLE PoolHandle) { delete &NetBufferPool::from(PoolHandle); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbufferlist
PNET_BUFFER_LIST NTAPI NdisAllocateNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
                                                 USHORT ContextBackFill) {
    OnProcessor processor;
    return allocate_nbl(NblPool::from(PoolHandle), ContextSize, ContextBackFill, processor.number());
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbufferandnetbufferlist
PNET_BUFFER_LIST NTAPI NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
                                                             USHORT ContextBackFill, PMDL MdlChain,
                                                             ULONG DataOffset, SIZE_T DataLength) {
    NblPool& pool = NblPool::from(PoolHandle);
    if (!pool.has_net_buffer() || pool.has_data()) [[unlikely]]
        return nullptr;
    OnProcessor processor;
    NET_BUFFER_LIST* nbl = allocate_nbl(pool, ContextSize, ContextBackFill, processor.number());
    if (!nbl || set_chain(nbl->FirstNetBuffer, MdlChain, DataOffset, DataLength)) [[likely]]
        return nbl;
    if (nbl->Context) free_context(pool, nbl, processor.number());
    pool.give(nbl, processor.number());
    return nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreenetbufferlist
void NTAPI NdisFreeNetBufferList(PNET_BUFFER_LIST NetBufferList) {
    if (!SlabPool::is_live(NetBufferList, SlabKind::nbl)) [[unlikely]]
        bad_free(NetBufferList, SlabKind::nbl);
    if (derived(NetBufferList) != Derived::no) [[unlikely]]
        refuse_derived(NetBufferList);
    NblPool& pool = NblPool::of(NetBufferList);
    OnProcessor processor;
    if (NetBufferList->Context) free_context(pool, NetBufferList, processor.number());
    pool.give(NetBufferList, processor.number());
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbuffer
PNET_BUFFER NTAPI NdisAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset,
                                        SIZE_T DataLength) {
    NetBufferPool& pool = NetBufferPool::from(PoolHandle);
    if (pool.has_data()) [[unlikely]]
        return nullptr;
    OnProcessor processor;
    NET_BUFFER* nb = pool.take(processor.number());
    if (!nb || set_chain(nb, MdlChain, DataOffset, DataLength)) [[likely]]
        return nb;
    pool.give(nb, processor.number());
    return nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbuffermdlanddata
PNET_BUFFER NTAPI NdisAllocateNetBufferMdlAndData(NDIS_HANDLE PoolHandle) {
    NetBufferPool& pool = NetBufferPool::from(PoolHandle);
    if (!pool.has_data()) [[unlikely]]
        return nullptr;
    OnProcessor processor;
    return pool.take(processor.number());
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreenetbuffer
void NTAPI NdisFreeNetBuffer(PNET_BUFFER NetBuffer) {
    if (!SlabPool::is_live(NetBuffer, SlabKind::net_buffer)) [[unlikely]]
        bad_free(NetBuffer, SlabKind::net_buffer);
    OnProcessor processor;
    static_cast<NetBufferPool*>(NetBuffer->NdisPoolHandle)->give(NetBuffer, processor.number());
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisgetpoolfromnetbufferlist
NDIS_HANDLE NTAPI NdisGetPoolFromNetBufferList(PNET_BUFFER_LIST NetBufferList) {
    return NetBufferList->NdisPoolHandle;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisgetpoolfromnetbuffer
NDIS_HANDLE NTAPI NdisGetPoolFromNetBuffer(PNET_BUFFER NetBuffer) { return NetBuffer->NdisPoolHandle; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatenetbufferlistcontext
NDIS_STATUS NTAPI NdisAllocateNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize,
                                                   USHORT ContextBackFill, ULONG PoolTag) {
    return add_context(NetBufferList, ContextSize, ContextBackFill);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreenetbufferlistcontext
void NTAPI NdisFreeNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize) {
    remove_context(NetBufferList, ContextSize);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocateclonenetbufferlist
PNET_BUFFER_LIST NTAPI NdisAllocateCloneNetBufferList(PNET_BUFFER_LIST OriginalNetBufferList,
                                                      NDIS_HANDLE NetBufferListPoolHandle,
                                                      NDIS_HANDLE NetBufferPoolHandle,
                                                      ULONG AllocateCloneFlags) {
    return clone(OriginalNetBufferList, NetBufferListPoolHandle, NetBufferPoolHandle, AllocateCloneFlags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreeclonenetbufferlist
void NTAPI NdisFreeCloneNetBufferList(PNET_BUFFER_LIST CloneNetBufferList, ULONG FreeCloneFlags) {
    free_clone(CloneNetBufferList, FreeCloneFlags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatefragmentnetbufferlist
PNET_BUFFER_LIST NTAPI NdisAllocateFragmentNetBufferList(PNET_BUFFER_LIST OriginalNetBufferList,
                                                         NDIS_HANDLE NetBufferListPool,
                                                         NDIS_HANDLE NetBufferPool, ULONG StartOffset,
                                                         ULONG MaximumLength, ULONG DataOffsetDelta,
                                                         ULONG DataBackFill, ULONG AllocateFragmentFlags) {
    return fragment(OriginalNetBufferList, NetBufferListPool, NetBufferPool,
                    {.start_offset = StartOffset,
                     .maximum_length = MaximumLength,
                     .data_offset_delta = DataOffsetDelta,
                     .data_back_fill = DataBackFill});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreefragmentnetbufferlist
void NTAPI NdisFreeFragmentNetBufferList(PNET_BUFFER_LIST FragmentNetBufferList, ULONG DataOffsetDelta,
                                         ULONG FreeFragmentFlags) {
    free_fragment(FragmentNetBufferList, DataOffsetDelta);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisallocatereassemblednetbufferlist
PNET_BUFFER_LIST NTAPI NdisAllocateReassembledNetBufferList(PNET_BUFFER_LIST FragmentNetBufferList,
                                                            NDIS_HANDLE NetBufferAndNetBufferListPoolHandle,
                                                            ULONG StartOffset, ULONG DataOffsetDelta,
                                                            ULONG DataBackFill,
                                                            ULONG AllocateReassembleFlags) {
    return reassemble(FragmentNetBufferList, NetBufferAndNetBufferListPoolHandle, StartOffset,
                      DataOffsetDelta, DataBackFill);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisfreereassemblednetbufferlist
void NTAPI NdisFreeReassembledNetBufferList(PNET_BUFFER_LIST ReassembledNetBufferList, ULONG DataOffsetDelta,
                                            ULONG FreeReassembleFlags) {
    free_reassembled(ReassembledNetBufferList, DataOffsetDelta);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisretreatnetbufferdatastart
NDIS_STATUS NTAPI NdisRetreatNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta,
                                                ULONG DataBackFill,
                                                NET_BUFFER_ALLOCATE_MDL_HANDLER AllocateMdlHandler) {
    return retreat(NetBuffer, DataOffsetDelta, DataBackFill, AllocateMdlHandler);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisadvancenetbufferdatastart
void NTAPI NdisAdvanceNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
                                         NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler) {
    advance(NetBuffer, DataOffsetDelta, FreeMdl, FreeMdlHandler);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisretreatnetbufferlistdatastart
NDIS_STATUS NTAPI NdisRetreatNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
                                                    ULONG DataBackFill,
                                                    NET_BUFFER_ALLOCATE_MDL_HANDLER AllocateMdlHandler,
                                                    NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler) {
    for (NET_BUFFER* nb = NetBufferList->FirstNetBuffer; nb; nb = nb->Next) {
        const NDIS_STATUS status = retreat(nb, DataOffsetDelta, DataBackFill, AllocateMdlHandler);
        if (status == NDIS_STATUS_SUCCESS) [[likely]]
            continue;
        // All or none: the NBs before this one get back what they had.
        for (NET_BUFFER* done = NetBufferList->FirstNetBuffer; done != nb; done = done->Next)
            advance(done, DataOffsetDelta, true, FreeMdlHandler);
        return status;
    }
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisadvancenetbufferlistdatastart
void NTAPI NdisAdvanceNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
                                             BOOLEAN FreeMdl, NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler) {
    for (NET_BUFFER* nb = NetBufferList->FirstNetBuffer; nb; nb = nb->Next)
        advance(nb, DataOffsetDelta, FreeMdl, FreeMdlHandler);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisadjustnetbuffercurrentmdl
void NTAPI NdisAdjustNetBufferCurrentMdl(PNET_BUFFER NetBuffer) { adjust_current_mdl(NetBuffer); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndiscopyfromnetbuffertonetbuffer
NDIS_STATUS NTAPI NdisCopyFromNetBufferToNetBuffer(PNET_BUFFER Destination, ULONG DestinationOffset,
                                                   ULONG BytesToCopy, PNET_BUFFER Source, ULONG SourceOffset,
                                                   PULONG BytesCopied) {
    *BytesCopied = copy_data(Destination, DestinationOffset, Source, SourceOffset, BytesToCopy);
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisgetdatabuffer
PVOID NTAPI NdisGetDataBuffer(PNET_BUFFER NetBuffer, ULONG BytesNeeded, PVOID Storage, UINT AlignMultiple,
                              UINT AlignOffset) {
    return contiguous_data(NetBuffer, BytesNeeded, Storage, AlignMultiple, AlignOffset);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisquerynetbufferphysicalcount
ULONG NTAPI NdisQueryNetBufferPhysicalCount(PNET_BUFFER NetBuffer) { return physical_breaks(NetBuffer); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndiscopysendnetbufferlistinfo
void NTAPI NdisCopySendNetBufferListInfo(PNET_BUFFER_LIST DestNetBufferList,
                                         PNET_BUFFER_LIST SrcNetBufferList) {
    copy_send_info(DestNetBufferList, SrcNetBufferList);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndiscopyreceivenetbufferlistinfo
void NTAPI NdisCopyReceiveNetBufferListInfo(PNET_BUFFER_LIST DestNetBufferList,
                                            PNET_BUFFER_LIST SrcNetBufferList) {
    copy_receive_info(DestNetBufferList, SrcNetBufferList);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/nblapi/nf-nblapi-ndisgetnetbufferlistprotocolid
UCHAR NTAPI NdisGetNetBufferListProtocolId(PNET_BUFFER_LIST NetBufferList) {
    return static_cast<UCHAR>(
        reinterpret_cast<uintptr_t>(NetBufferList->NetBufferListInfo[NetBufferListProtocolId]) &
        NDIS_PROTOCOL_ID_MASK);
}

}  // extern "C"

namespace ndiskit::ndis {

void add_nbl_exports() {
    using enum nt::MaxIrql;
    static const nt::Export rows[] = {
        {"NdisAllocateNetBufferListPool", reinterpret_cast<const void*>(&NdisAllocateNetBufferListPool),
         dispatch},
        {"NdisFreeNetBufferListPool", reinterpret_cast<const void*>(&NdisFreeNetBufferListPool), dispatch},
        {"NdisAllocateNetBufferPool", reinterpret_cast<const void*>(&NdisAllocateNetBufferPool), dispatch},
        {"NdisFreeNetBufferPool", reinterpret_cast<const void*>(&NdisFreeNetBufferPool), dispatch},
        {"NdisAllocateNetBufferList", reinterpret_cast<const void*>(&NdisAllocateNetBufferList), dispatch},
        {"NdisAllocateNetBufferAndNetBufferList",
         reinterpret_cast<const void*>(&NdisAllocateNetBufferAndNetBufferList), dispatch},
        {"NdisFreeNetBufferList", reinterpret_cast<const void*>(&NdisFreeNetBufferList), dispatch},
        {"NdisAllocateNetBuffer", reinterpret_cast<const void*>(&NdisAllocateNetBuffer), dispatch},
        {"NdisAllocateNetBufferMdlAndData", reinterpret_cast<const void*>(&NdisAllocateNetBufferMdlAndData),
         dispatch},
        {"NdisFreeNetBuffer", reinterpret_cast<const void*>(&NdisFreeNetBuffer), dispatch},
        {"NdisGetPoolFromNetBufferList", reinterpret_cast<const void*>(&NdisGetPoolFromNetBufferList),
         dispatch},
        {"NdisGetPoolFromNetBuffer", reinterpret_cast<const void*>(&NdisGetPoolFromNetBuffer), dispatch},
        {"NdisAllocateNetBufferListContext", reinterpret_cast<const void*>(&NdisAllocateNetBufferListContext),
         dispatch},
        {"NdisFreeNetBufferListContext", reinterpret_cast<const void*>(&NdisFreeNetBufferListContext),
         dispatch},
        {"NdisAllocateCloneNetBufferList", reinterpret_cast<const void*>(&NdisAllocateCloneNetBufferList),
         dispatch},
        {"NdisFreeCloneNetBufferList", reinterpret_cast<const void*>(&NdisFreeCloneNetBufferList), dispatch},
        {"NdisAllocateFragmentNetBufferList",
         reinterpret_cast<const void*>(&NdisAllocateFragmentNetBufferList), dispatch},
        {"NdisFreeFragmentNetBufferList", reinterpret_cast<const void*>(&NdisFreeFragmentNetBufferList),
         dispatch},
        {"NdisAllocateReassembledNetBufferList",
         reinterpret_cast<const void*>(&NdisAllocateReassembledNetBufferList), dispatch},
        {"NdisFreeReassembledNetBufferList", reinterpret_cast<const void*>(&NdisFreeReassembledNetBufferList),
         dispatch},
        {"NdisRetreatNetBufferDataStart", reinterpret_cast<const void*>(&NdisRetreatNetBufferDataStart),
         dispatch},
        {"NdisAdvanceNetBufferDataStart", reinterpret_cast<const void*>(&NdisAdvanceNetBufferDataStart),
         dispatch},
        {"NdisRetreatNetBufferListDataStart",
         reinterpret_cast<const void*>(&NdisRetreatNetBufferListDataStart), dispatch},
        {"NdisAdvanceNetBufferListDataStart",
         reinterpret_cast<const void*>(&NdisAdvanceNetBufferListDataStart), dispatch},
        {"NdisAdjustNetBufferCurrentMdl", reinterpret_cast<const void*>(&NdisAdjustNetBufferCurrentMdl), any},
        {"NdisCopyFromNetBufferToNetBuffer", reinterpret_cast<const void*>(&NdisCopyFromNetBufferToNetBuffer),
         dispatch},
        {"NdisGetDataBuffer", reinterpret_cast<const void*>(&NdisGetDataBuffer), dispatch},
        {"NdisQueryNetBufferPhysicalCount", reinterpret_cast<const void*>(&NdisQueryNetBufferPhysicalCount),
         dispatch},
        {"NdisCopySendNetBufferListInfo", reinterpret_cast<const void*>(&NdisCopySendNetBufferListInfo),
         dispatch},
        {"NdisCopyReceiveNetBufferListInfo", reinterpret_cast<const void*>(&NdisCopyReceiveNetBufferListInfo),
         dispatch},
        {"NdisGetNetBufferListProtocolId", reinterpret_cast<const void*>(&NdisGetNetBufferListProtocolId),
         any},
    };
    nt::add_exports("ndis.sys", rows);
}

}  // namespace ndiskit::ndis
