// The machine's socket: programs connect to it with client/device.h. A thread listens, and each program has
// one that reads what it sends. On sim there is none: see in_process.h.
//
// Who may connect is a matter of the socket's permissions: its owner alone, until somebody changes them. What
// the program may open is a matter of its account, which follows from the user that it runs as, and of the
// devices' security descriptors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "user_io/connection.h"

namespace ndiskit::user_io {

class Program;

class Server {
  public:
    // In client::socket_folder(), or at `path` when it has a slash. A name that is taken gets a number.
    static Result<std::unique_ptr<Server>> start(const std::string& name_or_path);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const std::string& path() const { return path_; }
    // Ends all programs' connections. Returns what drivers did not give back, a line each.
    std::vector<std::string> stop();

  private:
    Server(int socket, std::string path);
    void listen();
    void forget_the_gone();

    const int socket_;
    const std::string path_;
    bool stopped_ = false;
    nt::Thread listener_;
    struct Programs {
        bool stopping = false;
        std::vector<std::unique_ptr<Program>> all;
        std::vector<std::string> stuck;
    };
    Guarded<Programs, lock_rank> programs_;
};

}  // namespace ndiskit::user_io
