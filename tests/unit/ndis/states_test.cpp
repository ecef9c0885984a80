// Walks the rows of the documentation's state tables (tests/facts/ndis-states.tsv) and compares each with the
// library's tables.
#include "ndis/states.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"

namespace ndiskit::ndis {
namespace {

struct Row {
    std::string object, state, event, allowed, next;
};

std::vector<Row> rows_of(const std::string& object) {
    auto text = read_text_file(NDISKIT_SOURCE_DIR "/tests/facts/ndis-states.tsv");
    EXPECT_TRUE(text.has_value());
    std::vector<Row> rows;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        Row row;
        std::getline(fields, row.object, '\t');
        std::getline(fields, row.state, '\t');
        std::getline(fields, row.event, '\t');
        std::getline(fields, row.allowed, '\t');
        std::getline(fields, row.next, '\t');
        if (row.object == object)
            rows.push_back(row);
    }
    return rows;
}

// Compares every row whose state and event the tables know; returns how many there were.
template <class State, class Event>
int walk(const std::string& object, int states, int events) {
    int compared = 0;
    for (const Row& row : rows_of(object)) {
        for (int s = 0; s < states; s++) {
            for (int e = 0; e < events; e++) {
                const auto state = static_cast<State>(s);
                const auto event = static_cast<Event>(e);
                if (row.state != state_name(state) || row.event != event_name(event))
                    continue;
                compared++;
                const auto next = next_state(state, event);
                const std::string where = row.state + ", " + row.event;
                // The page of MiniportRestart allows indications before the restart completes; the table does not.
                if (row.object == "miniport adapter" && row.state == "Restarting" && row.event == "receive indication") {
                    EXPECT_TRUE(next.has_value()) << where;
                    continue;
                }
                EXPECT_EQ(next.has_value(), row.allowed == "yes") << where;
                if (next && row.next != "same") {
                    EXPECT_STREQ(state_name(*next), row.next.c_str()) << where;
                }
                if (next && row.next == "same") {
                    EXPECT_EQ(*next, state) << where;
                }
            }
        }
    }
    return compared;
}

TEST(States, MiniportAdapterFollowsTheDocumentedTable) {
    EXPECT_EQ((walk<AdapterState, AdapterEvent>("miniport adapter", 7, 13)), 91);
}

TEST(States, ProtocolBindingFollowsTheDocumentedTable) {
    EXPECT_EQ((walk<BindingState, BindingEvent>("protocol binding", 7, 13)), 91);
}

TEST(States, FilterModuleFollowsTheDocumentedTable) {
    EXPECT_EQ((walk<FilterState, FilterEvent>("filter module", 6, 11)), 66);
}

}  // namespace
}  // namespace ndiskit::ndis
