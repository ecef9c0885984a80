// The structures that requests of WMI carry: made for the driver that answers, and read from its answer. What
// a driver writes is not trusted: offsets and sizes are checked against the buffer.
#include <algorithm>
#include <cstring>

#include "nt/rtl/unicode.h"
#include "nt/wmi/block.h"

namespace ndiskit::nt::wmi {

namespace {

constexpr size_t first_room = 256, largest_node = 1 << 20;

constexpr size_t rounded(size_t size) { return (size + 7) & ~size_t{7}; }

WNODE_HEADER header_of(const Node& node) {
    WNODE_HEADER header;
    std::memcpy(&header, node.data(), sizeof header);
    return header;
}

ULONG get(const Node& node, size_t at) {
    ULONG value = 0;
    if (at + sizeof value <= node.size()) std::memcpy(&value, node.data() + at, sizeof value);
    return value;
}
void put(Node& node, size_t at, ULONG value) { std::memcpy(node.data() + at, &value, sizeof value); }

void put_text(Node& node, size_t at, std::u16string_view text) {
    const auto bytes = static_cast<USHORT>(text.size() * sizeof(char16_t));
    std::memcpy(node.data() + at, &bytes, sizeof bytes);
    std::memcpy(node.data() + at + sizeof bytes, text.data(), bytes);
}
size_t size_of_text(std::u16string_view text) { return sizeof(USHORT) + text.size() * sizeof(char16_t); }

void put_header(Node& node, const Offer& offer, ULONG flags, ULONG version = 0) {
    WNODE_HEADER header = {};
    header.BufferSize = static_cast<ULONG>(node.size());
    header.ProviderId = offer.provider->id;
    header.Version = version;
    header.Guid = offer.block.guid;
    header.Flags = flags | (offer.block.is_static ? WNODE_FLAG_STATIC_INSTANCE_NAMES : 0u) |
                   (offer.block.flags & WMIREG_FLAG_INSTANCE_PDO ? WNODE_FLAG_PDO_INSTANCE_NAMES : 0u);
    std::memcpy(node.data(), &header, sizeof header);
}

// Sends what `make` gives for a room, with more room as long as the driver asks for it.
template <class Make>
NTSTATUS send_with_room(const Offer& offer, UCHAR minor, size_t room, Make make, Node& node) {
    for (;;) {
        node = make(room);
        GUID guid = offer.block.guid;
        ULONG used = 0;
        const NTSTATUS status = send(*offer.provider, minor, &guid, node, &used);
        if (!NT_SUCCESS(status)) return status;
        const WNODE_HEADER header = header_of(node);
        if (!(header.Flags & WNODE_FLAG_TOO_SMALL)) {
            node.resize(std::min<size_t>(header.BufferSize, node.size()));
            return node.size() < sizeof header ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
        }
        const ULONG needed = get(node, offsetof(WNODE_TOO_SMALL, SizeNeeded));
        if (needed <= node.size() || needed > largest_node) return STATUS_UNSUCCESSFUL;
        room += needed - node.size();
    }
}

// Where the parts of a node about one instance stand.
struct Places {
    bool has_id;
    size_t name, data;

