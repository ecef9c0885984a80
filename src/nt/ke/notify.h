// Who wants to know of processes, threads and images: the routines that drivers register, and the calls of
// them. There is one process, so routines for processes wait for nothing; threads are those that drivers
// make; images are drivers.
#pragma once

#include <cstdint>
#include <string>

#include "nt/abi.h"

namespace ndiskit::nt::ke {

struct ThreadObject;

// At PASSIVE_LEVEL: on the thread that makes the other, and on the one that ends.
void notify_thread_made(const ThreadObject& thread);
void notify_thread_ends(const ThreadObject& thread);

// A driver's image has been mapped and not yet run.
void notify_image_loaded(const std::string& path, void* base, size_t size);

}  // namespace ndiskit::nt::ke
