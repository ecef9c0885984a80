// Structures with an NDIS_OBJECT_HEADER: which revisions there are and since when. NDIS hands a driver the newest
// revision that the driver's own version knows, and takes every revision: a newer structure is readable as an older
// one, for revisions only grow.
#pragma once

#include <span>

#include "ndis/abi.h"
#include "ndis/attributes.h"
#include "ndis/versions.h"

namespace ndiskit::ndis {

struct StructureKind {
    UCHAR type;
    std::span<const Revision> revisions;  // oldest first

    // The newest that a driver of `version` knows; the oldest one for a driver that knows none.
    const Revision& newest(Version version) const;
    NDIS_OBJECT_HEADER header(Version version) const;
};

extern const StructureKind offload_structure;
extern const StructureKind pm_capabilities_structure;
extern const StructureKind pm_parameters_structure;
extern const StructureKind wol_pattern_structure;
extern const StructureKind protocol_offload_structure;
extern const StructureKind receive_scale_capabilities_structure;
extern const StructureKind receive_scale_parameters_structure;
extern const StructureKind receive_scale_parameters_v2_structure;
extern const StructureKind rss_entries_structure;
extern const StructureKind receive_hash_structure;
extern const StructureKind receive_filter_capabilities_structure;
extern const StructureKind nic_switch_capabilities_structure;
extern const StructureKind receive_queue_structure;
extern const StructureKind receive_queue_free_structure;
extern const StructureKind receive_queue_info_structure;
extern const StructureKind queue_allocation_complete_structure;
extern const StructureKind receive_filter_structure;
extern const StructureKind receive_filter_clear_structure;
extern const StructureKind receive_filter_move_structure;
extern const StructureKind receive_filter_info_array_structure;
extern const StructureKind receive_filter_global_structure;
extern const StructureKind offload_parameters_structure;
extern const StructureKind encapsulation_structure;
extern const StructureKind qos_parameters_structure;
extern const StructureKind qos_capabilities_structure;
extern const StructureKind interrupt_moderation_structure;
extern const StructureKind link_parameters_structure;
extern const StructureKind port_authentication_structure;
extern const StructureKind statistics_structure;
extern const StructureKind hd_split_structure;

// Makes a copied structure say no more than a driver of `version` knows.
void limit(HeaderedCopy& copy, Version version, const StructureKind& kind);

// What a buffer that is said to hold such a structure is worth.
enum class Fit : uint8_t {
    good,
    too_short,  // `needed` bytes at least
    wrong       // another type, no revision, or a Size that its revision cannot have
};
struct Fitting {
    Fit fit;
    uint32_t needed;
};
Fitting fit(const StructureKind& kind, const void* buffer, uint32_t length);

}  // namespace ndiskit::ndis
