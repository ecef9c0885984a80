// Receive queues and filters: NDIS gives out identifiers, keeps what is set, and answers what there is.
#include <gtest/gtest.h>

#include "ndis/oid_queue.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_RECEIVE_FILTER_CAPABILITIES capabilities() {
    auto c = with_header<NDIS_RECEIVE_FILTER_CAPABILITIES>(receive_filter_capabilities_structure, ndis_6_30);
    c.EnabledFilterTypes = NDIS_RECEIVE_FILTER_VMQ_FILTERS_ENABLED;
    c.NumQueues = 4;
    return c;
}

void with_vmq(const std::function<void()>& body) {
    with_prepared_stack(
        [] {
            behaviour().on_initialize = [](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS&) {
                NDIS_RECEIVE_FILTER_CAPABILITIES c = capabilities();
                NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes{};
                auto& a = attributes.HardwareAssistAttributes;
                a.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES;
                a.Header.Revision = NDIS_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES_REVISION_2;
                a.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES_REVISION_2;
                a.HardwareReceiveFilterCapabilities = a.CurrentReceiveFilterCapabilities = &c;
                return NdisMSetMiniportAttributes(n.handle, &attributes);
            };
            take_all();
        },
        [&] {
            body();
            behaviour().on_oid = nullptr;
        });
}

NDIS_RECEIVE_QUEUE_ID allocate(NDIS_STATUS expected = NDIS_STATUS_SUCCESS) {
    auto queue = with_header<NDIS_RECEIVE_QUEUE_PARAMETERS>(receive_queue_structure, ndis_6_30);
    queue.QueueType = NdisReceiveQueueTypeVMQueue;
    EXPECT_EQ(method(OID_RECEIVE_FILTER_ALLOCATE_QUEUE, &queue, queue.Header.Size), expected);
    return queue.QueueId;
}

NDIS_RECEIVE_FILTER_ID set_filter(NDIS_RECEIVE_QUEUE_ID queue, NDIS_STATUS expected = NDIS_STATUS_SUCCESS) {
    auto filter = with_header<NDIS_RECEIVE_FILTER_PARAMETERS>(receive_filter_structure, ndis_6_30);
    filter.FilterType = NdisReceiveFilterTypeVMQueue;
    filter.QueueId = queue;
    EXPECT_EQ(method(OID_RECEIVE_FILTER_SET_FILTER, &filter, filter.Header.Size), expected);
    return filter.FilterId;
}

NDIS_STATUS clear_filter(NDIS_RECEIVE_FILTER_ID id) {
    auto clear = with_header<NDIS_RECEIVE_FILTER_CLEAR_PARAMETERS>(receive_filter_clear_structure);
    clear.FilterId = id;
    return set(OID_RECEIVE_FILTER_CLEAR_FILTER, &clear, sizeof(clear));
}

NDIS_STATUS free_queue(NDIS_RECEIVE_QUEUE_ID id) {
    auto free = with_header<NDIS_RECEIVE_QUEUE_FREE_PARAMETERS>(receive_queue_free_structure);
    free.QueueId = id;
    return set(OID_RECEIVE_FILTER_FREE_QUEUE, &free, sizeof(free));
}

std::vector<NDIS_RECEIVE_QUEUE_INFO> queues() {
    std::vector<uint8_t> bytes(8192);
    EXPECT_EQ(query(OID_RECEIVE_FILTER_ENUM_QUEUES, bytes.data(), 8192), NDIS_STATUS_SUCCESS);
    NDIS_RECEIVE_QUEUE_INFO_ARRAY array;
    std::memcpy(&array, bytes.data(), sizeof(array));
    std::vector<NDIS_RECEIVE_QUEUE_INFO> all(array.NumElements);
    for (ULONG i = 0; i < array.NumElements; i++)
        std::memcpy(&all[i], bytes.data() + array.FirstElementOffset + i * array.ElementSize, sizeof(all[i]));
    return all;
}

