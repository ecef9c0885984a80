// What the sanitizers must be told about fibers; all of it is nothing in a plain build.
//
// Under TSan with SimOptions::find_races, a switch between fibers is not taken as synchronization, so sim
// finds data races of drivers, by seed. The engine's own data is touched by whichever task runs, so its entry
// points look away (TsanLooksAway), and it says itself what orders tasks: an unpark before the wake that it
// causes, a start before the task's first step.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NDISKIT_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#define NDISKIT_TSAN 1
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif
#endif

#define NDISKIT_NOT_FOR_TSAN __attribute__((no_sanitize("thread")))

namespace ndiskit::engine {

class TsanLooksAway {
  public:
#ifdef NDISKIT_TSAN
    TsanLooksAway() {
        AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
        AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    }
    // For what does not return.
    static void stop() {
        AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    }
    ~TsanLooksAway() { stop(); }
#else
    TsanLooksAway() {}
    static void stop() {}
#endif
    TsanLooksAway(const TsanLooksAway&) = delete;
    TsanLooksAway& operator=(const TsanLooksAway&) = delete;
};

// Everything before `tsan_release(x)` is ordered before what follows a later `tsan_acquire(x)`.
inline void tsan_release([[maybe_unused]] void* address) {
#ifdef NDISKIT_TSAN
    __tsan_release(address);
#endif
}
inline void tsan_acquire([[maybe_unused]] void* address) {
#ifdef NDISKIT_TSAN
    __tsan_acquire(address);
#endif
}

}  // namespace ndiskit::engine
