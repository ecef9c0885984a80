#include "build/redeclaration.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ndiskit::build {
namespace {

constexpr const char* output = R"(In file included from a.c:1:
/s/a.c:50:1: error: conflicting types for 'Init'
   50 | Init(
      | ^
/s/a.h:3:1: note: previous declaration is here
    3 | Init(
1 error generated.
)";

TEST(Redeclaration, conflicts_are_read_from_the_compilers_words) {
    const std::vector<Redeclaration> all = redeclarations(output);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].function, "Init");
    EXPECT_EQ(all[0].file, "/s/a.h");
    EXPECT_EQ(all[0].line, 3u);
    EXPECT_EQ(all[0].again_line, 50u);
}

TEST(Redeclaration, any_other_error_leaves_things_as_they_are) {
    EXPECT_TRUE(redeclarations(std::string(output) + "/s/a.c:60:1: error: expected ';'\n").empty());
    EXPECT_TRUE(redeclarations("clang: error: no such file\n").empty());
    EXPECT_TRUE(redeclarations("").empty());
}

constexpr const char* header = R"(#define X \
   3
NTSTATUS
Init(
    _In_reads_bytes_(n) struct A* Adapter, /* the, adapter */
    IN NDIS_HANDLE  Context,
    ULONG n);  // comment
VOID Other(int x);
)";

TEST(Redeclaration, parameters_without_annotations_comments_and_names) {
    EXPECT_EQ(declared_parameters(header, 4, 1), (std::vector<std::string>{"A *", "NDIS_HANDLE", "ULONG"}));
    EXPECT_EQ(declared_parameters(header, 8, 6), std::vector<std::string>{"int"});
}

TEST(Redeclaration, only_pointers_may_differ) {
    EXPECT_TRUE(differ_in_pointers({"A *", "NDIS_HANDLE", "ULONG"}, {"PADAPTER", "PPARAMETERS", "ULONG"}));
    EXPECT_FALSE(differ_in_pointers({"ULONG"}, {"PVOID"}));
    EXPECT_FALSE(differ_in_pointers({"PVOID"}, {"PVOID", "ULONG"}));
    EXPECT_FALSE(differ_in_pointers({}, {}));
}

TEST(Redeclaration, only_the_parameters_are_blanked) {
    std::string text = without_prototype(header, 4, 1);
    EXPECT_EQ(std::ranges::count(text, '\n'), 8);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_EQ(text, "#defineX\\3NTSTATUSInit();//commentVOIDOther(intx);");
    EXPECT_EQ(without_prototype("int f(int", 1, 5), "int f(int");
}

}  // namespace
}  // namespace ndiskit::build
