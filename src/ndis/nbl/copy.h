// Reading and copying a NET_BUFFER's data, and copying an NBL's out-of-band information.
#pragma once

#include "ndis/nbl/net_buffer.h"

namespace ndiskit::ndis {

// Copies from the source's used data space into the memory behind the destination's data start; gives the
// bytes copied, which end with the source's data or the destination's MDL chain.
uint32_t NTAPI copy_data(NET_BUFFER* to, uint32_t to_offset, NET_BUFFER* from, uint32_t from_offset,
                         uint32_t length);

// The first `length` bytes in one piece, aligned to `align_multiple` plus `align_offset`: in place, else
// copied to `storage`; null where neither can be.
void* NTAPI contiguous_data(NET_BUFFER* nb, uint32_t length, void* storage, uint32_t align_multiple,
                            uint32_t align_offset);

// The most physically contiguous pieces that the used data space may fall into.
uint32_t NTAPI physical_breaks(NET_BUFFER* nb);

void NTAPI copy_send_info(NET_BUFFER_LIST* to, const NET_BUFFER_LIST* from);
void NTAPI copy_receive_info(NET_BUFFER_LIST* to, const NET_BUFFER_LIST* from);

}  // namespace ndiskit::ndis
