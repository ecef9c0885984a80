// The documentation's state tables as rows.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"

namespace ndiskit::ndis::facts {

struct Row {
    std::string object, state, event, allows, next;
    bool allowed() const { return allows == "yes"; }
};

// All rows, or those of one object.
inline std::vector<Row> rows_of(const std::string& object = {}) {
    const auto text = read_text_file(NDISKIT_SOURCE_DIR "/tests/facts/ndis-states.tsv");
    EXPECT_TRUE(text.has_value());
    std::vector<Row> rows;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        Row row;
        for (std::string* field : {&row.object, &row.state, &row.event, &row.allows, &row.next})
            std::getline(fields, *field, '\t');
        if (row.object.starts_with('#') || (!object.empty() && row.object != object))
            continue;
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace ndiskit::ndis::facts
