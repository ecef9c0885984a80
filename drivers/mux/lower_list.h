// The lower adapters that the driver is bound to, for what concerns the driver as a whole.
#pragma once

#include <ndisxx/list.h>
#include <ndisxx/lock.h>

#include "lower.h"

namespace mux {

class LowerList {
  public:
    // Of an adapter whose virtual miniports are complete; it is in the list until they begin to go.
    void add(Lower& lower);
    void remove(Lower& lower);

    // The device of a virtual miniport was disabled and is there again: whoever has it starts it.
    void enable(const UNICODE_STRING& device);

  private:
    ndisxx::Mutex mutex_;
    ndisxx::List<Lower, &Lower::link> all_;
};

}  // namespace mux
