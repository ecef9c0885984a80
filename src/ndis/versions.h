// NDIS versions, and which one a release of Windows offers.
#pragma once

#include <compare>
#include <cstdint>

#include "ndis/abi.h"

namespace ndiskit::ndis {

struct Version {
    uint8_t major = 6;
    uint8_t minor = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
};

constexpr Version ndis_6_0{6, 0}, ndis_6_1{6, 1}, ndis_6_20{6, 20}, ndis_6_30{6, 30}, ndis_6_40{6, 40},
    ndis_6_50{6, 50}, ndis_6_60{6, 60}, ndis_6_70{6, 70}, ndis_6_80{6, 80}, ndis_6_82{6, 82}, ndis_6_83{6, 83},
    ndis_6_84{6, 84}, ndis_6_89{6, 89};

// The version that the machine's Windows release offers.
Version machine_version();
// True when the machine knows the version: it exists and is not newer than the machine's.
bool is_known_version(Version version);

// Fills in a header for a structure whose revisions came with certain versions: the newest revision that a driver
// of `version` knows.
struct Revision {
    Version since;
    uint8_t revision;
    uint16_t size;
};
template <size_t count>
constexpr NDIS_OBJECT_HEADER header_for(UCHAR type, Version version, const Revision (&revisions)[count]) {
    NDIS_OBJECT_HEADER header{};
    header.Type = type;
    for (const Revision& r : revisions) {
        if (r.since <= version) {
            header.Revision = r.revision;
            header.Size = r.size;
        }
    }
    return header;
}

}  // namespace ndiskit::ndis
