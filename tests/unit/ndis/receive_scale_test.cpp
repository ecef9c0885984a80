// Receive side scaling: checked, kept and answered by NDIS.
#include <gtest/gtest.h>

#include "ndis/oid_queue.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_RECEIVE_SCALE_CAPABILITIES capabilities;

void with_rss(UCHAR minor, ULONG flags, const std::function<void()>& body) {
    with_prepared_stack(
        [&] {
            behaviour().minor_version = minor;
            behaviour().on_general = [flags](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
                capabilities = with_header<NDIS_RECEIVE_SCALE_CAPABILITIES>(receive_scale_capabilities_structure,
                                                                           ndis_6_30);
                capabilities.CapabilitiesFlags = NDIS_RSS_CAPS_HASH_TYPE_TCP_IPV4 | NdisHashFunctionToeplitz | flags;
                capabilities.NumberOfReceiveQueues = 4;
                general.RecvScaleCapabilities = &capabilities;
            };
            take_all();
        },
        [&] {
            body();
            behaviour().on_oid = nullptr;
        });
}

struct Rss {
    NDIS_RECEIVE_SCALE_PARAMETERS parameters = {};
    PROCESSOR_NUMBER table[4] = {};
    uint8_t key[40] = {};

    Rss() {
        parameters.Header = receive_scale_parameters_structure.header(ndis_6_60);
        parameters.HashInformation = NDIS_RSS_HASH_INFO_FROM_TYPE_AND_FUNC(NDIS_HASH_TCP_IPV4, NdisHashFunctionToeplitz);
        parameters.IndirectionTableOffset = offsetof(Rss, table);
        parameters.IndirectionTableSize = sizeof(table);
        parameters.HashSecretKeyOffset = offsetof(Rss, key);
        parameters.HashSecretKeySize = sizeof(key);
        for (uint8_t i = 0; i < 4; i++)
            table[i].Number = i % 2;
        for (uint8_t i = 0; i < 40; i++)
            key[i] = i;
    }
    NDIS_STATUS set() { return fixture::set(OID_GEN_RECEIVE_SCALE_PARAMETERS, this, sizeof(*this)); }
    NDIS_STATUS query() { return fixture::query(OID_GEN_RECEIVE_SCALE_PARAMETERS, this, sizeof(*this)); }
};

