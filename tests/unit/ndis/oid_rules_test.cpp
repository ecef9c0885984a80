// Who answers each OID: every row of tests/facts/oids.tsv, sent by a protocol to a miniport that takes anything,
// compared with tests/facts/oid-answers.tsv.
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "base/file.h"
#include "fixture.h"
#include "ndis/oid_rules.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

std::vector<std::vector<std::string>> rows_of(const std::string& file) {
    const auto text = read_text_file(std::string(NDISKIT_SOURCE_DIR "/tests/facts/") + file);
    EXPECT_TRUE(text.has_value());
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#')
            continue;
        std::vector<std::string> fields;
        std::istringstream columns(line);
        for (std::string field; std::getline(columns, field, '\t');)
            fields.push_back(field);
        rows.push_back(fields);
    }
    return rows;
}

std::map<std::string, NDIS_OID> oid_numbers() {
    // Newer than the facts.
    std::map<std::string, NDIS_OID> numbers = {
        {"OID_TIMESTAMP_CAPABILITY", OID_TIMESTAMP_CAPABILITY},
        {"OID_TIMESTAMP_CURRENT_CONFIG", OID_TIMESTAMP_CURRENT_CONFIG},
        {"OID_TIMESTAMP_GET_CROSSTIMESTAMP", OID_TIMESTAMP_GET_CROSSTIMESTAMP},
    };
    for (const auto& row : rows_of("abi/constants.tsv"))
        if (row[0].starts_with("OID_"))
            numbers[row[0]] = static_cast<NDIS_OID>(std::stoll(row[1]));
    return numbers;
}

struct Outcome {
    NDIS_STATUS status;
    std::vector<NDIS_OID> seen;  // by the miniport
};

// One request with a large buffer of zeros.
Outcome ask(NDIS_REQUEST_TYPE type, NDIS_OID oid) {
    Outcome outcome{};
    behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
        outcome.seen.push_back(request.DATA.QUERY_INFORMATION.Oid);
        return NDIS_STATUS_SUCCESS;
    };
    std::array<uint64_t, 256> buffer{};
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = type;
    if (type == NdisRequestMethod) {
        auto& method = request.DATA.METHOD_INFORMATION;
        method.Oid = oid;
        method.InformationBuffer = buffer.data();
        method.InputBufferLength = method.OutputBufferLength = sizeof(buffer);
    } else {
        auto& query = request.DATA.QUERY_INFORMATION;
        query.Oid = oid;
        query.InformationBuffer = buffer.data();
        query.InformationBufferLength = sizeof(buffer);
    }
    outcome.status = open_of().oid(request);
    behaviour().on_oid = nullptr;
    return outcome;
}

// Buffers that must be structures are refused when they are zeros, before the miniport sees them.
bool has_shape(NDIS_OID oid) {
    const OidRule* rule = rule_of(oid);
    return rule != nullptr && (rule->shape.structure != nullptr || rule->shape.rest != nullptr || rule->step != nullptr);
}

void check(const std::string& name, NDIS_OID oid, NDIS_REQUEST_TYPE type, const std::string& who) {
    SCOPED_TRACE(name + (type == NdisRequestMethod ? " method" : type == NdisRequestSetInformation ? " set" : " query"));
    if (who == "any")
        return;
    const Outcome outcome = ask(type, oid);
    if (who == "none" || who == "synchronous") {
        EXPECT_EQ(outcome.status, NDIS_STATUS_NOT_SUPPORTED);
        EXPECT_TRUE(outcome.seen.empty());
    } else if (who == "ndis") {
        EXPECT_TRUE(outcome.seen.empty());
    } else if (who == "counter") {
        EXPECT_EQ(outcome.seen, std::vector<NDIS_OID>{OID_GEN_STATISTICS});
    } else if (type != NdisRequestQueryInformation && has_shape(oid)) {
        EXPECT_TRUE(outcome.seen.empty() || outcome.status == NDIS_STATUS_SUCCESS);
    } else {
        EXPECT_EQ(outcome.seen, std::vector<NDIS_OID>{oid});
        EXPECT_EQ(outcome.status, NDIS_STATUS_SUCCESS);
    }
}

