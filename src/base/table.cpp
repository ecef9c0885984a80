#include "base/table.h"

#include <algorithm>
#include <cstdint>

namespace ndiskit {
namespace {

void put_cell(std::string& line, std::string_view cell, size_t width, Table::Align align) {
    const size_t fill = width - std::min(width, columns_of(cell));
    if (align == Table::Align::right) line.append(fill, ' ');
    line += cell;
    if (align == Table::Align::left) line.append(fill, ' ');
}

void end_line(std::string& text, std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    text += line;
    text += '\n';
}

void put_children(std::string& text, const TreeNode& node, const std::string& prefix) {
    for (size_t i = 0; i < node.children.size(); ++i) {
        const bool last = i + 1 == node.children.size();
        end_line(text, prefix + (last ? "└─ " : "├─ ") + node.children[i].text);
        put_children(text, node.children[i], prefix + (last ? "   " : "│  "));
    }
}

}  // namespace

size_t columns_of(std::string_view text) {
    size_t columns = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\033') {
            while (i < text.size() && text[i] != 'm') ++i;
        } else if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
            ++columns;
        }
    }
    return columns;
}

std::string Table::text(size_t indent) const {
    std::vector<size_t> widths;
    for (const Column& column : columns_) widths.push_back(columns_of(column.title));
    for (const auto& row : rows_)
        for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
            widths[i] = std::max(widths[i], columns_of(row[i]));
    const auto line_of = [&](auto&& cell) {
        std::string line(indent, ' ');
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (i != 0) line += "  ";
            put_cell(line, cell(i), widths[i], columns_[i].align);
        }
        return line;
    };
    std::string text, rule(indent, ' ');
    end_line(text, line_of([&](size_t i) { return columns_[i].title; }));
    for (size_t i = 0; i < widths.size(); ++i) {
        if (i != 0) rule += "  ";
        for (size_t dash = 0; dash < widths[i]; ++dash) rule += "─";
    }
    end_line(text, rule);
    for (const auto& row : rows_)
        end_line(text, line_of([&](size_t i) { return i < row.size() ? row[i] : std::string(); }));
    return text;
}

std::string tree_text(const TreeNode& root, size_t indent) {
    std::string text;
    const std::string blanks(indent, ' ');
    end_line(text, blanks + root.text);
    put_children(text, root, blanks);
    return text;
}

std::string grouped(uint64_t number) {
    std::string digits = std::to_string(number);
    for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
    return digits;
}

}  // namespace ndiskit
