// MiniportShutdownEx when the system stops on a bug check: at HIGH_LEVEL, with NdisShutdownBugCheck. From 6.30 on a
// miniport is called only if its registration attributes ask for it; older ones always are. From initialisation until
// MiniportHaltEx has returned, so that a fault of that function calls it as well.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-miniport_shutdown
#pragma once

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Adapter;

class ShutdownCallback {
  public:
    explicit ShutdownCallback(Adapter& adapter) : adapter_(adapter) {}
    ~ShutdownCallback() { disarm(); }
    ShutdownCallback(const ShutdownCallback&) = delete;
    ShutdownCallback& operator=(const ShutdownCallback&) = delete;

    // No effect when the miniport is not to be called.
    void arm();
    void disarm();

  private:
    static void NTAPI run(PVOID adapter, ULONG);

    Adapter& adapter_;
    KBUGCHECK_CALLBACK_RECORD record_{};
};

}  // namespace ndiskit::ndis
