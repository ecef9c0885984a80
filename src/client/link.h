// How frames travel between a Session and a machine, and how threads on the program's side wait. One link is
// a socket (socket_link.cpp); another stays inside the machine's process, where a thread must wait as the
// machine's engine has it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/device.h"

namespace ndiskit::client {

class Receiver {
  public:
    virtual ~Receiver() = default;
    // On a thread of the link's, not under its lock.
    virtual void take(std::span<const uint8_t> frame) = 0;
    virtual void gone() = 0;
};

class Link {
  public:
    virtual ~Link() = default;
    // From here on frames reach the receiver, until hang_up().
    virtual void start(Receiver& receiver) = 0;
    // A whole frame; false when the machine is gone.
    virtual bool send(const std::vector<uint8_t>& frame) = 0;
    // Nothing reaches the receiver, not even gone(), when this has returned.
    virtual void hang_up() = 0;
    virtual void start_thread(std::function<void()> body) = 0;
    // Waits for the threads of start_thread.
    virtual void join_threads() = 0;

    // One lock and one condition for the whole session: wait() lets go of the lock meanwhile and may return
    // for no reason. A deadline is a time of now().
    virtual void lock() = 0;
    virtual void unlock() = 0;
    virtual void wait(std::optional<Milliseconds> deadline) = 0;
    virtual void wake() = 0;
    virtual Milliseconds now() = 0;
};

std::expected<std::unique_ptr<Link>, std::string> connect_socket(const std::string& path);

}  // namespace ndiskit::client