TEST(ReceiveFilters, QueuesGetIdentifiersAndAreEnumerated) {
    with_vmq([] {
        const auto first = allocate();
        const auto second = allocate();
        EXPECT_NE(first, NDIS_DEFAULT_RECEIVE_QUEUE_ID);
        EXPECT_NE(first, second);
        ASSERT_EQ(queues().size(), 2u);
        EXPECT_EQ(queues()[0].QueueId, first);
        EXPECT_EQ(queues()[0].QueueState, NdisReceiveQueueOperationalStatePaused);
        EXPECT_EQ(free_queue(first), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(queues().size(), 1u);
        EXPECT_EQ(free_queue(first), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_EQ(free_queue(second), NDIS_STATUS_SUCCESS);
    });
}

TEST(ReceiveFilters, AQueueRunsWhenItIsCompleteAndHasAFilter) {
    with_vmq([] {
        const auto queue = allocate();
        struct {
            NDIS_RECEIVE_QUEUE_ALLOCATION_COMPLETE_ARRAY array;
            NDIS_RECEIVE_QUEUE_ALLOCATION_COMPLETE_PARAMETERS entry;
        } complete{};
        complete.array.Header = queue_allocation_complete_structure.header(ndis_6_20);
        complete.array.FirstElementOffset = sizeof(complete.array);
        complete.array.NumElements = 1;
        complete.array.ElementSize = sizeof(complete.entry);
        complete.entry.QueueId = queue;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_QUEUE_ALLOCATION_COMPLETE, &complete, sizeof(complete)),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(queues()[0].QueueState, NdisReceiveQueueOperationalStatePaused);
        const auto filter = set_filter(queue);
        EXPECT_EQ(queues()[0].QueueState, NdisReceiveQueueOperationalStateRunning);
        EXPECT_EQ(queues()[0].NumFilters, 1u);
        EXPECT_EQ(free_queue(queue), NDIS_STATUS_INVALID_PARAMETER);  // a filter is on it
        EXPECT_EQ(clear_filter(filter), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(queues()[0].QueueState, NdisReceiveQueueOperationalStatePaused);

        NDIS_RECEIVE_QUEUE_STATE stopped{};
        stopped.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        stopped.Header.Revision = NDIS_RECEIVE_QUEUE_STATE_REVISION_1;
        stopped.Header.Size = NDIS_SIZEOF_NDIS_RECEIVE_QUEUE_STATE_REVISION_1;
        stopped.QueueId = queue;
        stopped.QueueState = NdisReceiveQueueOperationalStateDmaStopped;
        nic().indicate_status(NDIS_STATUS_RECEIVE_QUEUE_STATE, &stopped, sizeof(stopped));
        EXPECT_EQ(queues()[0].QueueState, NdisReceiveQueueOperationalStateDmaStopped);

        complete.entry.QueueId = 77;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_QUEUE_ALLOCATION_COMPLETE, &complete, sizeof(complete)),
                  NDIS_STATUS_INVALID_PARAMETER);
        complete.array.NumElements = 5;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_QUEUE_ALLOCATION_COMPLETE, &complete, sizeof(complete)),
                  NDIS_STATUS_INVALID_LENGTH);
        EXPECT_EQ(free_queue(queue), NDIS_STATUS_SUCCESS);
    });
}

