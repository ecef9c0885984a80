// Compares the host's NT records with the facts: the size, the alignment and the offset of every field of
// every record named in the two tables, as the real headers lay them out on x64.
#include "nt/abi.h"
#include "nt/abi/pofx.h"
#include "nt/abi/registry_filter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Record {
    size_t size = 0, align = 0;
    std::map<std::string, size_t> fields;  // by path: "Tail.Overlay.ListEntry"
};

// The rows of tests/facts/abi/layouts.tsv. A field inside a named member gets that member's name as a prefix.
std::map<std::string, Record> read_facts() {
    std::map<std::string, Record> records;
    std::ifstream file(NDISKIT_SOURCE_DIR "/tests/facts/abi/layouts.tsv");
    Record* record = nullptr;
    std::vector<std::string> scope;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::vector<std::string> cells;
        std::stringstream stream(line);
        for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
        if (cells[0] != ".") {
            record = &records[cells[0]];
            record->size = std::stoul(cells[2]);
            record->align = std::stoul(cells[3]);
            scope.clear();
            continue;
        }
        size_t depth = std::stoul(cells[2]);
        std::string type = cells[3], name = cells.size() > 4 ? cells[4] : "";
        if (auto space = type.rfind("] ");
            space != std::string::npos && type.find("(anonymous)") != std::string::npos)
            name = type.substr(space + 2) + "[0]";
        scope.resize(depth - 1);
        std::string path;
        for (const auto& outer : scope) path += outer.empty() ? "" : outer + ".";
        scope.push_back(name);
        if (!name.empty() && cells[1].find(':') == std::string::npos)
            record->fields.emplace(path + name, std::stoul(cells[1]));
    }
    return records;
}

struct Field {
    const char* path;
    size_t offset;
};
struct Row {
    const char* record;
    size_t size, align;
    std::vector<Field> fields;
};

template <class T>
void add(std::vector<Row>& rows, const char* name) {
    rows.push_back({name, sizeof(T), alignof(T), {}});
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define RECORD add<R>(rows, TEXT(R));
#define F(path) rows.back().fields.push_back({#path, __builtin_offsetof(R, path)});

std::vector<Row> our_records() {
    std::vector<Row> rows;
#include "unit/nt/abi_fields_io.inc"
#include "unit/nt/abi_fields_kernel.inc"
#include "unit/nt/abi_fields_registry.inc"
    return rows;
}

TEST(Abi, RecordsLieAsOnWindows) {
    auto facts = read_facts();
    auto rows = our_records();
    ASSERT_GT(rows.size(), 100u);
    for (const Row& row : rows) {
        SCOPED_TRACE(row.record);
        ASSERT_TRUE(facts.contains(row.record));
        const Record& fact = facts[row.record];
        EXPECT_EQ(row.size, fact.size);
        EXPECT_EQ(row.align, fact.align);
        for (const Field& field : row.fields) {
            ASSERT_TRUE(fact.fields.contains(field.path)) << field.path;
            EXPECT_EQ(field.offset, fact.fields.at(field.path)) << field.path;
        }
    }
}

TEST(Abi, LookasideListsAreOneHundredAndTwentyEightBytes) {
    EXPECT_EQ(sizeof(NPAGED_LOOKASIDE_LIST), 128u);
    EXPECT_EQ(sizeof(PAGED_LOOKASIDE_LIST), 128u);
    EXPECT_EQ(alignof(NPAGED_LOOKASIDE_LIST), 64u);
}

TEST(Abi, ListHelpersLinkAndUnlink) {
    LIST_ENTRY head, a, b, c;
    InitializeListHead(&head);
    EXPECT_TRUE(IsListEmpty(&head));
    InsertTailList(&head, &b);
    InsertTailList(&head, &c);
    InsertHeadList(&head, &a);
    EXPECT_EQ(RemoveHeadList(&head), &a);
    EXPECT_EQ(RemoveTailList(&head), &c);
    EXPECT_TRUE(RemoveEntryList(&b));
    EXPECT_TRUE(IsListEmpty(&head));
}

TEST(Abi, ControlCodesAreBuiltAsDocumented) {
    EXPECT_EQ(CTL_CODE(FILE_DEVICE_NETWORK, 0x201, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS),
              0x12C804u);
    EXPECT_EQ(METHOD_FROM_CTL_CODE(0x12C807u), (ULONG)METHOD_NEITHER);
}

}  // namespace
