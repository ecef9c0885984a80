// WMI for programs: the device \\.\WMIDataDevice, a driver of the system as in Windows, where a program's library
// asks it for what WMI has. Its control codes and records are the kit's own.
//
// A program may do with a block what its provider lets everybody do; administrators and the system may do all.
#pragma once

#include <string_view>

#include "base/result.h"
#include "nt/wmi/abi.h"

namespace ndiskit::nt::wmi {

inline constexpr std::string_view data_device_link = "\\\\.\\WMIDataDevice";

// All METHOD_BUFFERED with any access; an output buffer that is too small is STATUS_BUFFER_TOO_SMALL.
enum class DataCode : ULONG {
    list = 0x00222400,   // -> ListRecord and its instance's name, one behind the other
    get = 0x00222404,    // DataRequest -> the instance's data
    set = 0x00222408,    // DataRequest ->
    call = 0x0022240C,   // DataRequest -> what the method gives
    watch = 0x00222410,  // DataRequest: events of the GUID are kept for this handle from now on
    next = 0x00222414,   // -> EventRecord and the event's data; waits for one
};

// The name in UTF-16 follows, then the data.
struct DataRequest {
    GUID guid;
    ULONG method;
    ULONG name_bytes;
    ULONG data_bytes;
};
struct ListRecord {
    GUID guid;
    ULONG flags;  // WMIREG_FLAG_...
    ULONG name_bytes;
};
struct EventRecord {
    GUID guid;
    ULONG lost;  // events before this one that there was no room for
};

// Starts the driver, once a machine; on an NT thread at PASSIVE_LEVEL. It is stopped as the service of that name.
inline constexpr const char* data_service = "WMIxWDM";
Result<> start_data_device();

}  // namespace ndiskit::nt::wmi
