// Checks, steps and answers of receive side scaling.
#include "ndis/receive_scale.h"

#include <bit>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/oid_buffer.h"
#include "ndis/settings.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

namespace {

constexpr ULONG toeplitz_key_size = NDIS_RSS_HASH_SECRET_KEY_SIZE_REVISION_1;

bool is_power_of_two(uint64_t n) { return std::has_single_bit(n); }

// A table of processors holds one byte an entry up to NDIS 6.1 and PROCESSOR_NUMBERs from 6.20 on.
size_t entry_size(UCHAR revision) {
    return revision >= NDIS_RECEIVE_SCALE_PARAMETERS_REVISION_2 ? sizeof(PROCESSOR_NUMBER) : 1;
}

// The key follows the structure; Toeplitz has one of 40 bytes, always.
NDIS_STATUS check_key(uint64_t offset, uint64_t size, size_t input) {
    if (size != toeplitz_key_size)
        return NDIS_STATUS_INVALID_PARAMETER;
    return lies_within(offset, 1, size, input) ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_LENGTH;
}

NDIS_STATUS check_function(ULONG hash_information) {
    return NDIS_RSS_HASH_FUNC_FROM_HASH_INFO(hash_information) == NdisHashFunctionToeplitz
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_INVALID_PARAMETER;
}

NDIS_STATUS check_table(const NDIS_RECEIVE_SCALE_PARAMETERS& p, size_t input) {
    const size_t each = entry_size(p.Header.Revision);
    const size_t entries = p.IndirectionTableSize / each;
    if (p.IndirectionTableSize % each != 0 || !is_power_of_two(entries))
        return NDIS_STATUS_INVALID_PARAMETER;
    return lies_within(p.IndirectionTableOffset, 1, p.IndirectionTableSize, input) ? NDIS_STATUS_SUCCESS
                                                                                   : NDIS_STATUS_INVALID_LENGTH;
}

std::vector<std::byte> whole_input(const NDIS_OID_REQUEST& request) {
    const auto input = input_of(request);
    return {input.begin(), input.end()};
}

NDIS_RECEIVE_SCALE_PARAMETERS read_parameters(const std::vector<std::byte>& whole) {
    NDIS_RECEIVE_SCALE_PARAMETERS p{};
    std::memcpy(&p, whole.data(), std::min<size_t>(whole.size(), sizeof(p)));
    return p;
}

bool turns_off(const NDIS_RECEIVE_SCALE_PARAMETERS& p) {
    return (p.Flags & NDIS_RSS_PARAM_FLAG_DISABLE_RSS) != 0 ||
           ((p.Flags & NDIS_RSS_PARAM_FLAG_HASH_INFO_UNCHANGED) == 0 &&
            NDIS_RSS_HASH_FUNC_FROM_HASH_INFO(p.HashInformation) == 0);
}

// Puts bytes of the old whole at the end of the new one, for a member that did not change.
void carry_over(std::vector<std::byte>& to, const std::vector<std::byte>& from, ULONG old_offset, USHORT old_size,
                ULONG& offset, USHORT& size) {
    size = old_size;
    offset = static_cast<ULONG>(to.size());
    to.insert(to.end(), from.begin() + old_offset, from.begin() + old_offset + old_size);
}

// What is set from now on: what was given, with what it calls unchanged from before.
std::vector<std::byte> merged(const std::vector<std::byte>& before, std::vector<std::byte> given) {
    NDIS_RECEIVE_SCALE_PARAMETERS p = read_parameters(given);
    if (turns_off(p))
        return {};
    if (!before.empty()) {
        const NDIS_RECEIVE_SCALE_PARAMETERS old = read_parameters(before);
        if (p.Flags & NDIS_RSS_PARAM_FLAG_HASH_INFO_UNCHANGED)
            p.HashInformation = old.HashInformation;
        if (p.Flags & NDIS_RSS_PARAM_FLAG_ITABLE_UNCHANGED)
            carry_over(given, before, old.IndirectionTableOffset, old.IndirectionTableSize, p.IndirectionTableOffset,
                       p.IndirectionTableSize);
        if (p.Flags & NDIS_RSS_PARAM_FLAG_HASH_KEY_UNCHANGED)
            carry_over(given, before, old.HashSecretKeyOffset, old.HashSecretKeySize, p.HashSecretKeyOffset,
                       p.HashSecretKeySize);
    }
    p.Flags = 0;
    std::memcpy(given.data(), &p, p.Header.Size < sizeof(p) ? p.Header.Size : sizeof(p));
    return given;
}

// The same for receive hashes.
std::vector<std::byte> merged_hash(const std::vector<std::byte>& before, std::vector<std::byte> given) {
    NDIS_RECEIVE_HASH_PARAMETERS p{};
    std::memcpy(&p, given.data(), sizeof(p));
    if ((p.Flags & NDIS_RECEIVE_HASH_FLAG_ENABLE_HASH) == 0)
        return {};
    if (!before.empty()) {
        NDIS_RECEIVE_HASH_PARAMETERS old{};
        std::memcpy(&old, before.data(), sizeof(old));
        if (p.Flags & NDIS_RECEIVE_HASH_FLAG_HASH_INFO_UNCHANGED)
            p.HashInformation = old.HashInformation;
        if (p.Flags & NDIS_RECEIVE_HASH_FLAG_HASH_KEY_UNCHANGED)
            carry_over(given, before, old.HashSecretKeyOffset, old.HashSecretKeySize, p.HashSecretKeyOffset,
                       p.HashSecretKeySize);
    }
    p.Flags = NDIS_RECEIVE_HASH_FLAG_ENABLE_HASH;
    std::memcpy(given.data(), &p, sizeof(p));
    return given;
}

void set_v2(ReceiveScale& scale, const NDIS_OID_REQUEST& request) {
    const auto p = read_input<NDIS_RECEIVE_SCALE_PARAMETERS_V2>(request);
    const std::byte* key = input_of(request).data() + p.HashSecretKeyOffset;
    scale.with([&](ReceiveScale::State& s) {
        s.v2.Header = p.Header;
        s.v2.Flags = p.Flags & NDIS_RECEIVE_SCALE_PARAM_ENABLE_RSS;
        if (p.Flags & NDIS_RECEIVE_SCALE_PARAM_HASH_INFO_CHANGED)
            s.v2.HashInformation = p.HashInformation;
        if (p.Flags & NDIS_RECEIVE_SCALE_PARAM_HASH_KEY_CHANGED)
            std::memcpy(s.v2_key.data(), key, s.v2_key.size());
        if (p.Flags & NDIS_RECEIVE_SCALE_PARAM_NUMBER_OF_QUEUES_CHANGED)
            s.v2.NumberOfQueues = p.NumberOfQueues;
        if (p.Flags & NDIS_RECEIVE_SCALE_PARAM_NUMBER_OF_ENTRIES_CHANGED)
            s.v2.NumberOfIndirectionTableEntries = p.NumberOfIndirectionTableEntries;
    });
}

class SetScale : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        const Adapter& adapter = binding.adapter;
        if (!adapter.attributes.receive_scale.present())
            return NDIS_STATUS_NOT_SUPPORTED;
        if (oid_of(request) == OID_GEN_RECEIVE_SCALE_PARAMETERS_V2 && !has_rss_v2(adapter))
            return NDIS_STATUS_NOT_SUPPORTED;
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        ReceiveScale& scale = binding.adapter.settings->receive_scale;
        std::vector<std::byte> given = whole_input(request);
        const ReceiveScale::State before = scale.with([](const auto& s) { return s; });
        switch (oid_of(request)) {
        case OID_GEN_RECEIVE_SCALE_PARAMETERS_V2: set_v2(scale, request); break;
        case OID_GEN_RECEIVE_SCALE_PARAMETERS:
            given = merged(before.parameters, std::move(given));
            scale.with([&](ReceiveScale::State& s) { s.parameters.swap(given); });
            break;
        default:
            given = merged_hash(before.hash, std::move(given));
            scale.with([&](ReceiveScale::State& s) { s.hash.swap(given); });
        }
        return status;
    }
};

