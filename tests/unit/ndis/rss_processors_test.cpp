// Which processors an adapter's keywords leave to receive side scaling.
#include <gtest/gtest.h>

#include <vector>

#include "fixture.h"
#include "nt/ke/processor.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

const std::u16string adapter_key = std::u16string(layout::class_key) + u"\\0001";

struct Answer {
    std::vector<std::byte> buffer;
    const NDIS_RSS_PROCESSOR_INFO& info() const {
        return *reinterpret_cast<const NDIS_RSS_PROCESSOR_INFO*>(buffer.data());
    }
    std::vector<int> numbers() const {
        std::vector<int> numbers;
        for (ULONG i = 0; i < info().RssProcessorCount; i++)
            numbers.push_back(reinterpret_cast<const NDIS_RSS_PROCESSOR*>(buffer.data() + info().RssProcessorArrayOffset +
                                                                          i * info().RssProcessorEntrySize)
                                  ->ProcNum.Number);
        return numbers;
    }
};

Answer ask(NDIS_HANDLE handle) {
    SIZE_T size = 0;
    EXPECT_EQ(NdisGetRssProcessorInformation(handle, nullptr, &size), NDIS_STATUS_BUFFER_TOO_SHORT);
    Answer answer{std::vector<std::byte>(size)};
    auto* info = reinterpret_cast<NDIS_RSS_PROCESSOR_INFO*>(answer.buffer.data());
    EXPECT_EQ(NdisGetRssProcessorInformation(handle, info, &size), NDIS_STATUS_SUCCESS);
    EXPECT_EQ(size, answer.buffer.size());
    return answer;
}

std::vector<int> from_to(int first, int last) {
    std::vector<int> numbers;
    for (int i = first; i <= last; i++)
        numbers.push_back(i);
    return numbers;
}

TEST(RssProcessors, AllAreUsedWithoutKeywords) {
    with_stack([] {
        const int last = static_cast<int>(nt::ke::processor_count()) - 1;
        const Answer answer = ask(nic().handle);
        EXPECT_EQ(answer.info().Header.Type, NDIS_OBJECT_TYPE_RSS_PROCESSOR_INFO);
        EXPECT_EQ(answer.info().Header.Revision, NDIS_RSS_PROCESSOR_INFO_REVISION_2);
        EXPECT_EQ(answer.info().Header.Size, NDIS_SIZEOF_RSS_PROCESSOR_INFO_REVISION_2);
        EXPECT_EQ(answer.info().MaxNumRssProcessors, ULONG(last) + 1);
        EXPECT_EQ(answer.numbers(), from_to(0, last));
        EXPECT_EQ(ask(open_of().handle).numbers(), from_to(0, last));
    });
}

TEST(RssProcessors, KeywordsOfTheAdapterLimitThem) {
    with_prepared_stack(
        [] {
            set_text(adapter_key, u"*RssBaseProcNumber", u"1");
            set_text(adapter_key, u"*MaxRssProcessors", u"1");
            set_text(adapter_key, u"*RSSProfile", u"4");
        },
        [] {
            const int last = static_cast<int>(nt::ke::processor_count()) - 1;
            const Answer answer = ask(nic().handle);
            EXPECT_EQ(answer.info().RssBaseProcessor.Number, 1);
            EXPECT_EQ(answer.info().RssMaxProcessor.Number, last);
            EXPECT_EQ(answer.info().MaxNumRssProcessors, 1u);
            EXPECT_EQ(answer.info().RssProfile, NdisRssProfileNumaStatic);
            EXPECT_EQ(answer.numbers(), from_to(1, last));
        });
}

TEST(RssProcessors, AKeywordNamesTheHighest) {
    with_prepared_stack(
        [] {
            set_number(adapter_key, u"*RssBaseProcNumber", 0);
            set_number(adapter_key, u"*RssMaxProcNumber", 0);
        },
                        [] {
                            EXPECT_EQ(ask(nic().handle).info().RssMaxProcessor.Number, 0);
                            EXPECT_EQ(ask(nic().handle).numbers(), from_to(0, 0));
                        });
}

// More than there are processors is as many as there are.
TEST(RssProcessors, KeywordsBeyondTheMachineAreCut) {
    with_prepared_stack(
        [] {
            set_number(adapter_key, u"*RssBaseProcNumber", 63);
            set_number(adapter_key, u"*MaxRssProcessors", 64);
        },
        [] {
            const int last = static_cast<int>(nt::ke::processor_count()) - 1;
            EXPECT_EQ(ask(nic().handle).numbers(), from_to(last, last));
            EXPECT_EQ(ask(nic().handle).info().MaxNumRssProcessors, 1u);
        });
}

TEST(RssProcessors, AnOlderDriverHearsOfItInItsRevision) {
    with_prepared_stack([] { behaviour().minor_version = 20; },
                        [] {
                            const Answer answer = ask(nic().handle);
                            EXPECT_EQ(answer.info().Header.Revision, NDIS_RSS_PROCESSOR_INFO_REVISION_1);
                            EXPECT_EQ(answer.info().Header.Size, NDIS_SIZEOF_RSS_PROCESSOR_INFO_REVISION_1);
                        });
}

}  // namespace
}  // namespace ndiskit::ndis
