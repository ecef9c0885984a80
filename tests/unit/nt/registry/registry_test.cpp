#include "nt/registry/registry.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "nt/abi/status.h"
#include "nt/registry/hive.h"

namespace {

using namespace ndiskit::nt;

constexpr std::string_view service = "HKLM\\System\\CurrentControlSet\\Services\\mux";

TEST(Registry, CurrentControlSetIsALink) {
    registry::set_dword(service, "Start", 3);
    EXPECT_EQ(registry::get_dword("\\Registry\\Machine\\SYSTEM\\ControlSet001\\services\\MUX", "start"), 3u);
    EXPECT_EQ(registry::get_dword("HKLM\\System\\Select", "Current"), 1u);
}

TEST(Registry, ValuesOfEachType) {
    registry::delete_key(service);
    registry::set_string(service, "ImagePath", "C:\\mux.sys");
    registry::set_multi_string(service, "UpperBind", {"tcpip", "", "lldp"});
    EXPECT_EQ(registry::get_string(service, "IMAGEPATH"), "C:\\mux.sys");
    EXPECT_EQ(registry::get_multi_string(service, "UpperBind"), (std::vector<std::string>{"tcpip", "lldp"}));
    EXPECT_EQ(registry::get(service, "ImagePath")->data.size(), 22u);
    EXPECT_FALSE(registry::get_dword(service, "ImagePath"));
    EXPECT_FALSE(registry::get_string(service, "Missing"));
    EXPECT_EQ(registry::value_names(service), (std::vector<std::string>{"ImagePath", "UpperBind"}));
    EXPECT_TRUE(registry::delete_value(service, "imagepath"));
    EXPECT_FALSE(registry::delete_value(service, "imagepath"));
}

TEST(Registry, SubkeysAreSortedAndGoWithTheirParent) {
    for (const char* name : {"0002", "0000", "0001"})
        registry::create_key("HKLM\\System\\CurrentControlSet\\Control\\Class\\{x}\\" + std::string(name));
    EXPECT_EQ(registry::subkeys("HKLM\\System\\CurrentControlSet\\Control\\Class\\{x}"),
              (std::vector<std::string>{"0000", "0001", "0002"}));
    EXPECT_TRUE(registry::delete_key("HKLM\\System\\CurrentControlSet\\Control\\Class\\{x}"));
    EXPECT_FALSE(registry::key_exists("HKLM\\System\\CurrentControlSet\\Control\\Class\\{x}\\0000"));
}

TEST(Registry, RefusesWhatWindowsRefuses) {
    registry::create_key(std::string(service) + "\\Parameters");
    registry::tree().with([&](registry::Tree& t) {
        const auto key =
            registry::find(t, nullptr, u"\\Registry\\Machine\\System\\ControlSet001\\Services\\mux").key;
        EXPECT_EQ(registry::remove(*key), STATUS_CANNOT_DELETE);
        EXPECT_EQ(registry::find(t, nullptr, u"Registry").status, STATUS_OBJECT_PATH_SYNTAX_BAD);
        EXPECT_EQ(registry::find(t, key, u"none\\none", {.create = true}).status,
                  STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(registry::find(t, key, std::u16string(256, u'x'), {.create = true}).status,
                  STATUS_OBJECT_NAME_INVALID);
        const auto parameters = registry::find(t, key, u"parameters").key;
        EXPECT_EQ(parameters->path(),
                  u"\\Registry\\Machine\\System\\ControlSet001\\Services\\mux\\Parameters");
        EXPECT_EQ(registry::remove(*parameters), STATUS_SUCCESS);
        EXPECT_EQ(registry::find(t, parameters, u"x").status, STATUS_KEY_DELETED);
    });
}

}  // namespace
