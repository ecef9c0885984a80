#include "cli/ddi/coverage.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "base/file.h"

namespace ndiskit::cli::ddi {

// Something at the left margin of a source: a test, a helper function, a type.
struct Block {
    std::string name;  // "Suite.Name" of a test
    bool is_test = false;
    std::set<std::string> words;
};

struct Source {
    std::string place;  // from the root of the tree
    std::vector<Block> blocks;
};

namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// A name in quotes is not a call.
void add_words(std::string_view line, std::set<std::string>& words) {
    line = line.substr(0, line.find("//"));
    bool quoted = false;
    for (size_t at = 0; at < line.size();) {
        size_t end = at;
        if (line[at] == '"') quoted = !quoted;
        if (quoted) {
            ++at;
            continue;
        }
        while (end < line.size() && in_word(line[end])) ++end;
        if (end > at) words.emplace(line.substr(at, end - at));
        at = end + 1;
    }
}

// "TEST(Suite, Name) {" as "Suite.Name"; empty when the line opens no test.
std::string test_name(std::string_view line) {
    if (!line.starts_with("TEST")) return {};
    const size_t open = line.find('('), comma = line.find(", "), close = line.find(')');
    if (comma == line.npos || close == line.npos || comma > close) return {};
    return std::string(line.substr(open + 1, comma - open - 1)) + "." +
           std::string(line.substr(comma + 2, close - comma - 2));
}

// The name that a declaration at the left margin introduces: the word before its first parenthesis, or its
// last.
std::string declared_name(std::string_view line) {
    size_t end = line.find('(');
    if (end == line.npos) end = std::min(line.find_first_of("{=;:"), line.size());
    while (end > 0 && !in_word(line[end - 1])) --end;
    size_t begin = end;
    while (begin > 0 && in_word(line[begin - 1])) --begin;
    return std::string(line.substr(begin, end - begin));
}

bool opens_block(std::string_view line) {
    return !line.empty() && !std::isspace(static_cast<unsigned char>(line.front())) && line.front() != '#' &&
           line.front() != '/' && line.front() != '}' && !line.starts_with("namespace") &&
           !line.starts_with("using");
}

std::vector<Block> blocks_of(std::string_view text) {
    std::vector<Block> blocks;
    bool inside = false;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (opens_block(line)) {
            const std::string test = test_name(line);
            blocks.push_back({test.empty() ? declared_name(line) : test, !test.empty(), {}});
            inside = true;
        }
        if (inside) add_words(line, blocks.back().words);
        if (line.starts_with('}')) inside = false;
    }
    return blocks;
}

// All that the block uses by way of other blocks of its file.
std::set<std::string> reached(const Block& from, const std::vector<Block>& blocks) {
    std::set<std::string> words = from.words;
    std::vector<bool> seen(blocks.size());
    for (bool grown = true; grown;) {
        grown = false;
        for (size_t i = 0; i < blocks.size(); ++i) {
            if (seen[i] || blocks[i].is_test || !words.contains(blocks[i].name)) continue;
            seen[i] = grown = true;
            words.insert(blocks[i].words.begin(), blocks[i].words.end());
        }
    }
    return words;
}

std::vector<std::filesystem::path> sources_below(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
        const auto extension = entry.path().extension();
        if (extension == ".cpp" || extension == ".c") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

Coverage::Coverage(const std::filesystem::path& root) {
    std::map<std::filesystem::path, std::vector<Source>> folders;
    for (const auto& file : sources_below(root / "tests/unit"))
        if (auto text = read_text_file(file))
            folders[file.parent_path()].push_back(
                {std::filesystem::relative(file, root).string(), blocks_of(*text)});
    for (const auto& [folder, sources] : folders) add_unit_tests(sources);
    for (const auto& file : sources_below(root / "tests/drivers"))
        if (auto text = read_text_file(file))
            add_driver(std::filesystem::relative(file, root).string(), *text);
    for (auto& [function, tests] : tests_)
        std::ranges::sort(tests, {}, [](const Test& test) { return std::tuple(!test.direct, test.place); });
}

void Coverage::add(const std::string& word, const Test& test) {
    // What would clash with the host's C library has another name in the host.
    constexpr std::string_view prefix = "nt_";
    tests_[word].push_back(test);
    if (word.starts_with(prefix)) tests_[word.substr(prefix.size())].push_back(test);
}

void Coverage::add_unit_tests(const std::vector<Source>& folder) {
    std::vector<Block> shared;
    for (const Source& source : folder)
        if (std::ranges::none_of(source.blocks, &Block::is_test))
            shared.insert(shared.end(), source.blocks.begin(), source.blocks.end());
    for (const Source& source : folder) {
        std::vector<Block> blocks = source.blocks;
        blocks.insert(blocks.end(), shared.begin(), shared.end());
        for (const Block& block : source.blocks) {
            if (!block.is_test) continue;
            ++read_;
            for (const std::string& word : reached(block, blocks))
                add(word, {block.name, source.place, block.words.contains(word), read_});
        }
    }
}

void Coverage::add_driver(const std::string& place, const std::string& text) {
    ++read_;
    std::set<std::string> words;
    for (const Block& block : blocks_of(text)) words.insert(block.words.begin(), block.words.end());
    for (const std::string& word : words) add(word, {place, place, false, read_});
}

const std::vector<Test>& Coverage::tests_of(const std::string& function) const {
    static const std::vector<Test> none;
    const auto found = tests_.find(function);
    return found == tests_.end() ? none : found->second;
}

}  // namespace ndiskit::cli::ddi
