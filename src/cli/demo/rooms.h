// The demo's network: rooms, each a network namespace of its own, and cables (veth pairs) between them.
// Nothing of the host's network is touched; all of it goes when the command ends.
#pragma once

#include <string>
#include <vector>

#include "cli/children.h"

namespace ndiskit::cli {

// One room. The command itself stands in a room (here()), where the machine will run.
class Room {
  public:
    // Moves the calling process, which has no threads yet, into a namespace of its own; as a user other than
    // root, also into a user namespace. An error says that this system does not allow it.
    static Result<Room> here();
    // Another, empty one, with its loopback interface up.
    static Result<Room> create(const std::string& name);

    const std::string& name() const { return name_; }
    int network() const { return network_; }
    // Runs ip(8) there with these words.
    Result<> ip(const std::string& words) const;
    // Brings an interface that is there to another room and up, with an address unless empty.
    Result<> give(const std::string& interface, const Room& to, const std::string& address) const;

    // Datagrams and frames that the room's own stack has dropped so far: full socket buffers, full queues.
    uint64_t host_drops() const;

    Room(Room&& other) noexcept;
    Room& operator=(Room&&) = delete;
    ~Room();

  private:
    Room(std::string name, int network) : name_(std::move(name)), network_(network) {}

    std::string name_;
    int network_ = -1;
    Child holder_;  // whose id names the namespace for ip(8)
};

}  // namespace ndiskit::cli