// What RSSv2 has set, in the form of the older structure: with the indirection table of the moment.
std::vector<std::byte> from_v2(const ReceiveScale::State& s, Version version) {
    const size_t table_size = s.v2.NumberOfIndirectionTableEntries * sizeof(PROCESSOR_NUMBER);
    NDIS_RECEIVE_SCALE_PARAMETERS p{};
    p.Header = receive_scale_parameters_structure.header(version);
    p.HashInformation = s.v2.HashInformation;
    p.IndirectionTableOffset = sizeof(p);
    p.IndirectionTableSize = static_cast<USHORT>(table_size);
    p.HashSecretKeyOffset = static_cast<ULONG>(sizeof(p) + table_size);
    p.HashSecretKeySize = toeplitz_key_size;
    std::vector<std::byte> whole(sizeof(p) + table_size + toeplitz_key_size);
    std::memcpy(whole.data(), &p, sizeof(p));
    std::memcpy(whole.data() + p.IndirectionTableOffset, s.v2_table.data(), table_size);
    std::memcpy(whole.data() + p.HashSecretKeyOffset, s.v2_key.data(), s.v2_key.size());
    return whole;
}

// RSS that is off is a structure without hash function, table and key.
NDIS_STATUS put_parameters(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const ReceiveScale::State state = adapter.settings->receive_scale.with([](const auto& s) { return s; });
    if (state.v2.Flags & NDIS_RECEIVE_SCALE_PARAM_ENABLE_RSS) {
        const auto whole = from_v2(state, adapter.driver.version);
        return put(request, whole.data(), whole.size());
    }
    if (!state.parameters.empty())
        return put(request, state.parameters.data(), state.parameters.size());
    NDIS_RECEIVE_SCALE_PARAMETERS off{};
    off.Header = receive_scale_parameters_structure.header(adapter.driver.version);
    return put(request, &off, off.Header.Size);
}

