#include "client/session.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ndiskit::client {

struct Session::Hold {
    explicit Hold(Link& link) : link_(link) { link_.lock(); }
    ~Hold() { link_.unlock(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    Link& link_;
};

// Requests do not keep their session: those with callbacks end here when the program drops all else.
Session::~Session() {
    link_->hang_up();
    {
        const Hold hold(*link_);
        complete_all(status_machine_gone);
        ending_ = true;
        link_->wake();
    }
    link_->join_threads();
}

std::expected<Account, std::string> Session::greet(Account account) {
    link_->start(*this);
    Message hello;
    hello.kind = Kind::hello;
    hello.code = static_cast<uint32_t>(account);
    hello.value = protocol_version;
    link_->send(encode(hello));
    const Hold hold(*link_);
    while (!welcome_ && !gone_) link_->wait({});
    if (!welcome_)
        return std::unexpected("the machine refuses this program: the account is not its own to take");
    return account_;
}

uint16_t Session::take_lane() {
    for (;;) {
        const int lane = std::countr_one(busy_lanes_);
        if (lane < most_lanes) {
            busy_lanes_ |= uint64_t{1} << lane;
            return static_cast<uint16_t>(lane);
        }
        link_->wait({});
    }
}

std::shared_ptr<RequestState> Session::submit(Message message, std::span<uint8_t> output, Callback callback) {
    auto request = std::make_shared<RequestState>();
    request->handle = message.handle;
    request->output = output;
    request->callback = std::move(callback);
    const Hold hold(*link_);
    if (request->callback && !callback_thread_) {
        callback_thread_ = true;
        link_->start_thread([this] { run_callbacks(); });
    }
    message.lane = take_lane();
    message.id = request->id = next_id_++;
    const std::vector<uint8_t> frame = encode(message);
    requests_[request->id] = request;
    if (!decode(frame)) {
        Message refused;
        refused.code = static_cast<uint32_t>(status_invalid_parameter);
        complete(*request, refused);
    } else if (gone_) {
        complete_all(status_machine_gone);
    } else {
        link_->unlock();
        const bool sent = link_->send(frame);
        link_->lock();
        // The reader has the last that the machine said, and ends all requests then.
        while (!sent && !gone_) link_->wait({});
    }
    while (!request->handed_over) link_->wait({});
    busy_lanes_ &= ~(uint64_t{1} << message.lane);
    link_->wake();
    return request;
}

Completion Session::wait(RequestState& request) {
    const Hold hold(*link_);
    while (!request.complete) link_->wait({});
    return request.completion;
}

std::optional<Completion> Session::wait_for(RequestState& request, Milliseconds time) {
    const Hold hold(*link_);
    const Milliseconds deadline = link_->now() + time;
    while (!request.complete && link_->now() < deadline) link_->wait(deadline);
    if (!request.complete) return std::nullopt;
    return request.completion;
}

bool Session::is_pending(const RequestState& request) {
    const Hold hold(*link_);
    return !request.complete;
}

std::optional<uint32_t> Session::stop_code() {
    const Hold hold(*link_);
    return stop_code_;
}

void Session::cancel(uint32_t handle, uint64_t id) {
    Message message;
    message.kind = Kind::cancel;
    message.handle = handle;
    message.value = id;
    link_->send(encode(message));
}

void Session::take(std::span<const uint8_t> frame) {
    const auto message = decode(frame);
    const Hold hold(*link_);
    if (!message) return;
    if (message->kind == Kind::welcome) {
        welcome_ = true;
        account_ = static_cast<Account>(message->code);
    } else if (message->kind == Kind::crashed) {
        stop_code_ = message->code;
    } else if (const auto found = requests_.find(message->id); found != requests_.end()) {
        if (message->kind == Kind::pending) found->second->handed_over = true;
        if (message->kind == Kind::done) complete(*found->second, *message);
    }
    link_->wake();
}

void Session::gone() {
    const Hold hold(*link_);
    gone_ = true;
    complete_all(status_machine_gone);
    link_->wake();
}

void Session::complete_all(int32_t status) {
    Message message;
    message.code = static_cast<uint32_t>(status);
    while (!requests_.empty()) {
        const auto request = requests_.begin()->second;
        complete(*request, message);
    }
}

void Session::complete(RequestState& request, const Message& message) {
    const auto node = requests_.extract(request.id);
    request.completion = {static_cast<int32_t>(message.code), message.value};
    request.new_handle = message.handle;
    const size_t size = std::min(message.bytes.size(), request.output.size());
    if (size != 0) std::memcpy(request.output.data(), message.bytes.data(), size);
    request.handed_over = true;
    if (request.callback)
        callbacks_.push_back(node.mapped());  // complete only when it was called: who waits may then free
    else
        request.complete = true;
}

void Session::run_callbacks() {
    const Hold hold(*link_);
    for (;;) {
        while (callbacks_.empty() && !ending_) link_->wait({});
        if (callbacks_.empty()) return;
        const std::shared_ptr<RequestState> request = std::move(callbacks_.front());
        callbacks_.pop_front();
        link_->unlock();
        request->callback(request->completion);
        link_->lock();
        request->complete = true;
        link_->wake();
    }
}

}  // namespace ndiskit::client
