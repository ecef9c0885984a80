#include "edge/gather.h"

#include <algorithm>
#include <cstring>

namespace ndiskit::edge {
namespace {

// Calls `visit(address, size)` for each piece of the data; stops when it returns false. True when all was
// seen.
template <class Visit>
bool for_each_piece(const NET_BUFFER* nb, Visit&& visit) {
    const MDL* mdl = NET_BUFFER_CURRENT_MDL(nb);
    size_t offset = NET_BUFFER_CURRENT_MDL_OFFSET(nb);
    size_t left = NET_BUFFER_DATA_LENGTH(nb);
    while (left > 0 && mdl) {
        const size_t size = std::min<size_t>(mdl->ByteCount - offset, left);
        auto* address = static_cast<uint8_t*>(MmGetMdlVirtualAddress(mdl)) + offset;
        if (size > 0 && !visit(address, size)) return false;
        left -= size;
        offset = 0;
        mdl = mdl->Next;
    }
    return left == 0;
}

}  // namespace

size_t gather(const NET_BUFFER* nb, std::span<iovec> parts) {
    size_t count = 0;
    const bool whole = for_each_piece(nb, [&](uint8_t* address, size_t size) {
        if (count == parts.size()) return false;
        parts[count++] = {address, size};
        return true;
    });
    return whole ? count : 0;
}

size_t copy_start(const NET_BUFFER* nb, uint8_t* to, size_t size) {
    size_t have = 0;
    for_each_piece(nb, [&](const uint8_t* address, size_t piece) {
        const size_t take = std::min(piece, size - have);
        std::memcpy(to + have, address, take);
        have += take;
        return have < size;
    });
    return have;
}

std::span<iovec> skip(std::span<iovec> parts, size_t size) {
    while (!parts.empty() && size >= parts.front().iov_len) {
        size -= parts.front().iov_len;
        parts = parts.subspan(1);
    }
    if (!parts.empty()) {
        parts.front().iov_base = static_cast<uint8_t*>(parts.front().iov_base) + size;
        parts.front().iov_len -= size;
    }
    return parts;
}

}  // namespace ndiskit::edge
