#include "base/result.h"

#include <gtest/gtest.h>

namespace ndiskit {
namespace {

Result<int> half_of(int number) {
    if (number % 2 != 0) return fail("is odd", "number", "give an even one");
    return number / 2;
}

Result<int> quarter_of(int number) { return TRY(half_of(TRY(half_of(number)))); }

TEST(Result, TryGivesTheValue) { EXPECT_EQ(quarter_of(8).value(), 2); }

TEST(Result, TryPassesTheErrorOn) {
    const Result<int> result = quarter_of(6);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().text(), "number: is odd (give an even one)");
}

}  // namespace
}  // namespace ndiskit
