// The processors that receive side scaling may use for an adapter: those that the standardized keywords of its key
// leave, all of them without. The keywords are read when the device starts, since drivers ask at DISPATCH_LEVEL too.
// https://learn.microsoft.com/windows-hardware/drivers/network/standardized-inf-keywords-for-rss
#include <algorithm>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "nt/ke/processor.h"

namespace ndiskit::ndis {

namespace {

constexpr Revision revisions[] = {
    {ndis_6_20, NDIS_RSS_PROCESSOR_INFO_REVISION_1, NDIS_SIZEOF_RSS_PROCESSOR_INFO_REVISION_1},
    {ndis_6_30, NDIS_RSS_PROCESSOR_INFO_REVISION_2, NDIS_SIZEOF_RSS_PROCESSOR_INFO_REVISION_2},
};

struct RssAsker {
    RssKeywords keywords;
    Version version;
};

RssAsker asker_behind(NDIS_HANDLE handle) {
    if (is_handle_of<Adapter>(handle)) {
        const auto& adapter = resolve<Adapter>(handle, "NdisGetRssProcessorInformation");
        return {adapter.config.rss, adapter.driver.version};
    }
    if (is_handle_of<Binding>(handle)) {
        const auto& binding = resolve<Binding>(handle, "NdisGetRssProcessorInformation");
        return {binding.adapter.config.rss, binding.protocol.version};
    }
    if (is_handle_of<FilterModule>(handle)) {
        const auto& module = resolve<FilterModule>(handle, "NdisGetRssProcessorInformation");
        return {module.adapter.config.rss, module.driver.version};
    }
    return {{}, machine_version()};
}

PROCESSOR_NUMBER number_of(uint32_t index) {
    return {.Group = 0, .Number = static_cast<UCHAR>(index), .Reserved = 0};
}

// From `first` to `last`; there is one at least, whatever the keywords say.
struct Range {
    uint32_t first, last;
    uint32_t count() const { return last - first + 1; }
};
Range range_of(const RssKeywords& keywords) {
    const uint32_t highest = nt::ke::processor_count() - 1;
    const uint32_t first = std::min(keywords.base_processor, highest);
    return {first, std::clamp(keywords.highest_processor, first, highest)};
}

void fill(NDIS_RSS_PROCESSOR_INFO& info, const RssAsker& asker, const Range& range) {
    info = {};
    info.Header = header_for(NDIS_OBJECT_TYPE_RSS_PROCESSOR_INFO, asker.version, revisions);
    info.RssBaseProcessor = number_of(range.first);
    info.MaxNumRssProcessors = std::clamp(asker.keywords.most_processors, 1u, range.count());
    info.RssProcessorArrayOffset = sizeof(info);
    info.RssProcessorCount = range.count();
    info.RssProcessorEntrySize = sizeof(NDIS_RSS_PROCESSOR);
    info.RssMaxProcessor = number_of(range.last);
    info.RssProfile = static_cast<NDIS_RSS_PROFILE>(asker.keywords.profile);
    // All processors are on one node, as near as can be.
    auto* entries = reinterpret_cast<NDIS_RSS_PROCESSOR*>(&info + 1);
    for (uint32_t i = 0; i < range.count(); i++)
        entries[i] = {.ProcNum = number_of(range.first + i)};
}

}  // namespace

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetrssprocessorinformation
extern "C" NDIS_STATUS NTAPI NdisGetRssProcessorInformation(NDIS_HANDLE NdisHandle,
                                                            PNDIS_RSS_PROCESSOR_INFO RssProcessorInfo, PSIZE_T Size) {
    const RssAsker asker = asker_behind(NdisHandle);
    const Range range = range_of(asker.keywords);
    const SIZE_T wanted = sizeof(NDIS_RSS_PROCESSOR_INFO) + range.count() * sizeof(NDIS_RSS_PROCESSOR);
    const bool fits = RssProcessorInfo != nullptr && *Size >= wanted;
    *Size = wanted;
    if (!fits)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    fill(*RssProcessorInfo, asker, range);
    return NDIS_STATUS_SUCCESS;
}
