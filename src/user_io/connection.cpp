#include "user_io/connection.h"

#include <fmt/format.h>

#include <atomic>

#include "client/device.h"
#include "nt/io/file.h"
#include "nt/ke/api.h"
#include "nt/object/object.h"
#include "nt/security/token.h"

namespace ndiskit::user_io {

using client::Account;
using client::Kind;
using client::Message;
using nt::io::ProgramRequest;

// The driver has returned from its dispatch routine; the request is back. Whoever comes second answers.
constexpr uint32_t dispatched = 1, returned = 2;

struct Connection::OnTheWay {
    Connection& owner;
    uint64_t id;
    uint32_t handle;
    size_t cost;
    std::unique_ptr<ProgramRequest> request;
    std::atomic<uint32_t> stage = 0;
    OnTheWay* next_arrived = nullptr;
};

namespace {

void initialize(KEVENT& event) { KeInitializeEvent(&event, SynchronizationEvent, FALSE); }
void set(KEVENT& event) { KeSetEvent(&event, 0, FALSE); }
void wait(KEVENT& event) { KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr); }

size_t cost_of(const Message& message) { return message.bytes.size() + message.room; }

nt::security::Token& token_of(Account account) {
    switch (account) {
        case Account::system:
            return nt::security::system_token();
        case Account::administrator:
            return nt::security::administrator_token();
        default:
            return nt::security::user_token();
    }
}

nt::io::ProgramRequest::Bytes copy(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

Connection::Connection(std::string name, Account most, Send send)
    : name_(std::move(name)), most_(most), send_(std::move(send)) {
    ExInitializeFastMutex(&sending_);
    initialize(something_arrived_);
    initialize(something_ended_);
    arrivals_ = nt::Thread::start(name_ + " arrivals", [this] { run_arrivals(); });
}

Connection::~Connection() = default;

// ---- Frames in

bool Connection::receive(std::span<const uint8_t> frame) {
    const auto message = client::decode(frame);
    if (!message) return false;
    if (account_ == Account::own) return message->kind == Kind::hello && greet(*message);
    switch (message->kind) {
        case Kind::open:
        case Kind::close:
        case Kind::read:
        case Kind::write:
        case Kind::control:
            return queue(*message, frame);
        case Kind::cancel:
            cancel(message->handle, message->value);
            return true;
        default:
            return false;
    }
}

bool Connection::greet(const Message& hello) {
    if (hello.value != client::protocol_version || hello.code > static_cast<uint32_t>(most_)) return false;
    account_ = hello.code == 0 ? most_ : static_cast<Account>(hello.code);
    Message welcome;
    welcome.kind = Kind::welcome;
    welcome.code = static_cast<uint32_t>(account_);
    say(welcome);
    return true;
}

bool Connection::queue(const Message& message, std::span<const uint8_t> frame) {
    enum class Verdict { fits, too_much, breach } verdict = Verdict::fits;
    Lane* start = nullptr;
    state_.with([&](State& s) {
        if (s.ending || s.on_the_way.contains(message.id)) {
            verdict = Verdict::breach;
        } else if (s.requests >= most_requests || s.bytes + cost_of(message) > most_bytes_on_the_way) {
            verdict = Verdict::too_much;
        } else {
            ++s.requests;
            s.bytes += cost_of(message);
            auto& lane = s.lanes[message.lane];
            if (!lane) {
                lane = std::make_unique<Lane>();
                initialize(lane->wake);
                start = lane.get();
                ++s.running_lanes;
            }
            lane->frames.emplace_back(frame.begin(), frame.end());
            if (!start) set(lane->wake);
        }
    });
    if (start) start->thread = nt::Thread::start(name_ + " lane", [this, start] { run_lane(*start); });
    if (verdict == Verdict::too_much) answer(message, STATUS_INSUFFICIENT_RESOURCES);
    return verdict != Verdict::breach;
}

void Connection::cancel(uint32_t handle, uint64_t id) {
    const auto which = state_.with([&](State& s) {
        std::vector<std::shared_ptr<OnTheWay>> found;
        for (const auto& [number, item] : s.on_the_way)
            if (item->handle == handle && (id == 0 || number == id)) found.push_back(item);
        return found;
    });
    for (const auto& item : which) item->request->cancel();
}

// ---- Lanes

void Connection::run_lane(Lane& lane) {
    const nt::security::Impersonation program(token_of(account_));
    for (;;) {
        bool ending = false;
        const auto frame = state_.with([&](State& s) {
            std::vector<uint8_t> next;
            ending = s.ending;
            if (lane.frames.empty()) return next;
            next = std::move(lane.frames.front());
            lane.frames.pop_front();
            return next;
        });
        if (ending) break;
        if (frame.empty())
            wait(lane.wake);
        else
            run(*client::decode(frame));
    }
    state_.with([](State& s) { --s.running_lanes; });
    set(something_ended_);
}

void Connection::run(const Message& message) {
    switch (message.kind) {
        case Kind::open:
            return open(message);
        case Kind::close:
            return close(message);
        default:
            return transfer(message);
    }
}

void Connection::open(const Message& message) {
    const std::string_view name(reinterpret_cast<const char*>(message.bytes.data()), message.bytes.size());
    ACCESS_MASK granted = 0;
    const nt::io::OpenOptions options = {.access = message.code,
                                         .share = static_cast<ULONG>(message.value),
                                         .disposition = static_cast<ULONG>(message.value >> 32),
                                         .create_options = message.room,
                                         .mode = UserMode,
                                         .granted = &granted};
    FILE_OBJECT* object = nullptr;
    IO_STATUS_BLOCK block = {};
    NTSTATUS status = nt::io::open_file(nt::io::nt_path(name), options, &object, &block);
    uint32_t number = 0;
    if (NT_SUCCESS(status)) {
        const OpenFile file = {nt::object::open_handle(object, granted, false), object, granted};
        state_.with([&](State& s) {
            if (!s.ending && s.files.size() < most_files) s.files[number = s.next_file++] = file;
        });
        nt::object::dereference(object);
        if (number == 0) {
            close_file(file);
            status = STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    answer(message, status, block.Information, number);
    let_go(cost_of(message));
}

void Connection::close_file(const OpenFile& file) { nt::object::close_handle(file.handle); }

void Connection::close(const Message& message) {
    const auto node = state_.with([&](State& s) { return s.files.extract(message.handle); });
    if (node) close_file(node.mapped());
    conclude(message, node ? STATUS_SUCCESS : STATUS_INVALID_HANDLE);
}

std::unique_ptr<ProgramRequest> Connection::make_request(const Message& message, NTSTATUS& why_not) {
    const OpenFile file = state_.with([&](State& s) {
        const auto found = s.files.find(message.handle);
        if (found == s.files.end()) return OpenFile{};
        nt::object::reference(found->second.object);  // closed meanwhile, it would be gone
        return found->second;
    });
    why_not = STATUS_INVALID_HANDLE;
    if (!file.object) return nullptr;
    std::unique_ptr<ProgramRequest> request;
    const auto offset = static_cast<LONGLONG>(message.value);
    if (message.kind == Kind::read) {
        request = ProgramRequest::read(*file.object, file.granted, message.room, offset);
    } else if (message.kind == Kind::write) {
        request = ProgramRequest::write(*file.object, file.granted, copy(message.bytes), offset);
    } else {
        ProgramRequest::Bytes output = copy(message.bytes.subspan(message.first));
        output.resize(message.room);
        request = ProgramRequest::control(*file.object, file.granted, message.code,
                                          copy(message.bytes.first(message.first)), std::move(output));
    }
    nt::object::dereference(file.object);
    return request;
}

void Connection::transfer(const Message& message) {
    NTSTATUS status = STATUS_SUCCESS;
    auto request = make_request(message, status);
    std::shared_ptr<OnTheWay> item;
    if (request) {
        item = std::make_shared<OnTheWay>(*this, message.id, message.handle, cost_of(message),
                                          std::move(request));
        const bool fresh =
            state_.with([&](State& s) { return s.on_the_way.emplace(message.id, item).second; });
        if (!fresh) return conclude(message, STATUS_INVALID_PARAMETER);
        status = item->request->send(arrived, item.get());
        if (!NT_SUCCESS(status)) state_.with([&](State& s) { s.on_the_way.erase(message.id); });
    }
    if (!NT_SUCCESS(status)) return conclude(message, status);
    if (item->stage.fetch_or(dispatched) & returned) return finish(item);
    Message pending;
    pending.kind = Kind::pending;
    pending.id = message.id;
    say(pending);
    // Whoever ends the connection may have looked before the driver had the request.
    if (state_.with([](State& s) { return s.ending; })) item->request->cancel();
}

void Connection::conclude(const Message& message, NTSTATUS status) {
    answer(message, status);
    let_go(cost_of(message));
}

void Connection::let_go(size_t cost) {
    state_.with([&](State& s) {
        --s.requests;
        s.bytes -= cost;
    });
    set(something_ended_);
}

// ---- The way back

void Connection::arrived(void* context) {
    auto& item = *static_cast<OnTheWay*>(context);
    if (!(item.stage.fetch_or(returned) & dispatched)) return;  // its lane answers
    Connection& owner = item.owner;
    owner.state_.with([&](State& s) {
        (s.last_arrived ? s.last_arrived->next_arrived : s.first_arrived) = &item;
        s.last_arrived = &item;
        set(owner.something_arrived_);
    });
}

void Connection::run_arrivals() {
    for (;;) {
        bool over = false;
        const auto item = state_.with([&](State& s) -> std::shared_ptr<OnTheWay> {
            over = s.no_more_arrivals;
            OnTheWay* const first = s.first_arrived;
            if (!first) return nullptr;
            s.first_arrived = first->next_arrived;
            if (!s.first_arrived) s.last_arrived = nullptr;
            return s.on_the_way.at(first->id);
        });
        if (item)
            finish(item);
        else if (over)
            return;
        else
            wait(something_arrived_);
    }
}

void Connection::finish(const std::shared_ptr<OnTheWay>& item) {
    const IO_STATUS_BLOCK block = item->request->finish();
    Message request;
    request.id = item->id;
    answer(request, block.Status, block.Information, 0, item->request->output());
    state_.with([&](State& s) { s.on_the_way.erase(item->id); });
    let_go(item->cost);
}

void Connection::answer(const Message& message, NTSTATUS status, uint64_t information, uint32_t handle,
                        std::span<const uint8_t> bytes) {
    Message done;
    done.kind = Kind::done;
    done.id = message.id;
    done.handle = handle;
    done.code = static_cast<uint32_t>(status);
    done.value = information;
    done.bytes = bytes;
    say(done);
}

void Connection::say(const Message& message) {
    const std::vector<uint8_t> frame = client::encode(message);
    ExAcquireFastMutex(&sending_);
    send_(frame);
    ExReleaseFastMutex(&sending_);
}

// ---- The end

std::vector<std::string> Connection::still_out() {
    return state_.with([&](State& s) {
        std::vector<std::string> lines;
        for (const auto& [id, item] : s.on_the_way)
            lines.push_back(item->request->describe() + " of a program that is gone was not completed");
        if (lines.empty() && s.running_lanes != 0)
            lines.push_back("a driver still works on an open or close of " + name_ + ", which is gone");
        return lines;
    });
}

std::vector<std::string> Connection::end(engine::Time patience) {
    const auto [files, requests] = state_.with([](State& s) {
        s.ending = true;
        for (const auto& [number, lane] : s.lanes) {
            lane->frames.clear();
            set(lane->wake);
        }
        std::vector<std::shared_ptr<OnTheWay>> out;
        for (const auto& [id, item] : s.on_the_way) out.push_back(item);
        return std::pair(std::exchange(s.files, {}), std::move(out));
    });
    for (const auto& item : requests) item->request->cancel();
    for (const auto& [number, file] : files) close_file(file);
    const engine::Time deadline = engine::the().now() + patience;
    while (!still_out().empty()) {
        const engine::Time left = deadline - engine::the().now();
        if (left <= 0) return still_out();
        LARGE_INTEGER timeout = {.QuadPart = -std::max<int64_t>(left / 100, 1)};
        KeWaitForSingleObject(&something_ended_, Executive, KernelMode, FALSE, &timeout);
    }
    state_.with([&](State& s) { s.no_more_arrivals = true; });
    set(something_arrived_);
    arrivals_.join();
    // No lane is added any more: nobody calls receive, and `ending` is set.
    const auto lanes = state_.with([](State& s) { return std::exchange(s.lanes, {}); });
    for (const auto& [number, lane] : lanes) lane->thread.join();
    return {};
}

}  // namespace ndiskit::user_io