TEST(ReceiveScale, NdisAnswersWithWhatWasSet) {
    with_rss(60, 0, [] {
        Rss off;
        EXPECT_EQ(off.query(), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(off.parameters.HashInformation, 0u);
        Rss rss;
        EXPECT_EQ(rss.set(), NDIS_STATUS_SUCCESS);
        Rss seen;
        seen.key[3] = 99;
        EXPECT_EQ(seen.query(), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(seen.parameters.HashInformation, rss.parameters.HashInformation);
        EXPECT_EQ(seen.key[3], 3);

        // The table alone changes: the key stays.
        Rss change;
        change.parameters.Flags = NDIS_RSS_PARAM_FLAG_HASH_KEY_UNCHANGED | NDIS_RSS_PARAM_FLAG_HASH_INFO_UNCHANGED;
        change.parameters.HashSecretKeySize = 0;
        change.parameters.HashInformation = 0;
        EXPECT_EQ(change.set(), NDIS_STATUS_SUCCESS);
        std::vector<uint8_t> bytes(512);
        EXPECT_EQ(query(OID_GEN_RECEIVE_SCALE_PARAMETERS, bytes.data(), 512), NDIS_STATUS_SUCCESS);
        NDIS_RECEIVE_SCALE_PARAMETERS p;
        std::memcpy(&p, bytes.data(), sizeof(p));
        EXPECT_EQ(p.HashInformation, rss.parameters.HashInformation);
        ASSERT_EQ(p.HashSecretKeySize, 40);
        EXPECT_EQ(bytes[p.HashSecretKeyOffset + 5], 5);

        change.parameters.Flags = NDIS_RSS_PARAM_FLAG_DISABLE_RSS;
        EXPECT_EQ(change.set(), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(off.query(), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(off.parameters.HashInformation, 0u);
    });
}

TEST(ReceiveScale, MalformedParametersDoNotReachTheMiniport) {
    with_rss(60, 0, [] {
        std::vector<NDIS_OID> seen;
        take_all(&seen);
        Rss odd;
        odd.parameters.IndirectionTableSize = 3 * sizeof(PROCESSOR_NUMBER);
        EXPECT_EQ(odd.set(), NDIS_STATUS_INVALID_PARAMETER);
        Rss outside;
        outside.parameters.IndirectionTableOffset = 4000;
        EXPECT_EQ(outside.set(), NDIS_STATUS_INVALID_LENGTH);
        Rss key;
        key.parameters.HashSecretKeySize = 20;
        EXPECT_EQ(key.set(), NDIS_STATUS_INVALID_PARAMETER);
        Rss function;
        function.parameters.HashInformation = NDIS_RSS_HASH_INFO_FROM_TYPE_AND_FUNC(NDIS_HASH_TCP_IPV4, 7);
        EXPECT_EQ(function.set(), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_TRUE(seen.empty());
    });
}

TEST(ReceiveScale, AnAdapterWithoutItRefuses) {
    with_stack([] {
        Rss rss;
        EXPECT_EQ(rss.set(), NDIS_STATUS_NOT_SUPPORTED);
        EXPECT_EQ(rss.query(), NDIS_STATUS_NOT_SUPPORTED);
    });
}

struct Entries {
    NDIS_RSS_SET_INDIRECTION_ENTRIES header = {};
    NDIS_RSS_SET_INDIRECTION_ENTRY entries[2] = {};

    Entries() {
        header.Header = rss_entries_structure.header(ndis_6_80);
        header.RssEntrySize = sizeof(NDIS_RSS_SET_INDIRECTION_ENTRY);
        header.RssEntryTableOffset = offsetof(Entries, entries);
        header.NumberOfRssEntries = 2;
    }
};

NDIS_STATUS move_entries(Entries& entries, uint32_t length = sizeof(Entries)) {
    NDIS_OID_REQUEST request =
        request_of(NdisRequestMethod, OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, &entries, length);
    return NdisSynchronousOidRequest(open_of().handle, &request);
}

TEST(ReceiveScale, Version2SetsItsPartsOneByOne) {
    with_rss(80, NDIS_RSS_CAPS_SUPPORTS_INDEPENDENT_ENTRY_MOVE, [] {
        struct {
            NDIS_RECEIVE_SCALE_PARAMETERS_V2 p;
            uint8_t key[40];
        } v2{};
        v2.p.Header = receive_scale_parameters_v2_structure.header(ndis_6_80);
        v2.p.Flags = NDIS_RECEIVE_SCALE_PARAM_ENABLE_RSS | NDIS_RECEIVE_SCALE_PARAM_HASH_INFO_CHANGED |
                     NDIS_RECEIVE_SCALE_PARAM_HASH_KEY_CHANGED | NDIS_RECEIVE_SCALE_PARAM_NUMBER_OF_ENTRIES_CHANGED;
        v2.p.HashInformation = NDIS_RSS_HASH_INFO_FROM_TYPE_AND_FUNC(NDIS_HASH_TCP_IPV4, NdisHashFunctionToeplitz);
        v2.p.HashSecretKeyOffset = sizeof(v2.p);
        v2.p.HashSecretKeySize = sizeof(v2.key);
        v2.p.NumberOfIndirectionTableEntries = 3;
        EXPECT_EQ(set(OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, &v2, sizeof(v2)), NDIS_STATUS_INVALID_PARAMETER);
        v2.p.NumberOfIndirectionTableEntries = 2;
        EXPECT_EQ(set(OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, &v2, sizeof(v2)), NDIS_STATUS_SUCCESS);

        Entries entries;
        entries.entries[1].IndirectionTableIndex = 1;
        entries.entries[1].TargetProcessorNumber.Number = 1;
        EXPECT_EQ(open_of().oid(NdisRequestSetInformation, OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, &entries,
                                sizeof(entries)),
                  NDIS_STATUS_NOT_SUPPORTED);  // not as a regular request
        behaviour().on_synchronous_oid = [](NDIS_OID_REQUEST&) { return NDIS_STATUS_SUCCESS; };
        EXPECT_EQ(move_entries(entries), NDIS_STATUS_SUCCESS);
        entries.header.NumberOfRssEntries = 9;
        EXPECT_EQ(move_entries(entries), NDIS_STATUS_INVALID_LENGTH);

        // The old query shows what the new requests have set.
        std::vector<uint8_t> bytes(512);
        EXPECT_EQ(query(OID_GEN_RECEIVE_SCALE_PARAMETERS, bytes.data(), 512), NDIS_STATUS_SUCCESS);
        NDIS_RECEIVE_SCALE_PARAMETERS p;
        std::memcpy(&p, bytes.data(), sizeof(p));
        ASSERT_EQ(p.IndirectionTableSize, 2 * sizeof(PROCESSOR_NUMBER));
        PROCESSOR_NUMBER second;
        std::memcpy(&second, bytes.data() + p.IndirectionTableOffset + sizeof(second), sizeof(second));
        EXPECT_EQ(second.Number, 1);
    });
}

TEST(ReceiveScale, Version2NeedsAMiniportThatHasIt) {
    with_rss(80, 0, [] {
        auto p = with_header<NDIS_RECEIVE_SCALE_PARAMETERS_V2>(receive_scale_parameters_v2_structure);
        EXPECT_EQ(set(OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, &p, sizeof(p)), NDIS_STATUS_NOT_SUPPORTED);
        EXPECT_EQ(query(OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, &p, sizeof(p)), NDIS_STATUS_NOT_SUPPORTED);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
