// Configuration: keys below an adapter's, values that drivers write, the network address, and the names that people
// read.
#include <gtest/gtest.h>

#include <cstring>

#include "fixture.h"
#include "nt/object/object.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

const std::u16string adapter_key = std::u16string(layout::class_key) + u"\\0001";

NDIS_STRING text(std::u16string_view s) {
    NDIS_STRING string{};
    string.Buffer = const_cast<char16_t*>(s.data());
    string.Length = string.MaximumLength = static_cast<USHORT>(s.size() * 2);
    return string;
}
std::u16string taken(NDIS_STRING& string) {
    std::u16string result(string.Buffer, string.Length / sizeof(WCHAR));
    NdisFreeMemory(string.Buffer, 0, 0);
    return result;
}

NDIS_HANDLE open_configuration(NDIS_HANDLE of) {
    NDIS_CONFIGURATION_OBJECT object{};
    object.Header.Type = NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT;
    object.Header.Revision = NDIS_CONFIGURATION_OBJECT_REVISION_1;
    object.Header.Size = NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1;
    object.NdisHandle = of;
    NDIS_HANDLE handle = nullptr;
    EXPECT_EQ(NdisOpenConfigurationEx(&object, &handle), NDIS_STATUS_SUCCESS);
    return handle;
}

NDIS_STATUS write(NDIS_HANDLE configuration, const std::u16string& keyword, NDIS_CONFIGURATION_PARAMETER& parameter) {
    NDIS_STATUS status = 99;
    NDIS_STRING name = text(keyword);
    NdisWriteConfiguration(&status, configuration, &name, &parameter);
    return status;
}
PNDIS_CONFIGURATION_PARAMETER read(NDIS_HANDLE configuration, const std::u16string& keyword, NDIS_PARAMETER_TYPE type) {
    NDIS_STATUS status = 99;
    NDIS_STRING name = text(keyword);
    PNDIS_CONFIGURATION_PARAMETER parameter = nullptr;
    NdisReadConfiguration(&status, &parameter, configuration, &name, type);
    return status == NDIS_STATUS_SUCCESS ? parameter : nullptr;
}

TEST(Configuration, WhatIsWrittenIsRead) {
    with_stack([] {
        const NDIS_HANDLE configuration = open_configuration(nic().handle);
        NDIS_CONFIGURATION_PARAMETER number{};
        number.ParameterType = NdisParameterInteger;
        number.ParameterData.IntegerData = 77;
        EXPECT_EQ(write(configuration, u"Rings", number), NDIS_STATUS_SUCCESS);
        NDIS_CONFIGURATION_PARAMETER string{};
        string.ParameterType = NdisParameterString;
        const std::u16string value = u"full";
        string.ParameterData.StringData = text(value);
        EXPECT_EQ(write(configuration, u"Mode", string), NDIS_STATUS_SUCCESS);
        NdisCloseConfiguration(configuration);

        const NDIS_HANDLE again = open_configuration(nic().handle);
        const auto* rings = read(again, u"Rings", NdisParameterInteger);
        ASSERT_NE(rings, nullptr);
        EXPECT_EQ(rings->ParameterData.IntegerData, 77u);
        const auto* mode = read(again, u"Mode", NdisParameterString);
        ASSERT_NE(mode, nullptr);
        EXPECT_EQ(std::u16string(mode->ParameterData.StringData.Buffer, mode->ParameterData.StringData.Length / 2),
                  value);
        EXPECT_EQ(read(again, u"Absent", NdisParameterInteger), nullptr);
        NdisCloseConfiguration(again);
    });
}

TEST(Configuration, SubkeysAreOpenedByNameAndByIndex) {
    with_stack([] {
        set_number(adapter_key + u"\\Queues", u"Count", 4);
        set_number(adapter_key + u"\\Queues\\First", u"Size", 512);
        const NDIS_HANDLE configuration = open_configuration(nic().handle);
        NDIS_STATUS status = 99;
        NDIS_HANDLE queues = nullptr, first = nullptr, none = nullptr;
        NDIS_STRING name = text(u"Queues");
        NdisOpenConfigurationKeyByName(&status, configuration, &name, &queues);
        ASSERT_EQ(status, NDIS_STATUS_SUCCESS);
        EXPECT_EQ(read(queues, u"Count", NdisParameterInteger)->ParameterData.IntegerData, 4u);
        NDIS_STRING absent = text(u"Nothing");
        NdisOpenConfigurationKeyByName(&status, configuration, &absent, &none);
        EXPECT_NE(status, NDIS_STATUS_SUCCESS);
        NDIS_STRING found{};
        NdisOpenConfigurationKeyByIndex(&status, queues, 0, &found, &first);
        ASSERT_EQ(status, NDIS_STATUS_SUCCESS);
        EXPECT_EQ(std::u16string(found.Buffer, found.Length / 2), u"First");
        EXPECT_EQ(read(first, u"Size", NdisParameterInteger)->ParameterData.IntegerData, 512u);
        NdisOpenConfigurationKeyByIndex(&status, queues, 1, &found, &none);
        EXPECT_NE(status, NDIS_STATUS_SUCCESS);
        NdisCloseConfiguration(first);
        NdisCloseConfiguration(queues);
        NdisCloseConfiguration(configuration);
    });
}