NDIS_STATUS put_parameters_v2(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    if (!has_rss_v2(adapter))
        return NDIS_STATUS_NOT_SUPPORTED;
    const ReceiveScale::State state = adapter.settings->receive_scale.with([](const auto& s) { return s; });
    NDIS_RECEIVE_SCALE_PARAMETERS_V2 p = state.v2;
    p.Header = receive_scale_parameters_v2_structure.header(ndis_6_80);
    p.HashSecretKeySize = toeplitz_key_size;
    p.HashSecretKeyOffset = sizeof(p);
    std::array<std::byte, sizeof(p) + toeplitz_key_size> whole{};
    std::memcpy(whole.data(), &p, sizeof(p));
    std::memcpy(whole.data() + sizeof(p), state.v2_key.data(), state.v2_key.size());
    return put(request, whole.data(), whole.size());
}

NDIS_STATUS put_hash(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const std::vector<std::byte> whole = adapter.settings->receive_scale.with([](const auto& s) { return s.hash; });
    if (!whole.empty())
        return put(request, whole.data(), whole.size());
    NDIS_RECEIVE_HASH_PARAMETERS off{};
    off.Header = receive_hash_structure.header(ndis_6_0);
    return put(request, &off, off.Header.Size);
}

}  // namespace

bool has_rss_v2(const Adapter& adapter) {
    const auto* capabilities = adapter.attributes.receive_scale.get<NDIS_RECEIVE_SCALE_CAPABILITIES>();
    return adapter.driver.version >= ndis_6_80 && capabilities != nullptr &&
           (capabilities->CapabilitiesFlags & NDIS_RSS_CAPS_SUPPORTS_INDEPENDENT_ENTRY_MOVE) != 0;
}

std::unique_ptr<OidStep> make_receive_scale_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<SetScale>();
}

