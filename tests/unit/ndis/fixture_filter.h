// The fixture filter driver, any number of them by name ("filter1", "filter2" ...): each notes what NDIS does to its
// modules, passes everything on, and differs from that as the test says.
#pragma once

#include <optional>

#include "fixture.h"

namespace ndiskit::ndis::fixture {

// Which handlers there are; NDIS bypasses the others.
struct FilterHandlers {
    bool send = true, send_complete = true, cancel = true;
    bool receive = true, give_back = true;
};

struct FilterBehaviour {
    FilterHandlers data;
    std::optional<FilterHandlers> module_data;  // what FilterSetModuleOptions sets instead
    bool oid = true, status = true, events = true, device_events = true;
    bool direct_oid = false, synchronous_oid = false, synchronous_complete = false;
    NDIS_STATUS attach = NDIS_STATUS_SUCCESS;
    NDIS_STATUS restart = NDIS_STATUS_SUCCESS;
    bool sets_attributes = true;
    bool pend = false;                     // pause and restart end later
    bool hold_oids = false;                // until let_go()
    NDIS_STATUS synchronous_answer = NDIS_STATUS_SUCCESS;
    NDIS_STATUS synchronous_result = NDIS_STATUS_PENDING;  // what the completion changes the status to, unless PENDING
    std::optional<NDIS_STATUS> event_answer;  // instead of passing the event on
    uint32_t mtu_less = 0;                 // taken off the MTU in the restart attributes
    bool adds_attribute = false;           // puts an entry of its own at the head of the list
    uint8_t flips = 0;                     // what the last byte of each frame is XORed with, both ways
    uint8_t minor_version = 81;
};
FilterBehaviour& filter_behaviour(const std::string& driver);

// One module.
struct Filter {
    NDIS_HANDLE handle = nullptr;
    std::string driver;
    std::u16string adapter;
    std::vector<std::string> calls;
    uint64_t sent = 0, completed = 0, received = 0, given_back = 0;
    NET_IFINDEX interface_index = 0, attach_below = 0, restart_below = 0;
    NDIS_STATUS outside_options = NDIS_STATUS_SUCCESS;  // of NdisSetOptionalHandlers where it is not allowed
    std::vector<PNDIS_OID_REQUEST> held;
    KEVENT event;
    NDIS_STATUS status = 0;

    void let_go();  // OIDs that are held go on
    NDIS_STATUS oid(NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t length);
    void indicate_status(NDIS_STATUS code);
};
Filter& filter_of(const std::string& driver, const std::u16string& guid = guid_a);
bool is_attached(const std::string& driver, const std::u16string& guid = guid_a);

std::u16string filter_guid(const std::string& driver);
// A service, and what its INF would have written under Ndi.
void write_filter(const std::string& driver, uint32_t type = 2, uint32_t run_type = 2);
// The FilterList of an adapter (its instance), top first.
void write_filter_list(const std::u16string& instance, const std::u16string& guid,
                       const std::vector<std::string>& drivers);
void start_filter(const std::string& driver);
void stop_filter(const std::string& driver);

// A machine with the fixture NIC, fixproto and these filters, top first, written but nothing started. `body` starts.
void with_filters(const std::vector<std::string>& top_first, const std::function<void()>& body, uint64_t seed = 1);
// ... and all started.
void with_filter_stack(const std::vector<std::string>& top_first, const std::function<void()>& body,
                       uint64_t seed = 1);
void start_stack(const std::vector<std::string>& drivers);

}  // namespace ndiskit::ndis::fixture