TEST(OidRules, EachOidIsAnsweredByWhomItsPageSays) {
    const auto numbers = oid_numbers();
    with_prepared_stack([] { behaviour().minor_version = 89; },
                        [&] {
                            for (const auto& row : rows_of("oid-answers.tsv")) {
                                ASSERT_TRUE(numbers.contains(row[0])) << row[0];
                                const NDIS_OID oid = numbers.at(row[0]);
                                check(row[0], oid, NdisRequestQueryInformation, row[1]);
                                check(row[0], oid, NdisRequestSetInformation, row[2]);
                                check(row[0], oid, NdisRequestMethod, row[3]);
                            }
                        });
}

TEST(OidRules, NoOidOfTheFactsIsForgotten) {
    std::set<std::string> answered;
    for (const auto& row : rows_of("oid-answers.tsv"))
        answered.insert(row[0]);
    for (const auto& row : rows_of("oids.tsv"))
        if (row[0] == "OID" && row[1].starts_with("OID_"))
            EXPECT_TRUE(answered.contains(row[1])) << row[1];
}

TEST(OidRules, NewOidsDoNotReachOldMiniports) {
    for (const OidRule& rule : oid_rules()) {
        SCOPED_TRACE(rule.oid);
        if (rule.since <= ndis_6_20 || rule.query != Answerer::miniport)
            continue;
        with_prepared_stack([] { behaviour().minor_version = 20; },
                            [&] {
                                const Outcome outcome = ask(NdisRequestQueryInformation, rule.oid);
                                EXPECT_EQ(outcome.status, NDIS_STATUS_NOT_SUPPORTED);
                                EXPECT_TRUE(outcome.seen.empty());
                            });
    }
}

// A structure whose header is wrong, for each OID that takes one: another type, no revision, a Size too small for its
// revision, a buffer shorter than its Size.
TEST(OidRules, MalformedStructuresAreRefusedBeforeTheMiniport) {
    with_prepared_stack([] { behaviour().minor_version = 89; }, [] {
        for (const OidRule& rule : oid_rules()) {
            if (rule.shape.structure == nullptr || rule.way != OidWay::regular)
                continue;
            SCOPED_TRACE(rule.oid);
            const NDIS_REQUEST_TYPE type =
                rule.set != Answerer::nobody ? NdisRequestSetInformation : NdisRequestMethod;
            const NDIS_OBJECT_HEADER good = rule.shape.structure->header(ndis_6_89);
            const auto attempt = [&](NDIS_OBJECT_HEADER header, uint32_t length) {
                std::array<uint64_t, 256> buffer{};
                std::memcpy(buffer.data(), &header, sizeof(header));
                bool seen = false;
                behaviour().on_oid = [&](NDIS_OID_REQUEST&) -> std::optional<NDIS_STATUS> {
                    seen = true;
                    return NDIS_STATUS_SUCCESS;
                };
                NDIS_OID_REQUEST request{};
                request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
                request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
                request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
                request.RequestType = type;
                request.DATA.METHOD_INFORMATION.Oid = rule.oid;
                request.DATA.METHOD_INFORMATION.InformationBuffer = buffer.data();
                request.DATA.METHOD_INFORMATION.InputBufferLength = length;
                if (type == NdisRequestMethod)
                    request.DATA.METHOD_INFORMATION.OutputBufferLength = sizeof(buffer);
                const NDIS_STATUS status = open_of().oid(request);
                behaviour().on_oid = nullptr;
                EXPECT_FALSE(seen);
                return status;
            };
            NDIS_OBJECT_HEADER bad = good;
            bad.Type = static_cast<UCHAR>(good.Type + 1);
            EXPECT_EQ(attempt(bad, good.Size), rule.shape.wrong);
            bad = good;
            bad.Revision = 0;
            EXPECT_EQ(attempt(bad, good.Size), rule.shape.wrong);
            bad = good;
            bad.Size = sizeof(NDIS_OBJECT_HEADER);
            EXPECT_EQ(attempt(bad, good.Size), rule.shape.wrong);
            EXPECT_EQ(attempt(good, good.Size - 1), rule.shape.too_short);
            EXPECT_EQ(attempt(good, 2), rule.shape.too_short);
        }
    });
}

