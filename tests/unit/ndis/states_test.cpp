// Walks the documentation's state tables (tests/facts/ndis-states.tsv), cell by cell, on real objects: for each state
// the object is brought there by events that the table allows, then the cell's event comes. What the table allows
// leads to the state it says; what it does not allow is a fault that stops the process on the spot.
//
// The rows that are no cells of a machine (orders, low power, ports) are driven in states_rows_test.cpp.
#include "support/state_facts.h"

#include <gtest/gtest.h>

#include <map>

#include "fixture_filter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"

namespace ndiskit::ndis {
namespace {

using facts::Row;

template <class Event>
std::optional<Event> event_named(const std::string& name, int events) {
    for (int e = 0; e < events; e++)
        if (name == event_name(static_cast<Event>(e)))
            return static_cast<Event>(e);
    return std::nullopt;
}

// The way from the state in which an object begins to each other, by what the table allows.
template <class Event>
std::map<std::string, std::vector<Event>> ways(const std::vector<Row>& rows, const std::string& begin, int events) {
    std::map<std::string, std::vector<Event>> found{{begin, {}}};
    for (bool grew = true; grew;) {
        grew = false;
        for (const Row& row : rows) {
            const auto event = event_named<Event>(row.event, events);
            if (!event || !row.allowed() || row.next == "same" || !found.contains(row.state) || found.contains(row.next))
                continue;
            std::vector<Event> way = found.at(row.state);
            way.push_back(*event);
            found.emplace(row.next, way);
            grew = true;
        }
    }
    return found;
}

// Restart lets indications begin before it completes (page of NdisMRestartComplete), where the table has none yet.
bool is_allowed(const Row& row) {
    return row.allowed() || (row.object == "miniport adapter" && row.state == "Restarting" &&
                             row.event == "receive indication");
}

template <class Event, class Make>
int walk(const std::string& object, const std::string& begin, int events, Make make) {
    const std::vector<Row> rows = facts::rows_of(object);
    const auto way_to = ways<Event>(rows, begin, events);
    int cells = 0;
    for (const Row& row : rows) {
        const auto event = event_named<Event>(row.event, events);
        if (!event || !way_to.contains(row.state))
            continue;
        cells++;
        SCOPED_TRACE(row.state + ", " + row.event);
        auto subject = make();
        for (const Event step : way_to.at(row.state))
            subject->advance(step);
        EXPECT_EQ(state_name(subject->state()), row.state);
        if (is_allowed(row)) {
            subject->advance(*event);
            EXPECT_EQ(state_name(subject->state()), row.next == "same" || !row.allowed() ? row.state : row.next);
        } else {
            EXPECT_DEATH(subject->advance(*event), row.state + " when ");
        }
    }
    return cells;
}

// What the objects stand on.
struct Ground {
    MiniportDriver miniport;
    ProtocolDriver protocol;
    FilterDriver filter;
    Adapter adapter{AdapterConfig{.guid = fixture::guid_a}, miniport};
};

class StatesDeathTest : public testing::Test {};

TEST_F(StatesDeathTest, EveryCellOfTheMiniportAdapter) {
    test::on_sim([] {
        Ground ground;
        EXPECT_EQ(walk<AdapterEvent>("miniport adapter", "Halted", 13, [&] {
                      return std::make_unique<Adapter>(AdapterConfig{.guid = fixture::guid_b}, ground.miniport);
                  }),
                  91);
    });
}

TEST_F(StatesDeathTest, EveryCellOfTheProtocolBinding) {
    test::on_sim([] {
        Ground ground;
        EXPECT_EQ(walk<BindingEvent>("protocol binding", "Unbound", 13,
                                     [&] { return std::make_unique<Binding>(ground.adapter, ground.protocol); }),
                  91);
    });
}

TEST_F(StatesDeathTest, EveryCellOfTheFilterModule) {
    test::on_sim([] {
        Ground ground;
        EXPECT_EQ(walk<FilterEvent>("filter module", "Detached", 11, [&] {
                      return std::make_unique<FilterModule>(ground.adapter, ground.filter, FilterEntry{});
                  }),
                  66);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
