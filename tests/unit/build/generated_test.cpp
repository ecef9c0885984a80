#include "build/generated.h"

#include <gtest/gtest.h>

namespace ndiskit::build {
namespace {

TEST(Generated, included_names_have_slashes) {
    EXPECT_EQ(
        included_names("#include <ndis.h>\n # include \"..\\Inc\\A.h\" // x\n#include NAME\n#define include\n"
                       "#include \"open\n#include \"\"\n#include"),
        (std::vector<std::string>{"ndis.h", "../Inc/A.h"}));
}

TEST(Generated, extern_inline_is_seen_across_lines) {
    EXPECT_TRUE(has_extern_inline("int x;\nextern\nFORCEINLINE\nVOID f() {}"));
    EXPECT_FALSE(has_extern_inline("extern int x; FORCEINLINE VOID f() {}"));
    EXPECT_FALSE(has_extern_inline("extern"));
}

}  // namespace
}  // namespace ndiskit::build
