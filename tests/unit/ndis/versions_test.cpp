// The nine Windows releases that a machine plays: what NDIS says of itself, whom it takes, and which revisions of
// structures it hands out.
#include <gtest/gtest.h>

#include "ndis/oid_queue.h"
#include "ndis/versions.h"
#include "nt/io/driver.h"
#include "nt/machine.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

// https://learn.microsoft.com/windows-hardware/drivers/network/overview-of-ndis-versions
struct Release {
    const char* name;
    UCHAR minor;
    ULONG major_windows, minor_windows;
    // What a driver of the machine's own version is given.
    UCHAR bind_parameters, offload, power, receive_filter, receive_scale;
};
constexpr Release releases[] = {
    {"7", 20, 6, 1, 3, 2, 1, 1, 1},          {"8", 30, 6, 2, 4, 3, 2, 2, 2},
    {"8.1", 40, 6, 3, 4, 3, 2, 2, 2},        {"10-1507", 50, 10, 0, 4, 4, 2, 2, 2},
    {"10-1607", 60, 10, 0, 4, 4, 2, 2, 3},   {"10-1709", 80, 10, 0, 4, 5, 2, 2, 3},
    {"10-1809", 82, 10, 0, 4, 5, 2, 2, 3},   {"10-21H2", 85, 10, 0, 4, 7, 2, 2, 3},
    {"11-24H2", 89, 10, 0, 4, 8, 2, 2, 3},
};

void play(const char* name) {
    const auto release = nt::find_windows_release(name);
    ASSERT_TRUE(release.has_value()) << name;
    nt::machine_options().release = *release;
}

template <class Body>
void on_each(Body body) {
    const auto* usual = nt::machine_options().release;
    for (const Release& release : releases) {
        SCOPED_TRACE(release.name);
        play(release.name);
        body(release);
    }
    nt::machine_options().release = usual;
}

TEST(Versions, NdisAndWindowsSayWhichTheyAre) {
    on_each([](const Release& release) {
        with_machine([&] {
            EXPECT_EQ(NdisGetVersion(), 6u << 16 | release.minor);
            RTL_OSVERSIONINFOW windows{};
            windows.dwOSVersionInfoSize = sizeof(windows);
            EXPECT_EQ(RtlGetVersion(&windows), 0);
            EXPECT_EQ(windows.dwMajorVersion, release.major_windows);
            EXPECT_EQ(windows.dwMinorVersion, release.minor_windows);
        });
    });
}

TEST(Versions, ADriverIsTakenUpToTheMachinesVersionAndNoFurther) {
    on_each([](const Release& release) {
        for (const Release& driver : releases) {
            SCOPED_TRACE(driver.name);
            EXPECT_EQ(is_known_version({6, driver.minor}), driver.minor <= release.minor);
        }
        EXPECT_TRUE(is_known_version({6, 0}));
        EXPECT_TRUE(is_known_version({6, 1}));
        EXPECT_FALSE(is_known_version({6, 2}));
        EXPECT_FALSE(is_known_version({5, 1}));
    });
}

// The drivers themselves: a miniport that is too new does not start, a protocol that is too new does not load.
TEST(Versions, NewerDriversAreRefusedAtRegistration) {
    const auto* usual = nt::machine_options().release;
    play("8");
    with_machine([] {
        behaviour().minor_version = 40;
        behaviour().protocol_minor_version = 40;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_EQ(registration_status("fixnic"), NDIS_STATUS_BAD_VERSION);
        EXPECT_FALSE(nt::io::start_service("fixproto").has_value());
        EXPECT_EQ(registration_status("fixproto"), NDIS_STATUS_BAD_VERSION);
    });
    nt::machine_options().release = usual;
}

struct Given {
    UCHAR bind_parameters = 0, offload = 0, power = 0, receive_filter = 0, receive_scale = 0;
};

// A miniport of the machine's version reports everything in its newest form.
void report_everything(UCHAR minor) {
    static NDIS_RECEIVE_SCALE_CAPABILITIES rss;
    static NDIS_PM_CAPABILITIES pm;
    const Version version{6, minor};
    rss = with_header<NDIS_RECEIVE_SCALE_CAPABILITIES>(receive_scale_capabilities_structure, version);
    pm = with_header<NDIS_PM_CAPABILITIES>(pm_capabilities_structure, version);
    behaviour().minor_version = minor;
    behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
        general.RecvScaleCapabilities = &rss;
        general.PowerManagementCapabilitiesEx = &pm;
    };
    behaviour().on_initialize = [version](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS&) {
        auto offload = with_header<NDIS_OFFLOAD>(offload_structure, version);
        n.indicate_status(NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, &offload, offload.Header.Size);
        auto filter = with_header<NDIS_RECEIVE_FILTER_CAPABILITIES>(receive_filter_capabilities_structure, version);
        n.indicate_status(NDIS_STATUS_RECEIVE_FILTER_CURRENT_CAPABILITIES, &filter, filter.Header.Size);
        return NDIS_STATUS_SUCCESS;
    };
}

