// NDIS' answers about receive queues and filters.
#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/oid_buffer.h"
#include "ndis/receive_filters.h"
#include "ndis/settings.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

namespace {

Version version_of(const Adapter& adapter, const Binding* asker) {
    return asker != nullptr ? asker->protocol.version : adapter.driver.version;
}

NDIS_RECEIVE_QUEUE_INFO info_of(const ReceiveQueue& queue, size_t filters, Version version) {
    const auto& p = queue.parameters;
    NDIS_RECEIVE_QUEUE_INFO info{};
    info.Header = receive_queue_info_structure.header(version);
    info.Flags = p.Flags;
    info.QueueType = p.QueueType;
    info.QueueId = p.QueueId;
    info.QueueGroupId = p.QueueGroupId;
    info.QueueState = queue.state;
    info.ProcessorAffinity = p.ProcessorAffinity;
    info.NumSuggestedReceiveBuffers = p.NumSuggestedReceiveBuffers;
    info.MSIXTableEntry = p.MSIXTableEntry;
    info.LookaheadSize = p.LookaheadSize;
    info.VmName = p.VmName;
    info.QueueName = p.QueueName;
    if (version >= ndis_6_30) {
        info.NumFilters = static_cast<ULONG>(filters);
        info.InterruptCoalescingDomainId = p.InterruptCoalescingDomainId;
    }
    return info;
}

template <class T>
void append(std::vector<std::byte>& bytes, const T& value, size_t size = sizeof(T)) {
    const auto* from = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), from, from + size);
}

// A protocol sees its own queues; a program, which asks with QueryStatistics, sees all.
NDIS_STATUS put_queues(const Adapter& adapter, const Binding* asker, NDIS_OID_REQUEST& request) {
    const ReceiveFilters& state = adapter.settings->receive_filters;
    const bool all = request.RequestType == NdisRequestQueryStatistics;
    const auto queues = state.queues(all ? nullptr : asker);
    NDIS_RECEIVE_QUEUE_INFO_ARRAY array{};
    array.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    array.Header.Revision = NDIS_RECEIVE_QUEUE_INFO_ARRAY_REVISION_1;
    array.Header.Size = NDIS_SIZEOF_RECEIVE_QUEUE_INFO_ARRAY_REVISION_1;
    array.FirstElementOffset = sizeof(array);
    array.NumElements = static_cast<ULONG>(queues.size());
    array.ElementSize = sizeof(NDIS_RECEIVE_QUEUE_INFO);
    std::vector<std::byte> bytes;
    append(bytes, array);
    for (const ReceiveQueue& queue : queues)
        append(bytes, info_of(queue, state.filters(queue.parameters.QueueId).size(), version_of(adapter, asker)));
    return put(request, bytes.data(), bytes.size(), NDIS_STATUS_INVALID_LENGTH);
}

NDIS_STATUS put_filters(const Adapter& adapter, const Binding* asker, NDIS_OID_REQUEST& request) {
    auto array = read_input<NDIS_RECEIVE_FILTER_INFO_ARRAY>(request);
    const auto filters = adapter.settings->receive_filters.filters(array.QueueId);
    array.Header = receive_filter_info_array_structure.header(version_of(adapter, asker));
    array.FirstElementOffset = array.Header.Size;
    array.NumElements = static_cast<ULONG>(filters.size());
    array.ElementSize = sizeof(NDIS_RECEIVE_FILTER_INFO);
    std::vector<std::byte> bytes;
    append(bytes, array, array.Header.Size);
    for (const ReceiveFilter& filter : filters) {
        NDIS_RECEIVE_FILTER_INFO info{};
        info.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        info.Header.Revision = NDIS_RECEIVE_FILTER_INFO_REVISION_1;
        info.Header.Size = NDIS_SIZEOF_RECEIVE_FILTER_INFO_REVISION_1;
        info.FilterType = filter.type;
        info.FilterId = filter.id;
        append(bytes, info);
    }
    return put_output(request, bytes.data(), bytes.size());
}

NDIS_STATUS put_filter(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const auto asked = read_input<NDIS_RECEIVE_FILTER_PARAMETERS>(request);
    const auto filter = adapter.settings->receive_filters.filter(asked.FilterId);
    if (!filter)
        return NDIS_STATUS_INVALID_PARAMETER;
    return put_output(request, filter->whole.data(), filter->whole.size());
}

NDIS_STATUS put_queue(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const auto asked = read_input<NDIS_RECEIVE_QUEUE_PARAMETERS>(request);
    const auto queue = adapter.settings->receive_filters.queue(asked.QueueId);
    if (!queue)
        return NDIS_STATUS_INVALID_PARAMETER;
    return put_output(request, &queue->parameters, queue->parameters.Header.Size);
}

NDIS_STATUS put_global(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const HeaderedCopy copy = adapter.attributes.indicated.get(&Indicated::current_receive_filter);
    const auto* capabilities = copy.get<NDIS_RECEIVE_FILTER_CAPABILITIES>();
    if (capabilities == nullptr)
        return NDIS_STATUS_NOT_SUPPORTED;
    NDIS_RECEIVE_FILTER_GLOBAL_PARAMETERS global{};
    global.Header = receive_filter_global_structure.header(ndis_6_20);
    global.EnabledFilterTypes = capabilities->EnabledFilterTypes;
    global.EnabledQueueTypes = capabilities->EnabledQueueTypes;
    return put(request, &global, sizeof(global), NDIS_STATUS_INVALID_LENGTH);
}

}  // namespace

bool answer_receive_filters(const Adapter& adapter, const Binding* asker, NDIS_OID_REQUEST& request,
                            NDIS_STATUS& status) {
    switch (oid_of(request)) {
    case OID_RECEIVE_FILTER_ENUM_QUEUES: status = put_queues(adapter, asker, request); return true;
    case OID_RECEIVE_FILTER_ENUM_FILTERS: status = put_filters(adapter, asker, request); return true;
    case OID_RECEIVE_FILTER_PARAMETERS: status = put_filter(adapter, request); return true;
    case OID_RECEIVE_FILTER_QUEUE_PARAMETERS: status = put_queue(adapter, request); return true;
    case OID_RECEIVE_FILTER_GLOBAL_PARAMETERS: status = put_global(adapter, request); return true;
    default: return false;
    }
}

}  // namespace ndiskit::ndis
