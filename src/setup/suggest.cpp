#include "setup/suggest.h"

#include <algorithm>

namespace ndiskit::setup {
namespace {

constexpr size_t longest_compared = 64;

// Insertions, deletions, replacements and swaps of neighbours between the two.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string suggest(std::string_view wrong, const std::vector<std::string>& known) {
    const std::string* best = nullptr;
    size_t best_distance = std::max<size_t>(2, wrong.size() / 3) + 1;
    if (wrong.size() <= longest_compared)
        for (const std::string& name : known)
            if (const size_t d = distance(wrong, name); d < best_distance) best = &name, best_distance = d;
    if (best) return "did you mean '" + *best + "'?";
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "there are: " : ", ") + name;
    return list;
}

}  // namespace ndiskit::setup
