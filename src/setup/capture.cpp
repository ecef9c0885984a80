#include "setup/capture.h"

#include <fmt/format.h>

#include <map>

#include "base/guarded.h"
#include "edge/gather.h"
#include "engine/engine.h"
#include "ndis/library.h"
#include "wire/pcapng.h"

namespace ndiskit::setup {
namespace {

constexpr size_t max_parts = 64;
constexpr int64_t unix_epoch = 116'444'736'000'000'000;  // in 100 ns since 1601

}  // namespace

class Capture::Recorder final : public ndis::Observer {
  public:
    explicit Recorder(wire::PcapngWriter writer) : state_(std::move(writer)) {}

    void name(uint32_t edge, const std::string& name, const std::string& description) {
        state_.with([&](State& state) {
            state.interfaces.try_emplace(edge, state.writer.add_interface(name, description));
        });
    }

    void chain(uint32_t edge, ndis::Direction direction, PNET_BUFFER_LIST chain) override {
        const int64_t now = (engine::the().system_time() - unix_epoch) * 100;
        const auto way =
            direction == ndis::Direction::up ? wire::Direction::inbound : wire::Direction::outbound;
        state_.with([&](State& state) {
            auto [found, added] = state.interfaces.try_emplace(edge, 0);
            if (added) found->second = state.writer.add_interface(fmt::format("edge {}", edge), "");
            for (PNET_BUFFER_LIST nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
                for (PNET_BUFFER nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb)) {
                    iovec parts[max_parts];
                    const size_t count = edge::gather(nb, parts);
                    if (count != 0 && count <= max_parts)
                        state.writer.packet(found->second, now, way, {parts, count});
                }
        });
    }

    Result<> flush() {
        return state_.with([](State& state) { return state.writer.flush(); });
    }

  private:
    struct State {
        explicit State(wire::PcapngWriter w) : writer(std::move(w)) {}
        wire::PcapngWriter writer;
        std::map<uint32_t, uint32_t> interfaces;  // of the file, by edge id
    };
    Guarded<State, LockRank::setup> state_;
};

Capture::Capture(std::unique_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}
Capture::~Capture() { ndis::observe(nullptr); }

Result<std::unique_ptr<Capture>> Capture::start(const std::string& file) {
    auto recorder = std::make_unique<Recorder>(TRY(wire::PcapngWriter::create(file)));
    for (const ndis::AdapterView& adapter : ndis::adapters()) {
        recorder->name(adapter.edge_id, adapter.description, "miniport of " + adapter.driver);
        for (const ndis::FilterView& filter : adapter.filters)
            recorder->name(filter.edge_id, filter.driver + " on " + adapter.description, "filter module");
        for (const ndis::BindingView& binding : adapter.bindings)
            recorder->name(binding.edge_id, binding.protocol + " over " + adapter.description, "binding");
    }
    ndis::observe(recorder.get());
    return std::unique_ptr<Capture>(new Capture(std::move(recorder)));
}

Result<> Capture::finish() {
    ndis::observe(nullptr);
    return recorder_->flush();
}

}  // namespace ndiskit::setup
