// Tables and trees as text, for reports of commands and benchmarks. Columns are as wide as their widest cell;
// a cell may hold colour sequences and UTF-8, which take the columns that a terminal gives them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ndiskit {

// Terminal columns of a text: its code points, without colour sequences.
size_t columns_of(std::string_view text);

class Table {
  public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // Cells that are missing are empty.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }
    // Title line, rule, rows; each line ends with a newline, none with a blank. `indent` blanks before each.
    std::string text(size_t indent = 0) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

struct TreeNode {
    std::string text;
    std::vector<TreeNode> children;
};

// The node and what is below it, with branches drawn before each line.
std::string tree_text(const TreeNode& root, size_t indent = 0);

// 1234567 as "1,234,567".
std::string grouped(uint64_t number);

}  // namespace ndiskit
