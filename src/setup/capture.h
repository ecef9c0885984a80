// Records what crosses the edges of a machine into a pcapng file, an interface block for each edge (a
// binding, an adapter, a filter module), named as in the report. For debugging: it takes a lock and copies
// each frame.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace ndiskit::setup {

class Capture {
  public:
    // Creates the file and records from now on: edges get their interface block as they come to be, so before
    // Machine::start is early enough for the first frame. After run_machine has begun, before Machine::stop.
    static Result<std::unique_ptr<Capture>> start(const std::string& file);
    ~Capture();

    // Ends the recording; an error of any write is returned here.
    Result<> finish();

  private:
    class Recorder;
    explicit Capture(std::unique_ptr<Recorder> recorder);
    std::unique_ptr<Recorder> recorder_;
};

}  // namespace ndiskit::setup