NDIS_STATUS check_receive_scale(const NDIS_OID_REQUEST& request) {
    const auto p = read_input<NDIS_RECEIVE_SCALE_PARAMETERS>(request);
    if (p.Flags & NDIS_RSS_PARAM_FLAG_DISABLE_RSS)
        return NDIS_STATUS_SUCCESS;
    const size_t input = input_of(request).size();
    if (!(p.Flags & NDIS_RSS_PARAM_FLAG_HASH_INFO_UNCHANGED)) {
        if (NDIS_RSS_HASH_FUNC_FROM_HASH_INFO(p.HashInformation) == 0)
            return NDIS_STATUS_SUCCESS;
        if (const NDIS_STATUS status = check_function(p.HashInformation); status != NDIS_STATUS_SUCCESS)
            return status;
    }
    if (!(p.Flags & NDIS_RSS_PARAM_FLAG_ITABLE_UNCHANGED))
        if (const NDIS_STATUS status = check_table(p, input); status != NDIS_STATUS_SUCCESS)
            return status;
    if (!(p.Flags & NDIS_RSS_PARAM_FLAG_HASH_KEY_UNCHANGED))
        return check_key(p.HashSecretKeyOffset, p.HashSecretKeySize, input);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS check_receive_scale_v2(const NDIS_OID_REQUEST& request) {
    const auto p = read_input<NDIS_RECEIVE_SCALE_PARAMETERS_V2>(request);
    const ULONG entries = p.NumberOfIndirectionTableEntries;
    if ((p.Flags & NDIS_RECEIVE_SCALE_PARAM_HASH_INFO_CHANGED) &&
        check_function(p.HashInformation) != NDIS_STATUS_SUCCESS)
        return NDIS_STATUS_INVALID_PARAMETER;
    if ((p.Flags & NDIS_RECEIVE_SCALE_PARAM_NUMBER_OF_ENTRIES_CHANGED) &&
        (!is_power_of_two(entries) || entries > ReceiveScale::max_entries))
        return NDIS_STATUS_INVALID_PARAMETER;
    if (p.Flags & NDIS_RECEIVE_SCALE_PARAM_HASH_KEY_CHANGED)
        return check_key(p.HashSecretKeyOffset, p.HashSecretKeySize, input_of(request).size());
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS check_receive_hash(const NDIS_OID_REQUEST& request) {
    const auto p = read_input<NDIS_RECEIVE_HASH_PARAMETERS>(request);
    if ((p.Flags & NDIS_RECEIVE_HASH_FLAG_ENABLE_HASH) == 0)
        return NDIS_STATUS_SUCCESS;
    if (!(p.Flags & NDIS_RECEIVE_HASH_FLAG_HASH_INFO_UNCHANGED) &&
        check_function(p.HashInformation) != NDIS_STATUS_SUCCESS)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (p.Flags & NDIS_RECEIVE_HASH_FLAG_HASH_KEY_UNCHANGED)
        return NDIS_STATUS_SUCCESS;
    return check_key(p.HashSecretKeyOffset, p.HashSecretKeySize, input_of(request).size());
}

NDIS_STATUS check_rss_entries(const NDIS_OID_REQUEST& request) {
    const auto p = read_input<NDIS_RSS_SET_INDIRECTION_ENTRIES>(request);
    if (p.NumberOfRssEntries == 0 || p.RssEntrySize < NDIS_SIZEOF_RSS_SET_INDIRECTION_ENTRY_REVISION_1)
        return NDIS_STATUS_INVALID_PARAMETER;
    return lies_within(p.RssEntryTableOffset, p.NumberOfRssEntries, p.RssEntrySize, input_of(request).size())
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_INVALID_LENGTH;
}

void keep_rss_entries(Adapter& adapter, const NDIS_OID_REQUEST& request) {
    const auto p = read_input<NDIS_RSS_SET_INDIRECTION_ENTRIES>(request);
    const std::byte* first = input_of(request).data() + p.RssEntryTableOffset;
    adapter.settings->receive_scale.with([&](ReceiveScale::State& s) {
        for (size_t i = 0; i < p.NumberOfRssEntries; i++) {
            NDIS_RSS_SET_INDIRECTION_ENTRY entry{};
            std::memcpy(&entry, first + i * p.RssEntrySize, sizeof(entry));
            if (entry.EntryStatus == NDIS_STATUS_SUCCESS && entry.IndirectionTableIndex < s.v2_table.size())
                s.v2_table[entry.IndirectionTableIndex] = entry.TargetProcessorNumber;
        }
    });
}

bool answer_receive_scale(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    switch (oid_of(request)) {
    case OID_GEN_RECEIVE_SCALE_PARAMETERS: status = put_parameters(adapter, request); break;
    case OID_GEN_RECEIVE_SCALE_PARAMETERS_V2: status = put_parameters_v2(adapter, request); break;
    case OID_GEN_RECEIVE_HASH: status = put_hash(adapter, request); break;
    default: return false;
    }
    if (!adapter.attributes.receive_scale.present())
        status = NDIS_STATUS_NOT_SUPPORTED;
    return true;
}

}  // namespace ndiskit::ndis
