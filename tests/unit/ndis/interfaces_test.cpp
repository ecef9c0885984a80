// The interface table: NDIS answers for adapters, a provider for its own interfaces.
#include "ndis/interfaces.h"

#include <gtest/gtest.h>

#include <cstring>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

struct Provided {
    ULONG64 speed = 40'000'000'000;
    NDIS_OID set = 0;
};

NDIS_STATUS NTAPI query(NDIS_HANDLE context, NDIS_OID object, PULONG length, PVOID buffer) {
    if (object != OID_GEN_XMIT_LINK_SPEED)
        return NDIS_STATUS_NOT_SUPPORTED;
    const ULONG given = *length;
    *length = sizeof(ULONG64);
    if (given < sizeof(ULONG64))
        return NDIS_STATUS_INVALID_LENGTH;
    std::memcpy(buffer, &static_cast<Provided*>(context)->speed, sizeof(ULONG64));
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI set(NDIS_HANDLE context, NDIS_OID object, ULONG, PVOID) {
    static_cast<Provided*>(context)->set = object;
    return NDIS_STATUS_SUCCESS;
}

TEST(Interfaces, AProviderIsAskedForItsOwn) {
    with_stack([] {
        NDIS_IF_PROVIDER_CHARACTERISTICS characteristics{};
        characteristics.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        characteristics.Header.Revision = NDIS_OBJECT_REVISION_1;
        characteristics.Header.Size = NDIS_SIZEOF_IF_PROVIDER_CHARACTERISTICS_REVISION_1;
        characteristics.QueryObjectHandler = query;
        characteristics.SetObjectHandler = set;
        NDIS_HANDLE provider = nullptr;
        ASSERT_EQ(NdisIfRegisterProvider(&characteristics, nullptr, &provider), NDIS_STATUS_SUCCESS);
        UINT32 luid_index = 0;
        ASSERT_EQ(NdisIfAllocateNetLuidIndex(IF_TYPE_TUNNEL, &luid_index), NDIS_STATUS_SUCCESS);
        NET_LUID luid{};
        luid.Info.IfType = IF_TYPE_TUNNEL;
        luid.Info.NetLuidIndex = luid_index;
        NET_IF_INFORMATION information{};
        Provided provided;
        NET_IFINDEX index = 0;
        ASSERT_EQ(NdisIfRegisterInterface(provider, luid, &provided, &information, &index), NDIS_STATUS_SUCCESS);

        ULONG64 speed = 0;
        ULONG length = sizeof(speed);
        EXPECT_EQ(query_interface(index, OID_GEN_XMIT_LINK_SPEED, &speed, length), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(speed, provided.speed);
        length = 4;
        EXPECT_EQ(query_interface(index, OID_GEN_XMIT_LINK_SPEED, &speed, length), NDIS_STATUS_INVALID_LENGTH);
        EXPECT_EQ(length, sizeof(speed));
        EXPECT_EQ(set_interface(index, OID_GEN_ADMIN_STATUS, &speed, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(provided.set, NDIS_OID{OID_GEN_ADMIN_STATUS});
        NdisIfDeregisterInterface(index);
        EXPECT_EQ(query_interface(index, OID_GEN_XMIT_LINK_SPEED, &speed, length), NDIS_STATUS_INTERFACE_NOT_FOUND);
        EXPECT_EQ(NdisIfFreeNetLuidIndex(IF_TYPE_TUNNEL, luid_index), NDIS_STATUS_SUCCESS);
        NdisIfDeregisterProvider(provider);
    });
}

TEST(Interfaces, AProviderIsRegisteredWithAVersionAndHandlers) {
    with_stack([] {
        NDIS_IF_PROVIDER_CHARACTERISTICS characteristics{};
        characteristics.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        characteristics.Header.Revision = NDIS_OBJECT_REVISION_1;
        characteristics.Header.Size = NDIS_SIZEOF_IF_PROVIDER_CHARACTERISTICS_REVISION_1;
        NDIS_HANDLE provider = nullptr;
        EXPECT_EQ(NdisIfRegisterProvider(&characteristics, nullptr, &provider), NDIS_STATUS_INVALID_PARAMETER);
        characteristics.QueryObjectHandler = query;
        characteristics.SetObjectHandler = set;
        characteristics.Header.Revision = 0;
        EXPECT_EQ(NdisIfRegisterProvider(&characteristics, nullptr, &provider), NDIS_STATUS_NOT_SUPPORTED);
        characteristics.Header.Revision = NDIS_OBJECT_REVISION_1;
        characteristics.Header.Size = sizeof(NDIS_OBJECT_HEADER);
        EXPECT_EQ(NdisIfRegisterProvider(&characteristics, nullptr, &provider), NDIS_STATUS_NOT_SUPPORTED);
    });
}

// Those of adapters come and go with them.
TEST(Interfaces, ADriverDeregistersItsOwnOnly) {
    with_stack([] {
        NET_IFINDEX bound = 0, lowest = 0;
        NET_LUID bound_luid{}, lowest_luid{};
        NdisIfQueryBindingIfIndex(open_of().handle, &bound, &bound_luid, &lowest, &lowest_luid);
        NdisIfDeregisterInterface(lowest);
        NET_IFINDEX found = 0;
        EXPECT_EQ(NdisIfGetInterfaceIndexFromNetLuid(lowest_luid, &found), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(found, lowest);
    });
}

TEST(Interfaces, NdisAnswersForAnAdapter) {
    with_stack([] {
        NET_IFINDEX bound = 0, lowest = 0;
        NET_LUID bound_luid{}, lowest_luid{};
        ASSERT_EQ(NdisIfQueryBindingIfIndex(open_of().handle, &bound, &bound_luid, &lowest, &lowest_luid),
                  NDIS_STATUS_SUCCESS);
        ULONG64 speed = 0;
        ULONG length = sizeof(speed);
        EXPECT_EQ(query_interface(lowest, OID_GEN_XMIT_LINK_SPEED, &speed, length), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(speed, 1'000'000'000u);
        EXPECT_EQ(length, sizeof(speed));
        EXPECT_EQ(query_interface(lowest, OID_GEN_VENDOR_ID, &speed, length), NDIS_STATUS_NOT_SUPPORTED);
        EXPECT_EQ(set_interface(lowest, OID_GEN_ADMIN_STATUS, &speed, 4), NDIS_STATUS_NOT_SUPPORTED);
    });
}

TEST(Interfaces, LuidsAndIndexesNameTheSame) {
    with_stack([] {
        NET_IFINDEX index = 0, found = 0;
        NET_LUID luid{}, back{};
        NET_IFINDEX lowest = 0;
        NET_LUID lowest_luid{};
        ASSERT_EQ(NdisIfQueryBindingIfIndex(open_of().handle, &index, &luid, &lowest, &lowest_luid),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(NdisIfGetInterfaceIndexFromNetLuid(luid, &found), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(found, index);
        EXPECT_EQ(NdisIfGetNetLuidFromInterfaceIndex(index, &back), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(back.Value, luid.Value);
        luid.Info.NetLuidIndex += 1000;
        EXPECT_EQ(NdisIfGetInterfaceIndexFromNetLuid(luid, &found), NDIS_STATUS_INTERFACE_NOT_FOUND);
        EXPECT_EQ(NdisIfGetNetLuidFromInterfaceIndex(index + 1000, &back), NDIS_STATUS_INTERFACE_NOT_FOUND);
    });
}

TEST(Interfaces, AStackEntryIsBetweenInterfacesThatAreThere) {
    with_machine([] {
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_adapter({.instance = u"0002", .guid = guid_b, .service = u"fixnic"});
        std::vector<NET_IFINDEX> indexes;
        behaviour().on_initialize = [&](Nic&, const NDIS_MINIPORT_INIT_PARAMETERS& parameters) {
            indexes.push_back(parameters.IfIndex);
            return NDIS_STATUS_SUCCESS;
        };
        ASSERT_TRUE(start_all_adapters().has_value());
        const NET_IFINDEX low = indexes.at(0), high = indexes.at(1);
        EXPECT_EQ(NdisIfAddIfStackEntry(high, low), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(view(guid_b).below, std::vector<std::string>{narrow(guid_a)});
        EXPECT_EQ(NdisIfAddIfStackEntry(high, low + 1000), NDIS_STATUS_INTERFACE_NOT_FOUND);
        EXPECT_EQ(NdisIfAddIfStackEntry(high + 1000, low), NDIS_STATUS_INTERFACE_NOT_FOUND);
        NdisIfDeleteIfStackEntry(high, low);
        EXPECT_TRUE(view(guid_b).below.empty());
    });
}

}  // namespace
}  // namespace ndiskit::ndis