TEST(ReceiveFilters, FiltersAreKeptWholeAndCanBeMoved) {
    with_vmq([] {
        const auto queue = allocate();
        const auto filter = set_filter(NDIS_DEFAULT_RECEIVE_QUEUE_ID);
        auto asked = with_header<NDIS_RECEIVE_FILTER_PARAMETERS>(receive_filter_structure, ndis_6_30);
        asked.FilterId = filter;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_PARAMETERS, &asked, asked.Header.Size), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(asked.FilterType, NdisReceiveFilterTypeVMQueue);
        asked.FilterId = filter + 1;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_PARAMETERS, &asked, asked.Header.Size), NDIS_STATUS_INVALID_PARAMETER);

        auto move = with_header<NDIS_RECEIVE_FILTER_MOVE_FILTER_PARAMETERS>(receive_filter_move_structure);
        move.FilterId = filter;
        move.SourceQueueId = NDIS_DEFAULT_RECEIVE_QUEUE_ID;
        move.DestQueueId = queue;
        EXPECT_EQ(set(OID_RECEIVE_FILTER_MOVE_FILTER, &move, sizeof(move)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(set(OID_RECEIVE_FILTER_MOVE_FILTER, &move, sizeof(move)), NDIS_STATUS_INVALID_PARAMETER);

        struct {
            NDIS_RECEIVE_FILTER_INFO_ARRAY array;
            NDIS_RECEIVE_FILTER_INFO entries[4];
        } list{};
        list.array.Header = receive_filter_info_array_structure.header(ndis_6_30);
        list.array.QueueId = queue;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_ENUM_FILTERS, &list, sizeof(list)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(list.array.NumElements, 1u);
        EXPECT_EQ(list.entries[0].FilterId, filter);
        EXPECT_EQ(clear_filter(filter), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(clear_filter(filter), NDIS_STATUS_FILE_NOT_FOUND);
        EXPECT_EQ(free_queue(queue), NDIS_STATUS_SUCCESS);
    });
}

TEST(ReceiveFilters, OnlyWhatTheFlagsSayChanges) {
    with_vmq([] {
        const auto id = allocate();
        auto change = with_header<NDIS_RECEIVE_QUEUE_PARAMETERS>(receive_queue_structure, ndis_6_30);
        change.QueueId = id;
        change.Flags = NDIS_RECEIVE_QUEUE_PARAMETERS_SUGGESTED_RECV_BUFFER_NUMBERS_CHANGED;
        change.NumSuggestedReceiveBuffers = 128;
        change.LookaheadSize = 99;
        EXPECT_EQ(set(OID_RECEIVE_FILTER_QUEUE_PARAMETERS, &change, change.Header.Size), NDIS_STATUS_SUCCESS);
        auto read = with_header<NDIS_RECEIVE_QUEUE_PARAMETERS>(receive_queue_structure, ndis_6_30);
        read.QueueId = id;
        EXPECT_EQ(method(OID_RECEIVE_FILTER_QUEUE_PARAMETERS, &read, read.Header.Size), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(read.NumSuggestedReceiveBuffers, 128u);
        EXPECT_EQ(read.LookaheadSize, 0u);
        EXPECT_EQ(free_queue(id), NDIS_STATUS_SUCCESS);
    });
}

TEST(ReceiveFilters, WhatAMiniportRefusesIsNotThere) {
    with_vmq([] {
        behaviour().on_oid = [](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.RequestType == NdisRequestMethod)
                return NDIS_STATUS_RESOURCES;
            return std::nullopt;
        };
        allocate(NDIS_STATUS_RESOURCES);
        set_filter(NDIS_DEFAULT_RECEIVE_QUEUE_ID, NDIS_STATUS_RESOURCES);
        EXPECT_TRUE(queues().empty());
    });
}

TEST(ReceiveFilters, ClosingABindingClearsAndFreesWhatItLeft) {
    std::vector<NDIS_OID> seen;
    with_vmq([&] {
        const auto queue = allocate();
        set_filter(queue);
        take_all(&seen);
        ASSERT_TRUE(unbind(u"fixproto", guid_a).has_value());
    });
    EXPECT_EQ(seen, (std::vector<NDIS_OID>{OID_RECEIVE_FILTER_CLEAR_FILTER, OID_RECEIVE_FILTER_FREE_QUEUE}));
}

TEST(ReceiveFilters, AnAdapterWithoutThemRefuses) {
    with_stack([] {
        take_all();
        allocate(NDIS_STATUS_NOT_SUPPORTED);
        set_filter(0, NDIS_STATUS_NOT_SUPPORTED);
        behaviour().on_oid = nullptr;
    });
}

}  // namespace
}  // namespace ndiskit::ndis
