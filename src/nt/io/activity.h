// Activity IDs (activity.cpp), and those of their functions that no header of drivers declares.
#pragma once

#include <utility>

#include "nt/abi.h"

extern "C" {
NTSTATUS NTAPI IoSetActivityIdIrp(PIRP irp, LPCGUID id);
NTSTATUS NTAPI IoGetActivityIdIrp(PIRP irp, LPGUID id);
NTSTATUS NTAPI IoPropagateActivityIdToThread(PIRP irp, LPGUID propagated, LPCGUID* original);
void NTAPI IoTransferActivityId(LPCGUID from, LPCGUID to);
LPCGUID NTAPI IoSetActivityIdThread(LPCGUID id);
void NTAPI IoClearActivityIdThread(LPCGUID original);
LPCGUID NTAPI IoGetActivityIdThread();
}

namespace ndiskit::nt::io {

// A copy, for what runs later on another thread.
struct Activity {
    bool has = false;
    GUID id = {};

    static Activity of_this_thread();
};

}  // namespace ndiskit::nt::io
