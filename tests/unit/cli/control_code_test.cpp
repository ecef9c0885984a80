#include "cli/control_code.h"

#include <gtest/gtest.h>

namespace ndiskit::cli {
namespace {

TEST(ControlCode, ANumberIsTheCode) {
    EXPECT_EQ(parse_control_code("0x12C800"), 0x12C800u);
    EXPECT_EQ(parse_control_code("1230848"), 1230848u);
}

// https://learn.microsoft.com/windows-hardware/drivers/kernel/defining-i-o-control-codes
TEST(ControlCode, FourPartsAreCtlCode) {
    EXPECT_EQ(parse_control_code("0x12,0x204,0,3"), 0x12C810u);
    EXPECT_EQ(
        parse_control_code("FILE_DEVICE_NETWORK, 0x204, METHOD_BUFFERED, FILE_READ_ACCESS|FILE_WRITE_ACCESS"),
        0x12C810u);
    EXPECT_EQ(parse_control_code("network,0x204,buffered,read+write"), 0x12C810u);
    EXPECT_EQ(parse_control_code("unknown,1,out_direct,any"), 0x220006u);
}

TEST(ControlCode, AnErrorNamesThePart) {
    EXPECT_NE(parse_control_code("network,0x1000,buffered,any").error().text().find("function"),
              std::string::npos);
    EXPECT_NE(parse_control_code("network,1,buffered,all").error().text().find("access"), std::string::npos);
    EXPECT_NE(parse_control_code("network,1,buffered").error().text().find("TYPE,FUNCTION"),
              std::string::npos);
    EXPECT_FALSE(parse_control_code(""));
    EXPECT_FALSE(parse_control_code("0x123456789"));
    EXPECT_FALSE(parse_control_code("12z"));
}

}  // namespace
}  // namespace ndiskit::cli
