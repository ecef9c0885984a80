#include "client/device.h"

#include <utility>

#include "client/session.h"

namespace ndiskit::client {

// ---- Request

Request::Request(std::shared_ptr<Session> session, std::shared_ptr<RequestState> state)
    : session_(std::move(session)), state_(std::move(state)) {}

void Request::drop() {
    if (state_ && !state_->callback && is_pending()) {
        cancel();
        wait();
    }
    state_.reset();
    session_.reset();
}

Request& Request::operator=(Request&& other) noexcept {
    if (this == &other) return *this;
    drop();
    session_ = std::move(other.session_);
    state_ = std::move(other.state_);
    return *this;
}

bool Request::is_pending() const { return state_ && session_->is_pending(*state_); }

Completion Request::wait() {
    if (!state_) return {status_invalid_parameter, 0};
    return session_->wait(*state_);
}

std::optional<Completion> Request::wait_for(Milliseconds time) {
    if (!state_) return Completion{status_invalid_parameter, 0};
    return session_->wait_for(*state_, time);
}

void Request::cancel() {
    if (state_) session_->cancel(state_->handle, state_->id);
}

// ---- Device

namespace {

Completion wait(Request&& request, std::optional<Milliseconds> time) {
    if (time) {
        if (const auto completion = request.wait_for(*time)) return *completion;
        request.cancel();
    }
    return request.wait();
}

constexpr bool is_buffered(uint32_t code) { return (code & 3) == 0; }

}  // namespace

Device& Device::operator=(Device&& other) noexcept {
    if (this == &other) return *this;
    close();
    session_ = std::move(other.session_);
    handle_ = other.handle_;
    return *this;
}

Request Device::begin_read(std::span<uint8_t> buffer, Callback done, uint64_t offset) {
    if (!session_) return {};
    Message message;
    message.kind = Kind::read;
    message.handle = handle_;
    message.value = offset;
    message.room = static_cast<uint32_t>(std::min<size_t>(buffer.size(), UINT32_MAX));
    return {session_, session_->submit(message, buffer, std::move(done))};
}

Request Device::begin_write(std::span<const uint8_t> buffer, Callback done, uint64_t offset) {
    if (!session_) return {};
    Message message;
    message.kind = Kind::write;
    message.handle = handle_;
    message.value = offset;
    message.bytes = buffer;
    return {session_, session_->submit(message, {}, std::move(done))};
}

Request Device::begin_control(uint32_t code, std::span<const uint8_t> input, std::span<uint8_t> output,
                              Callback done) {
    if (!session_) return {};
    std::vector<uint8_t> bytes(input.begin(), input.end());
    if (!is_buffered(code)) bytes.insert(bytes.end(), output.begin(), output.end());
    Message message;
    message.kind = Kind::control;
    message.handle = handle_;
    message.code = code;
    message.room = static_cast<uint32_t>(std::min<size_t>(output.size(), UINT32_MAX));
    message.first = static_cast<uint32_t>(std::min<size_t>(input.size(), UINT32_MAX));
    message.bytes = bytes;
    return {session_, session_->submit(message, output, std::move(done))};
}

Completion Device::read(std::span<uint8_t> buffer, std::optional<Milliseconds> time, uint64_t offset) {
    return wait(begin_read(buffer, {}, offset), time);
}

Completion Device::write(std::span<const uint8_t> buffer, std::optional<Milliseconds> time, uint64_t offset) {
    return wait(begin_write(buffer, {}, offset), time);
}

Completion Device::control(uint32_t code, std::span<const uint8_t> input, std::span<uint8_t> output,
                           std::optional<Milliseconds> time) {
    return wait(begin_control(code, input, output), time);
}

void Device::cancel_all() {
    if (session_) session_->cancel(handle_, 0);
}

void Device::close() {
    if (!session_) return;
    Message message;
    message.kind = Kind::close;
    message.handle = handle_;
    const auto session = std::exchange(session_, nullptr);
    session->wait(*session->submit(message, {}, {}));
}

// ---- Machine

std::expected<Machine, std::string> Machine::over(std::unique_ptr<Link> link, Account account) {
    auto session = std::make_shared<Session>(std::move(link));
    const auto granted = session->greet(account);
    if (!granted) return std::unexpected(granted.error());
    return Machine(std::move(session));
}

std::expected<Device, int32_t> Machine::open(std::string_view device, const OpenOptions& options) {
    Message message;
    message.kind = Kind::open;
    message.code = options.access;
    message.value = options.share | uint64_t{options.disposition} << 32;
    message.room = options.create_options;
    message.bytes = {reinterpret_cast<const uint8_t*>(device.data()), device.size()};
    const auto request = session_->submit(message, {}, {});
    const Completion completion = session_->wait(*request);
    if (!completion.good()) return std::unexpected(completion.status);
    return Device(session_, request->new_handle);
}

Account Machine::account() const { return session_->account(); }

std::optional<uint32_t> Machine::stop_code() const { return session_->stop_code(); }

}  // namespace ndiskit::client
