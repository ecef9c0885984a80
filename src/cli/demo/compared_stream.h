// A TCP stream of random bytes that both ends make from one seed.
#pragma once

#include <cstdint>
#include <string>

namespace ndiskit::cli {

// In processes of their own. Exit status 0 when all bytes went; the receiver's only when all were right.
int send_stream(const std::string& to, int port, uint64_t bytes);
// Prints "N bytes in S s".
int receive_stream(const std::string& at, int port, uint64_t bytes);

}  // namespace ndiskit::cli
