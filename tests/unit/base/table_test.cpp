#include "base/table.h"

#include <gtest/gtest.h>

#include "base/style.h"

namespace ndiskit {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
    Table table({{"edge"}, {"packets", Table::Align::right}});
    table.add({"uplink", "1"});
    table.add({"a", "1,000,000"});
    EXPECT_EQ(table.text(1),
              " edge      packets\n"
              " ──────  ─────────\n"
              " uplink          1\n"
              " a       1,000,000\n");
}

TEST(Table, MissingCellsAreEmptyAndNoLineEndsWithABlank) {
    Table table({{"a"}, {"b"}});
    table.add({"x"});
    EXPECT_EQ(table.text(), "a  b\n─  ─\nx\n");
}

TEST(Table, ColoursAndAccentsTakeNoExtraColumns) {
    EXPECT_EQ(columns_of("\033[31mred\033[0m"), 3u);
    EXPECT_EQ(columns_of("µs"), 2u);
    Table table({{"n"}, {"m"}});
    table.add({Style(true).paint(Colour::red, "ab"), "c"});
    EXPECT_EQ(table.text(), "n   m\n──  ─\n\033[31mab\033[0m  c\n");
}

TEST(Tree, DrawsBranches) {
    EXPECT_EQ(tree_text({"adapter", {{"ndkmux", {{"lan0", {}}, {"lan1", {}}}}, {"other", {}}}}, 2),
              "  adapter\n"
              "  ├─ ndkmux\n"
              "  │  ├─ lan0\n"
              "  │  └─ lan1\n"
              "  └─ other\n");
}

TEST(Grouped, EveryThreeDigits) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567890), "1,234,567,890");
}

TEST(Style, PlainWhenNotAtATerminal) { EXPECT_EQ(Style(false).paint(Colour::red, "x"), "x"); }

}  // namespace
}  // namespace ndiskit
