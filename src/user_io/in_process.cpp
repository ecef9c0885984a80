#include "user_io/in_process.h"

#include "engine/engine.h"
#include "user_io/connection.h"

namespace ndiskit::user_io {

namespace {

// Somebody who waits for the session to change; it stands in the list until it is woken.
struct Waiter {
    KEVENT changed;
    bool listed = true;
};

class InProcessLink : public client::Link {
  public:
    InProcessLink(client::Account most, std::vector<std::string>* stuck) : most_(most), stuck_(stuck) {
        KeInitializeMutex(&mutex_, 0);
    }

    void start(client::Receiver& receiver) override {
        receiver_ = &receiver;
        connection_ =
            std::make_unique<Connection>("client", most_, [this](const std::vector<uint8_t>& frame) {
                if (receiver_) receiver_->take(frame);
            });
    }

    bool send(const std::vector<uint8_t>& frame) override {
        if (broken_) return false;
        if (connection_->receive(frame)) return true;
        broken_ = true;
        receiver_->gone();
        return false;
    }

    void hang_up() override {
        if (!connection_) return;
        std::vector<std::string> lines = connection_->end();
        if (lines.empty())
            connection_.reset();
        else
            (void)connection_.release();  // drivers still have requests of it
        if (stuck_) std::ranges::move(lines, std::back_inserter(*stuck_));
    }

    void start_thread(std::function<void()> body) override {
        threads_.push_back(nt::Thread::start("client's callbacks", std::move(body)));
    }
    void join_threads() override {
        for (nt::Thread& thread : threads_) thread.join();
        threads_.clear();
    }

    void lock() override { KeWaitForSingleObject(&mutex_, Executive, KernelMode, FALSE, nullptr); }
    void unlock() override { KeReleaseMutex(&mutex_, FALSE); }
    client::Milliseconds now() override {
        return client::Milliseconds(engine::the().now() / engine::millisecond);
    }

    void wait(std::optional<client::Milliseconds> deadline) override {
        Waiter waiter;
        KeInitializeEvent(&waiter.changed, NotificationEvent, FALSE);
        waiters_.push_back(&waiter);
        unlock();
        LARGE_INTEGER timeout = {};
        if (deadline) timeout.QuadPart = -10'000 * std::max<int64_t>((*deadline - now()).count(), 1);
        KeWaitForSingleObject(&waiter.changed, Executive, KernelMode, FALSE, deadline ? &timeout : nullptr);
        lock();
        std::erase(waiters_, &waiter);
    }
    void wake() override {
        for (Waiter* waiter : waiters_) KeSetEvent(&waiter->changed, 0, FALSE);
        waiters_.clear();
    }

  private:
    const client::Account most_;
    std::vector<std::string>* const stuck_;
    KMUTANT mutex_;
    std::vector<Waiter*> waiters_;  // under mutex_
    client::Receiver* receiver_ = nullptr;
    std::unique_ptr<Connection> connection_;
    std::vector<nt::Thread> threads_;
    bool broken_ = false;
};

}  // namespace

std::unique_ptr<client::Link> in_process_link(client::Account most, std::vector<std::string>* stuck) {
    return std::make_unique<InProcessLink>(most, stuck);
}

}  // namespace ndiskit::user_io