Given bind_with(UCHAR miniport, UCHAR protocol) {
    Given given;
    with_prepared_stack(
        [&] {
            report_everything(miniport);
            behaviour().protocol_minor_version = protocol;
            behaviour().on_bind = [&](const NDIS_BIND_PARAMETERS& p) {
                given.bind_parameters = p.Header.Revision;
                given.offload = p.DefaultOffloadConfiguration->Header.Revision;
                given.power = p.PowerManagementCapabilitiesEx->Header.Revision;
                given.receive_filter = p.ReceiveFilterCapabilities->Header.Revision;
                given.receive_scale = p.RcvScaleCapabilities->Header.Revision;
            };
        },
        [&] {
            // What is asked for later has the same revisions.
            NDIS_OFFLOAD offload{};
            EXPECT_EQ(query(OID_TCP_OFFLOAD_CURRENT_CONFIG, &offload, sizeof(offload)), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(offload.Header.Revision, given.offload);
            NDIS_PM_CAPABILITIES pm{};
            EXPECT_EQ(query(OID_PM_CURRENT_CAPABILITIES, &pm, sizeof(pm)), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(pm.Header.Revision, given.power);
            USHORT version = 0;
            EXPECT_EQ(query(OID_GEN_DRIVER_VERSION, &version, sizeof(version)), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(version, 6u << 8 | miniport);
        });
    return given;
}

void expect_given(const Given& given, const Release& expected) {
    EXPECT_EQ(given.bind_parameters, expected.bind_parameters);
    EXPECT_EQ(given.offload, expected.offload);
    EXPECT_EQ(given.power, expected.power);
    EXPECT_EQ(given.receive_filter, expected.receive_filter);
    EXPECT_EQ(given.receive_scale, expected.receive_scale);
}

TEST(Versions, StructuresHaveTheRevisionsOfTheMachine) {
    on_each([](const Release& release) { expect_given(bind_with(release.minor, release.minor), release); });
}

// The member is mandatory from 6.20 on, whatever the miniport said.
TEST(Versions, ProtocolsHearOfPowerFromAdaptersWithoutIt) {
    bool heard = false;
    with_prepared_stack(
        [&] {
            behaviour().power_aware = false;
            behaviour().on_bind = [&](const NDIS_BIND_PARAMETERS& p) {
                ASSERT_NE(p.PowerManagementCapabilitiesEx, nullptr);
                EXPECT_EQ(p.PowerManagementCapabilitiesEx->MinMagicPacketWakeUp, NdisDeviceStateUnspecified);
                EXPECT_EQ(p.PowerManagementCapabilitiesEx->SupportedWoLPacketPatterns, 0u);
                heard = true;
            };
        },
        [] {});
    EXPECT_TRUE(heard);
}

TEST(Versions, AnOlderProtocolIsServedAtItsVersion) {
    const auto* usual = nt::machine_options().release;
    play("11-24H2");
    for (const Release& release : releases) {
        SCOPED_TRACE(release.name);
        expect_given(bind_with(89, release.minor), release);
    }
    nt::machine_options().release = usual;
}

TEST(Versions, AnOlderMiniportsStructuresStayAsTheyAre) {
    const auto* usual = nt::machine_options().release;
    play("11-24H2");
    const Given given = bind_with(20, 89);
    EXPECT_EQ(given.bind_parameters, 4);
    EXPECT_EQ(given.offload, releases[0].offload);
    EXPECT_EQ(given.power, releases[0].power);
    nt::machine_options().release = usual;
}

// Handlers that came after the version that a driver registers are not called, though its structure has them.
TEST(Versions, HandlersOfALaterVersionAreNotCalled) {
    with_prepared_stack([] { behaviour().minor_version = 80; }, [] {
        behaviour().on_synchronous_oid = [](NDIS_OID_REQUEST&) { return NDIS_STATUS_SUCCESS; };
        ULONG value = 0;
        NDIS_OID_REQUEST request = request_of(NdisRequestMethod, 0xFF123456, &value, sizeof(value));
        EXPECT_EQ(NdisSynchronousOidRequest(open_of().handle, &request), NDIS_STATUS_SUCCESS);
    });
    with_prepared_stack(
        [] {
            behaviour().minor_version = 70;
            behaviour().newest_characteristics = true;
        },
        [] {
            behaviour().on_synchronous_oid = [](NDIS_OID_REQUEST&) { return NDIS_STATUS_SUCCESS; };
            ULONG value = 0;
            NDIS_OID_REQUEST request = request_of(NdisRequestMethod, 0xFF123456, &value, sizeof(value));
            EXPECT_EQ(NdisSynchronousOidRequest(open_of().handle, &request), NDIS_STATUS_NOT_SUPPORTED);
        });
}

}  // namespace
}  // namespace ndiskit::ndis