    Places(const InstanceRequest& request, std::u16string_view text)
        : has_id(request.id.has_value()),
          name(offsetof(WNODE_SINGLE_INSTANCE, DataBlockOffset) + (has_id ? 12 : 8)),
          data(rounded(name + size_of_text(text))) {}
    size_t offset_at() const { return offsetof(WNODE_SINGLE_INSTANCE, DataBlockOffset) + (has_id ? 4 : 0); }
    size_t size_at() const { return offset_at() + sizeof(ULONG); }
};

Node make_instance(const Offer& offer, std::u16string_view name, ULONG index, const InstanceRequest& request,
                   size_t room) {
    const Places places(request, name);
    Node node(places.data + std::max(room, request.data.size()));
    put_header(node, offer, request.flag, request.version);
    put(node, offsetof(WNODE_SINGLE_INSTANCE, OffsetInstanceName), static_cast<ULONG>(places.name));
    put(node, offsetof(WNODE_SINGLE_INSTANCE, InstanceIndex), index);
    if (request.id) put(node, offsetof(WNODE_SINGLE_ITEM, ItemId), *request.id);
    put(node, places.offset_at(), static_cast<ULONG>(places.data));
    put(node, places.size_at(), static_cast<ULONG>(request.data.size()));
    put_text(node, places.name, name);
    std::ranges::copy(request.data, node.begin() + static_cast<std::ptrdiff_t>(places.data));
    return node;
}

// Windows adds the names that it made itself: offsets of counted strings.
void add_static_names(const Block& block, Node& node) {
    const size_t count =
        std::min<size_t>(get(node, offsetof(WNODE_ALL_DATA, InstanceCount)), block.names.size());
    const size_t offsets = rounded(node.size());
    size_t at = offsets + count * sizeof(ULONG), end = at;
    for (size_t i = 0; i < count; ++i) end += size_of_text(block.names[i]);
    node.resize(rounded(end));
    put(node, offsetof(WNODE_ALL_DATA, OffsetInstanceNameOffsets), static_cast<ULONG>(offsets));
    for (size_t i = 0; i < count; ++i) {
        put(node, offsets + i * sizeof(ULONG), static_cast<ULONG>(at));
        put_text(node, at, block.names[i]);
        at += size_of_text(block.names[i]);
    }
    put(node, offsetof(WNODE_HEADER, BufferSize), static_cast<ULONG>(node.size()));
}

bool can_be_asked(const Offer& offer) {
    return !(offer.block.flags & (WMIREG_FLAG_EVENT_ONLY_GUID | WMIREG_FLAG_TRACED_GUID));
}

}  // namespace

NTSTATUS query_all(const GUID& guid, std::vector<Node>& nodes) {
    NTSTATUS result = STATUS_WMI_GUID_NOT_FOUND;
    for (const Offer& offer : offers_of(guid)) {
        if (!can_be_asked(offer)) continue;
        const auto make = [&](size_t room) {
            Node node(sizeof(WNODE_ALL_DATA) + room);
            put_header(node, offer, WNODE_FLAG_ALL_DATA);
            return node;
        };
        Node node;
        const NTSTATUS status = send_with_room(offer, IRP_MN_QUERY_ALL_DATA, first_room, make, node);
        if (NT_SUCCESS(status) && node.size() >= sizeof(WNODE_ALL_DATA)) {
            if (offer.block.is_static) add_static_names(offer.block, node);
            nodes.push_back(std::move(node));
            result = STATUS_SUCCESS;
        } else if (nodes.empty()) {
            result = NT_SUCCESS(status) ? STATUS_UNSUCCESSFUL : status;
        }
    }
    return result;
}

NTSTATUS ask_instance(const GUID& guid, std::u16string_view name, const InstanceRequest& request, Node& node,
                      std::span<const uint8_t>& data) {
    NTSTATUS result = STATUS_WMI_GUID_NOT_FOUND;
    for (const Offer& offer : offers_of(guid)) {
        if (!can_be_asked(offer)) continue;
        ULONG index = 0;
        if (offer.block.is_static) {
            const auto& names = offer.block.names;
            const auto found =
                std::ranges::find_if(names, [&](const auto& one) { return same_text(one, name); });
            if (result == STATUS_WMI_GUID_NOT_FOUND) result = STATUS_WMI_INSTANCE_NOT_FOUND;
            if (found == names.end()) continue;
            index = static_cast<ULONG>(found - names.begin());
        }
        const auto make = [&](size_t room) { return make_instance(offer, name, index, request, room); };
        const NTSTATUS status = send_with_room(offer, request.minor, request.room, make, node);
        if (NT_SUCCESS(status)) {
            const Places places(request, name);
            const size_t size = get(node, places.size_at());
            data = std::span<const uint8_t>(node).subspan(std::min(places.data, node.size()));
            data = data.first(std::min(size, data.size()));
            return STATUS_SUCCESS;
        }
        // A driver that has the instance knows better than one that has not.
        if (result == STATUS_WMI_GUID_NOT_FOUND || status != STATUS_WMI_INSTANCE_NOT_FOUND) result = status;
    }
    return result;
}

NTSTATUS query_instance(const GUID& guid, std::u16string_view name, Node& node) {
    std::span<const uint8_t> data;
    return ask_instance(
        guid, name,
        {.minor = IRP_MN_QUERY_SINGLE_INSTANCE, .flag = WNODE_FLAG_SINGLE_INSTANCE, .room = first_room}, node,
        data);
}

}  // namespace ndiskit::nt::wmi
