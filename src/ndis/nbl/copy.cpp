#include "ndis/nbl/copy.h"

#include <algorithm>
#include <cstring>

namespace ndiskit::ndis {
namespace {

// What of NblFlags tells about the frames, and so holds for a copy too.
constexpr ULONG frame_flags = NDIS_NBL_FLAGS_IS_IPV4 | NDIS_NBL_FLAGS_IS_IPV6 | NDIS_NBL_FLAGS_IS_TCP |
                              NDIS_NBL_FLAGS_IS_UDP | NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET;

// What both directions copy.
[[gnu::always_inline]] inline void copy_common_info(NET_BUFFER_LIST* to, const NET_BUFFER_LIST* from) {
    void** const t = to->NetBufferListInfo;
    void* const* const f = from->NetBufferListInfo;
    t[TcpIpChecksumNetBufferListInfo] = f[TcpIpChecksumNetBufferListInfo];
    t[IPsecOffloadV1NetBufferListInfo] = f[IPsecOffloadV1NetBufferListInfo];
    t[TcpLargeSendNetBufferListInfo] = f[TcpLargeSendNetBufferListInfo];  // TcpReceiveNoPush on receives
    t[Ieee8021QNetBufferListInfo] = f[Ieee8021QNetBufferListInfo];
    t[MediaSpecificInformation] = f[MediaSpecificInformation];
    t[NetBufferListProtocolId] = f[NetBufferListProtocolId];  // NetBufferListFrameType on receives
    t[IPsecOffloadV2TunnelNetBufferListInfo] = f[IPsecOffloadV2TunnelNetBufferListInfo];
    t[IPsecOffloadV2HeaderNetBufferListInfo] = f[IPsecOffloadV2HeaderNetBufferListInfo];
    t[NetBufferListFilteringInfo] = f[NetBufferListFilteringInfo];
    t[VirtualSubnetInfo] = f[VirtualSubnetInfo];
    to->NblFlags = (to->NblFlags & ~frame_flags) | (from->NblFlags & frame_flags);
}

}  // namespace

uint32_t NTAPI copy_data(NET_BUFFER* to, uint32_t to_offset, NET_BUFFER* from, uint32_t from_offset,
                         uint32_t length) {
    if (from_offset >= from->DataLength) return 0;
    length = std::min(length, from->DataLength - from_offset);
    ChainPlace source{from->CurrentMdl, from->CurrentMdlOffset};
    ChainPlace target{to->CurrentMdl, to->CurrentMdlOffset};
    if (!move_on(source, from_offset) || !move_on(target, to_offset)) return 0;
    uint32_t copied = 0;
    for_each_piece(source, length, [&](MDL* mdl, uint32_t offset, uint32_t piece) {
        const std::byte* bytes = mdl_address(mdl) + offset;
        uint32_t done = 0;
        for_each_piece(target, piece, [&](MDL* into, uint32_t into_offset, uint32_t room) {
            // The two may be the same memory when a driver shifts data within one buffer.
            memmove(mdl_address(into) + into_offset, bytes + done, room);
            done += room;
            return true;
        });
        copied += done;
        move_on(target, done);
        return done == piece;
    });
    return copied;
}

void* NTAPI contiguous_data(NET_BUFFER* nb, uint32_t length, void* storage, uint32_t align_multiple,
                            uint32_t align_offset) {
    if (nb->DataLength < length) return nullptr;
    const ChainPlace place = data_start(nb);
    if (!place.mdl) return nullptr;
    std::byte* const data = mdl_address(place.mdl) + place.offset;
    const bool aligned = align_multiple <= 1 ||
                         reinterpret_cast<uintptr_t>(data) % align_multiple == align_offset % align_multiple;
    if (place.mdl->ByteCount - place.offset >= length && aligned) [[likely]]
        return data;
    if (!storage) return nullptr;
    std::byte* to = static_cast<std::byte*>(storage);
    const bool whole = for_each_piece(place, length, [&](MDL* mdl, uint32_t offset, uint32_t piece) {
        memcpy(to, mdl_address(mdl) + offset, piece);
        to += piece;
        return true;
    });
    return whole ? storage : nullptr;
}

uint32_t NTAPI physical_breaks(NET_BUFFER* nb) {
    uint32_t breaks = 0;
    for_each_piece(data_start(nb), nb->DataLength, [&](MDL* mdl, uint32_t offset, uint32_t piece) {
        breaks += frames_spanned(static_cast<std::byte*>(MmGetMdlVirtualAddress(mdl)) + offset, piece);
        return true;
    });
    return breaks;
}

void NTAPI copy_send_info(NET_BUFFER_LIST* to, const NET_BUFFER_LIST* from) {
    copy_common_info(to, from);
    to->NetBufferListInfo[NetBufferListCancelId] = from->NetBufferListInfo[NetBufferListCancelId];
}

void NTAPI copy_receive_info(NET_BUFFER_LIST* to, const NET_BUFFER_LIST* from) {
    copy_common_info(to, from);
    to->NetBufferListInfo[NetBufferListHashValue] = from->NetBufferListInfo[NetBufferListHashValue];
    to->NetBufferListInfo[NetBufferListHashInfo] = from->NetBufferListInfo[NetBufferListHashInfo];
}

}  // namespace ndiskit::ndis
