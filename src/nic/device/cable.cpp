#include "nic/device/cable.h"

#include <array>
#include <optional>
#include <vector>

#include "base/log.h"
#include "edge/poll_thread.h"
#include "nic/segment.h"
#include "wire/tap_device.h"

namespace ndiskit::nic {
namespace {

class SegmentCable final : public Cable, public Port {
  public:
    explicit SegmentCable(const std::string& name) : segment_(segment(name)) {}

    Result<> plug(Receiver receiver) override {
        receiver_ = std::move(receiver);
        segment_.plug(*this);
        return {};
    }
    void unplug() override { segment_.unplug(*this); }
    void send(std::span<const uint8_t> frame) override {
        const iovec piece{const_cast<uint8_t*>(frame.data()), frame.size()};
        segment_.send(this, {&piece, 1});
    }
    void deliver(std::span<const iovec> pieces, const wire::Offload&) override {
        std::vector<uint8_t> frame;
        for (const iovec& piece : pieces) {
            const auto* bytes = static_cast<const uint8_t*>(piece.iov_base);
            frame.insert(frame.end(), bytes, bytes + piece.iov_len);
        }
        receiver_(frame);
    }

  private:
    Segment& segment_;
    Receiver receiver_;
};

class TapCable final : public Cable {
  public:
    explicit TapCable(std::string name) : name_(std::move(name)) {}

    Result<> plug(Receiver receiver) override {
        receiver_ = std::move(receiver);
        tap_.emplace(TRY(wire::TapDevice::create(name_, {.checksum_offload = false, .gso = false})));
        if (!poll_.start(tap_->descriptor(), [this] { return receive(); }))
            return fail("cannot start the polling thread", "TAP '" + name_ + "'");
        return {};
    }
    void unplug() override {
        poll_.stop();
        tap_.reset();
    }
    void send(std::span<const uint8_t> frame) override {
        const iovec piece{const_cast<uint8_t*>(frame.data()), frame.size()};
        if (const int error = tap_->write({&piece, 1}, {}))
            log_debug("nic", "TAP {} does not take a frame: {}", name_, error);
    }

  private:
    static constexpr size_t longest_frame = 65536;
    static constexpr int batch_size = 32;

    edge::PollThread::Found receive() {
        int count = 0;
        for (; count < batch_size; ++count) {
            wire::Offload offload;
            const iovec into{buffer_.data(), buffer_.size()};
            const ssize_t size = tap_->read({&into, 1}, offload);
            if (size <= 0) break;
            receiver_({buffer_.data(), static_cast<size_t>(size)});
        }
        return count > 0 ? edge::PollThread::Found::work : edge::PollThread::Found::nothing;
    }

    const std::string name_;
    Receiver receiver_;
    std::optional<wire::TapDevice> tap_;
    edge::PollThread poll_;
    std::array<uint8_t, longest_frame> buffer_;
};

}  // namespace

std::unique_ptr<Cable> make_cable(const std::string& kind, const std::string& name) {
    if (kind == "memory") return std::make_unique<SegmentCable>(name);
    if (kind == "tap") return std::make_unique<TapCable>(name);
    return nullptr;
}

}  // namespace ndiskit::nic