TEST(OidRules, ACounterIsTakenFromTheStatistics) {
    with_stack([] {
        behaviour().on_oid = [](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            auto& query = request.DATA.QUERY_INFORMATION;
            if (query.Oid != OID_GEN_STATISTICS)
                return std::nullopt;
            EXPECT_EQ(query.InformationBufferLength, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1);
            auto& info = *static_cast<NDIS_STATISTICS_INFO*>(query.InformationBuffer);
            info.SupportedStatistics = NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV |
                                       NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV |
                                       NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV |
                                       NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV;
            info.ifHCInOctets = 0x1'0000'0005;
            info.ifHCInUcastPkts = 1;
            info.ifHCInMulticastPkts = 2;
            info.ifHCInBroadcastPkts = 4;
            query.BytesWritten = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1;
            return NDIS_STATUS_SUCCESS;
        };
        uint64_t whole = 0;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_BYTES_RCV, &whole, 8), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(whole, 0x1'0000'0005u);
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_RCV_OK, &whole, 8), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(whole, 7u);
        // Four bytes hold the low half, and the requester learns that there is more.
        NDIS_OID_REQUEST request{};
        uint32_t half = 0;
        request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
        request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
        request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
        request.DATA.QUERY_INFORMATION.Oid = OID_GEN_BYTES_RCV;
        request.DATA.QUERY_INFORMATION.InformationBuffer = &half;
        request.DATA.QUERY_INFORMATION.InformationBufferLength = sizeof(half);
        EXPECT_EQ(open_of().oid(request), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(half, 5u);
        EXPECT_EQ(request.DATA.QUERY_INFORMATION.BytesWritten, 4u);
        EXPECT_EQ(request.DATA.QUERY_INFORMATION.BytesNeeded, 8u);
        EXPECT_EQ(request.DATA.QUERY_INFORMATION.Oid, NDIS_OID{OID_GEN_BYTES_RCV});
        EXPECT_EQ(request.DATA.QUERY_INFORMATION.InformationBuffer, &half);
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_BYTES_RCV, &half, 3), NDIS_STATUS_BUFFER_TOO_SHORT);
        // What the miniport does not count is not there.
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_XMIT_ERROR, &whole, 8), NDIS_STATUS_NOT_SUPPORTED);
        behaviour().on_oid = nullptr;
    });
}

TEST(OidRules, NdisAnswersForTheNetworkInterface) {
    with_stack([] {
        ULONG number = 0;
        const auto ask_number = [&](NDIS_OID oid) {
            EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, oid, &number, sizeof(number)), NDIS_STATUS_SUCCESS);
            return number;
        };
        EXPECT_EQ(ask_number(OID_GEN_ADMIN_STATUS), NET_IF_ADMIN_STATUS_UP);
        EXPECT_EQ(ask_number(OID_GEN_OPERATIONAL_STATUS), NET_IF_OPER_STATUS_UP);
        nic().indicate_link(false);
        EXPECT_EQ(ask_number(OID_GEN_OPERATIONAL_STATUS), NET_IF_OPER_STATUS_DOWN);
        EXPECT_EQ(ask_number(OID_GEN_MEDIA_CONNECT_STATUS_EX), static_cast<ULONG>(MediaConnectStateDisconnected));
        NDIS_INTERFACE_INFORMATION info{};
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_INTERFACE_INFO, &info, sizeof(info)),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(info.ifMtu, 1500u);
        EXPECT_EQ(info.ifOperStatusFlags, static_cast<ULONG>(NET_IF_OPER_STATUS_DOWN_NOT_MEDIA_CONNECTED));
        NDIS_IF_COUNTED_STRING alias{};
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_ALIAS, &alias, sizeof(alias)),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(std::u16string(alias.String, alias.Length / 2), u"Fixture 0001");
    });
}

}  // namespace
}  // namespace ndiskit::ndis
