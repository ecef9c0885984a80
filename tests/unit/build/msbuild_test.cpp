#include "build/msbuild.h"

#include <gtest/gtest.h>

namespace ndiskit::build {
namespace {

Properties release_x64() {
    Properties properties;
    properties.fix("Configuration", "Release");
    properties.fix("Platform", "x64");
    properties.set("DDK_LIB_PATH", "/ddk/lib");
    properties.set("Version", "10.0.22000");
    return properties;
}

TEST(Properties, names_are_caseless_and_fixed_ones_stay) {
    Properties properties = release_x64();
    properties.set("configuration", "Debug");
    EXPECT_EQ(properties.get("CONFIGURATION"), "Release");
    properties.set("TargetName", "mux");
    EXPECT_EQ(properties.get("targetname"), "mux");
}

TEST(Properties, expand_replaces_properties_and_metadata) {
    const Properties properties = release_x64();
    const Values metadata = {{"PreprocessorDefinitions", "A;B"}};
    EXPECT_EQ(*properties.expand("$(DDK_LIB_PATH)\\ndis.lib"), "/ddk/lib\\ndis.lib");
    EXPECT_EQ(*properties.expand("%(PreprocessorDefinitions);NDIS60", &metadata), "A;B;NDIS60");
    EXPECT_EQ(*properties.expand("%(PreprocessorDefinitions)"), "%(PreprocessorDefinitions)");
    EXPECT_EQ(*properties.expand("a$(Unknown)b"), "ab");
    EXPECT_EQ(*properties.expand("$([System.IO.Path]::Combine('$(A)', 'b'))x"), "x");
    EXPECT_EQ(*properties.expand("100$ $( open"), "100$ $( open");
}

TEST(Properties, a_part_of_a_value_can_be_asked_for) {
    const Properties properties = release_x64();
    EXPECT_EQ(*properties.expand("v$(Version.Split('.')[0])"), "v10");
    EXPECT_EQ(*properties.expand("$(Version.Split('.')[2])"), "22000");
    EXPECT_EQ(*properties.expand("$(Version.Split('.')[3])"), "");
    EXPECT_EQ(*properties.expand("$(Version.Split('.'))"), "");
    EXPECT_EQ(*properties.expand("$(Unknown.Split('.')[0])"), "");
}

TEST(Properties, a_value_that_doubles_forever_is_an_error) {
    Properties properties;
    properties.set("A", "xxxxxxxx");
    bool failed = false;
    for (int i = 0; i < 40 && !failed; ++i) {
        const Result<std::string> doubled = properties.expand("$(A)$(A)");
        failed = !doubled;
        if (doubled) properties.set("A", *doubled);
    }
    EXPECT_TRUE(failed);
}

struct ConditionCase {
    const char* text;
    int expected;  // 1 true, 0 false, -1 not understood
};

class Condition : public testing::TestWithParam<ConditionCase> {};

TEST_P(Condition, evaluates) {
    const Result<bool> value = condition_holds(GetParam().text, release_x64(), "/");
    EXPECT_EQ(value ? int(*value) : -1, GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, Condition,
    testing::Values(ConditionCase{"", 1}, ConditionCase{" 'a' == 'A' ", 1}, ConditionCase{"'a'!='b'", 1},
                    ConditionCase{"'$(Configuration)|$(Platform)'=='Release|x64'", 1},
                    ConditionCase{"'$(Configuration)|$(Platform)'=='Debug|x64'", 0},
                    ConditionCase{"$(Configuration)==Release", 1}, ConditionCase{"'a'=='b' or 'a'=='a'", 1},
                    ConditionCase{"'a'=='a' AND 'a'=='b'", 0}, ConditionCase{"!('a'=='b')", 1},
                    ConditionCase{"! true", 0}, ConditionCase{"'a'=='b' and 'a'=='b' or true", 1},
                    ConditionCase{"exists('/')", 1}, ConditionCase{"Exists('/no/such/file')", 0},
                    ConditionCase{"exists('$(Unknown)')", 0}, ConditionCase{"HasTrailingSlash('a\\')", 1},
                    ConditionCase{"'$(Version)' >= '10.0.19041'", 1}, ConditionCase{"'9' < '10'", 1},
                    ConditionCase{"0x601 < 0xA00", 1}, ConditionCase{"'' == '$(Unknown)'", 1},
                    ConditionCase{"'a'", -1}, ConditionCase{"'a' == ", -1}, ConditionCase{"'a' == 'b", -1},
                    ConditionCase{"('a'=='a'", -1}, ConditionCase{"'a'=='a' 'b'", -1},
                    ConditionCase{"'a' < 'b'", -1}, ConditionCase{"exists(", -1}, ConditionCase{"))))", -1},
                    ConditionCase{"$(", -1}));

TEST(SplitList, trims_and_drops_empty_parts) {
    EXPECT_EQ(split_list(" a.c;; ..\\b.c ;\n c.c;"), (std::vector<std::string>{"a.c", "..\\b.c", "c.c"}));
    EXPECT_TRUE(split_list("").empty());
}

}  // namespace
}  // namespace ndiskit::build
