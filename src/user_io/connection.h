// One program at a machine: its open files and requests. It takes the frames of client/protocol.h and gives
// frames back; how they travel is not its matter, so a socket and a test inside the machine are served alike.
//
// Each lane of the program, which stands for one of its threads, is an NT thread here: a dispatch routine
// that waits holds up its own lane alone. What completes later is answered by one more thread, at
// PASSIVE_LEVEL, as an APC of the I/O manager would; the driver's completing thread does no more than link
// the request into a list.
//
// When the program goes, however it goes: its requests are cancelled, its files get IRP_MJ_CLEANUP, and each
// IRP_MJ_CLOSE when the last request on it is back.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "client/device.h"
#include "client/protocol.h"
#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/io/program_request.h"
#include "nt/ke/thread.h"

namespace ndiskit::user_io {

// Of the layer, which is at the height of the transports; neither calls the other.
inline constexpr LockRank lock_rank = LockRank::transport;

// The most that a program may have on its way.
inline constexpr size_t most_requests = 1024;
inline constexpr size_t most_files = 1024;
inline constexpr size_t most_bytes_on_the_way = 64u << 20;

class Connection {
  public:
    // A whole frame to the program; called at PASSIVE_LEVEL or APC_LEVEL, one at a time.
    using Send = std::function<void(const std::vector<uint8_t>& frame)>;

    // `most` is the highest account that the program may have.
    Connection(std::string name, client::Account most, Send send);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // False when the frame breaks the protocol: the connection is to be ended. One at a time.
    bool receive(std::span<const uint8_t> frame);

    // Takes back all that the program had. Returns what did not come back within `patience`, a line each;
    // such a connection must not be destroyed, since drivers still have its requests.
    std::vector<std::string> end(engine::Time patience = 5 * engine::second);

  private:
    struct OpenFile {
        HANDLE handle;
        FILE_OBJECT* object;
        ACCESS_MASK granted;
    };
    struct OnTheWay;
    struct Lane {
        nt::Thread thread;
        std::deque<std::vector<uint8_t>> frames;
        KEVENT wake;
    };
    struct State {
        bool ending = false, no_more_arrivals = false;
        uint32_t next_file = 1;
        size_t requests = 0, bytes = 0, running_lanes = 0;
        std::map<uint32_t, OpenFile> files;
        std::map<uint64_t, std::shared_ptr<OnTheWay>> on_the_way;
        std::map<uint16_t, std::unique_ptr<Lane>> lanes;
        OnTheWay* first_arrived = nullptr;
        OnTheWay* last_arrived = nullptr;
    };

    bool greet(const client::Message& hello);
    bool queue(const client::Message& message, std::span<const uint8_t> frame);
    void cancel(uint32_t handle, uint64_t id);
    void run_lane(Lane& lane);
    void run(const client::Message& message);
    void open(const client::Message& message);
    void close(const client::Message& message);
    void transfer(const client::Message& message);
    std::unique_ptr<nt::io::ProgramRequest> make_request(const client::Message& message, NTSTATUS& why_not);
    static void arrived(void* context);
    void run_arrivals();
    void finish(const std::shared_ptr<OnTheWay>& item);
    void answer(const client::Message& message, NTSTATUS status, uint64_t information = 0,
                uint32_t handle = 0, std::span<const uint8_t> bytes = {});
    void conclude(const client::Message& message, NTSTATUS status);
    void let_go(size_t cost);
    void say(const client::Message& message);
    void close_file(const OpenFile& file);
    std::vector<std::string> still_out();

    const std::string name_;
    const client::Account most_;
    client::Account account_ = client::Account::own;  // own: not greeted yet
    const Send send_;
    FAST_MUTEX sending_;
    KEVENT something_arrived_, something_ended_;
    nt::Thread arrivals_;
    Guarded<State, lock_rank> state_;
};

}  // namespace ndiskit::user_io
