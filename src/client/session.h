// A connection of a program with a machine: requests on their way, the lanes they go by, and the callbacks
// that are due. A lane stands for a thread of the program; it is taken while a request is being handed to the
// driver and free again when the machine has said `pending` or `done`, so requests of one thread keep their
// order.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "client/device.h"
#include "client/link.h"
#include "client/protocol.h"

namespace ndiskit::client {

// STATUS_CONNECTION_DISCONNECTED: the machine is gone.
inline constexpr int32_t status_machine_gone = static_cast<int32_t>(0xC000020C);
inline constexpr int32_t status_invalid_parameter = static_cast<int32_t>(0xC000000D);

struct RequestState {
    uint64_t id = 0;
    uint32_t handle = 0;
    std::span<uint8_t> output = {};
    Callback callback = {};
    bool handed_over = false;  // the driver has it, or it is complete
    bool complete = false;
    Completion completion = {};
    uint32_t new_handle = 0;  // of an open
};

class Session : public Receiver, public std::enable_shared_from_this<Session> {
  public:
    explicit Session(std::unique_ptr<Link> link) : link_(std::move(link)) {}
    ~Session() override;

    std::expected<Account, std::string> greet(Account account);
    Account account() const { return account_; }

    // Sends the request and returns when the driver has it. `message` lacks id and lane.
    std::shared_ptr<RequestState> submit(Message message, std::span<uint8_t> output, Callback callback);
    Completion wait(RequestState& request);
    std::optional<Completion> wait_for(RequestState& request, Milliseconds time);
    bool is_pending(const RequestState& request);
    // When the machine ended by a bug check: its stop code.
    std::optional<uint32_t> stop_code();
    // All of the handle when `id` is 0.
    void cancel(uint32_t handle, uint64_t id);

    void take(std::span<const uint8_t> frame) override;
    void gone() override;

  private:
    struct Hold;
    uint16_t take_lane();
    void complete(RequestState& request, const Message& message);
    void complete_all(int32_t status);
    void run_callbacks();

    const std::unique_ptr<Link> link_;
    // Under the link's lock:
    std::map<uint64_t, std::shared_ptr<RequestState>> requests_;
    std::deque<std::shared_ptr<RequestState>> callbacks_;  // complete, to be told
    bool callback_thread_ = false;
    bool ending_ = false;
    bool gone_ = false;
    std::optional<uint32_t> stop_code_;
    bool welcome_ = false;
    Account account_ = Account::own;
    uint64_t next_id_ = 1;
    uint64_t busy_lanes_ = 0;
};

}  // namespace ndiskit::client