TEST(Configuration, TheNetworkAddressIsReadAsBytes) {
    with_prepared_stack([] { set_text(adapter_key, u"NetworkAddress", u"02-11-22-33-44-AB"); },
                        [] {
                            const NDIS_HANDLE configuration = open_configuration(nic().handle);
                            NDIS_STATUS status = 99;
                            PVOID address = nullptr;
                            UINT length = 0;
                            NdisReadNetworkAddress(&status, &address, &length, configuration);
                            ASSERT_EQ(status, NDIS_STATUS_SUCCESS);
                            ASSERT_EQ(length, 6u);
                            const uint8_t expected[] = {0x02, 0x11, 0x22, 0x33, 0x44, 0xab};
                            EXPECT_EQ(std::memcmp(address, expected, 6), 0);
                            NdisCloseConfiguration(configuration);
                        });
}

// It is how NDIS knows that the adapter's address can be another one.
TEST(Configuration, WhoReadsTheNetworkAddressCanTakeAnother) {
    const auto options = [] {
        ULONG value = 0;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MAC_OPTIONS, &value, 4), NDIS_STATUS_SUCCESS);
        return value;
    };
    with_stack([&] { EXPECT_EQ(options() & NDIS_MAC_OPTION_SUPPORTS_MAC_ADDRESS_OVERWRITE, 0u); });
    ULONG bound = 0;
    with_prepared_stack(
        [&] {
            behaviour().on_initialize = [](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS&) -> NDIS_STATUS {
                const NDIS_HANDLE configuration = open_configuration(n.handle);
                NDIS_STATUS status = 99;
                PVOID address = nullptr;
                UINT length = 0;
                NdisReadNetworkAddress(&status, &address, &length, configuration);
                NdisCloseConfiguration(configuration);
                return NDIS_STATUS_SUCCESS;
            };
            behaviour().on_bind = [&](const NDIS_BIND_PARAMETERS& p) { bound = p.MacOptions; };
        },
        [&] {
            EXPECT_NE(options() & NDIS_MAC_OPTION_SUPPORTS_MAC_ADDRESS_OVERWRITE, 0u);
            EXPECT_NE(bound & NDIS_MAC_OPTION_SUPPORTS_MAC_ADDRESS_OVERWRITE, 0u);
        });
}

TEST(Configuration, ANumberIsAnIntegerInWhateverBaseItWasAskedFor) {
    with_stack([] {
        set_number(adapter_key, u"Number", 16);
        set_text(adapter_key, u"Text", u"20");
        const NDIS_HANDLE configuration = open_configuration(nic().handle);
        const auto* number = read(configuration, u"Number", NdisParameterHexInteger);
        ASSERT_NE(number, nullptr);
        EXPECT_EQ(number->ParameterType, NdisParameterInteger);
        EXPECT_EQ(number->ParameterData.IntegerData, 16u);
        const auto* text = read(configuration, u"Text", NdisParameterHexInteger);
        ASSERT_NE(text, nullptr);
        EXPECT_EQ(text->ParameterType, NdisParameterInteger);
        EXPECT_EQ(text->ParameterData.IntegerData, 0x20u);
        NdisCloseConfiguration(configuration);
    });
}

TEST(Configuration, WithoutANetworkAddressNothingIsRead) {
    with_stack([] {
        const NDIS_HANDLE configuration = open_configuration(nic().handle);
        NDIS_STATUS status = NDIS_STATUS_SUCCESS;
        PVOID address = nullptr;
        UINT length = 0;
        NdisReadNetworkAddress(&status, &address, &length, configuration);
        EXPECT_NE(status, NDIS_STATUS_SUCCESS);
        NdisCloseConfiguration(configuration);
    });
}

TEST(Configuration, AdaptersHaveNamesThatPeopleRead) {
    std::u16string while_binding;
    with_prepared_stack(
        [&] {
            behaviour().in_bind = [&](NDIS_HANDLE bind_context) {
                NDIS_STRING name{};
                EXPECT_EQ(NdisQueryBindInstanceName(&name, bind_context), NDIS_STATUS_SUCCESS);
                while_binding = taken(name);
            };
        },
        [&] {
            NDIS_STRING of_miniport{}, of_binding{};
            EXPECT_EQ(NdisMQueryAdapterInstanceName(&of_miniport, nic().handle), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(NdisQueryAdapterInstanceName(&of_binding, open_of().handle), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(taken(of_miniport), u"Fixture 0001");
            EXPECT_EQ(taken(of_binding), u"Fixture 0001");
            EXPECT_EQ(while_binding, u"Fixture 0001");
        });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscloseconfiguration
TEST(Configuration, ClosingItClosesItsRegistryKey) {
    with_machine([] {
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        NDIS_CONFIGURATION_OBJECT object{};
        object.Header = {NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT, NDIS_CONFIGURATION_OBJECT_REVISION_1,
                         NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1};
        object.NdisHandle = nic().handle;
        const size_t before = nt::object::open_handles();
        NDIS_HANDLE configuration = nullptr;
        ASSERT_EQ(NdisOpenConfigurationEx(&object, &configuration), NDIS_STATUS_SUCCESS);
        EXPECT_GT(nt::object::open_handles(), before);
        NdisCloseConfiguration(configuration);
        EXPECT_EQ(nt::object::open_handles(), before);
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
    });
}

}  // namespace
}  // namespace ndiskit::ndis
