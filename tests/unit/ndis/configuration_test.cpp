// The registry as NdisOpenConfigurationEx and its kin show it.
#include <gtest/gtest.h>

#include "fixture.h"
#include "nt/object/object.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

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
