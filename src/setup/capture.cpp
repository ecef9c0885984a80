#include "setup/capture.h"

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

    // Gives all edges that there are their interfaces, those without traffic too.
    void add_edges() {
        state_.with([](State& state) { state.add_edges(); });
    }

    void chain(uint32_t edge, ndis::Direction direction, PNET_BUFFER_LIST chain) override {
        const int64_t now = (engine::the().system_time() - unix_epoch) * 100;
        const auto way =
            direction == ndis::Direction::up ? wire::Direction::inbound : wire::Direction::outbound;
        state_.with([&](State& state) {
            if (edge > state.interfaces) state.add_edges();
            for (PNET_BUFFER_LIST nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
                for (PNET_BUFFER nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb)) {
                    iovec parts[max_parts];
                    const size_t count = edge::gather(nb, parts);
                    if (count != 0 && count <= max_parts)
                        state.writer.packet(edge - 1, now, way, {parts, count});
                }
        });
    }

    Result<> flush() {
        return state_.with([](State& state) { return state.writer.flush(); });
    }

  private:
    struct State {
        explicit State(wire::PcapngWriter w) : writer(std::move(w)) {}
        void add_edges() {
            const auto edges = ndis::edge_names();
            for (; interfaces < edges.size(); ++interfaces)
                writer.add_interface(edges[interfaces].name, edges[interfaces].description);
        }
        wire::PcapngWriter writer;
        uint32_t interfaces = 0;  // in the file: edge N is interface N - 1
    };
    Guarded<State, LockRank::setup> state_;
};

Capture::Capture(std::unique_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}
Capture::~Capture() { ndis::observe(nullptr); }

Result<std::unique_ptr<Capture>> Capture::start(const std::string& file) {
    auto recorder = std::make_unique<Recorder>(TRY(wire::PcapngWriter::create(file)));
    ndis::observe(recorder.get());
    return std::unique_ptr<Capture>(new Capture(std::move(recorder)));
}

Result<> Capture::finish() {
    ndis::observe(nullptr);
    recorder_->add_edges();
    return recorder_->flush();
}

}  // namespace ndiskit::setup
