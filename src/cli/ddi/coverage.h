// Which tests call an exported function: found by reading the sources of the tests, at the time of asking. A
// test covers the functions that it names, and those that a helper names which it uses; helpers stand in its
// file, or in the files of its folder that have no tests.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace ndiskit::cli::ddi {

struct Test {
    std::string name;    // "Suite.Name" as CTest knows it, without the layer; of a fixture driver, its file
    std::string file;    // from the root of the tree
    bool direct = true;  // the test itself names the function
    size_t place = 0;    // among all tests, by file and line
};

struct Source;

class Coverage {
  public:
    // Reads tests/unit and tests/drivers below the root; nothing there is no tests.
    explicit Coverage(const std::filesystem::path& root);

    // Those that name the function themselves first; otherwise in the order of files. Empty is none.
    const std::vector<Test>& tests_of(const std::string& function) const;

  private:
    void add(const std::string& word, const Test& test);
    void add_unit_tests(const std::vector<Source>& folder);
    void add_driver(const std::string& place, const std::string& text);

    std::unordered_map<std::string, std::vector<Test>> tests_;
    size_t read_ = 0;  // tests so far
};

}  // namespace ndiskit::cli::ddi
