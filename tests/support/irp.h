// What a test's dispatch routine does with a request in one line.
#pragma once

#include "nt/io/driver.h"

namespace ndiskit::test {

// The request ends with this status, which is the routine's own answer too.
inline NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information = 0) {
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

}  // namespace ndiskit::test
