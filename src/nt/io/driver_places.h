// Where drivers keep their settings and files (driver_places.cpp): types that nt/abi.h lacks.
#pragma once

#include "nt/abi.h"

extern "C" {

typedef enum _DRIVER_REGKEY_TYPE : int {
    DriverRegKeyParameters,
    DriverRegKeyPersistentState,
    DriverRegKeySharedPersistentState,
} DRIVER_REGKEY_TYPE;

typedef enum _DRIVER_DIRECTORY_TYPE : int {
    DriverDirectoryImage,
    DriverDirectoryData,
    DriverDirectorySharedData,
} DRIVER_DIRECTORY_TYPE;

typedef enum _DEVICE_DIRECTORY_TYPE : int {
    DeviceDirectoryData,
} DEVICE_DIRECTORY_TYPE;

NTSTATUS NTAPI IoOpenDriverRegistryKey(PDRIVER_OBJECT driver, DRIVER_REGKEY_TYPE type, ACCESS_MASK access,
                                       ULONG flags, PHANDLE handle);
NTSTATUS NTAPI IoGetDriverDirectory(PDRIVER_OBJECT driver, DRIVER_DIRECTORY_TYPE type, ULONG flags,
                                    PHANDLE handle);
NTSTATUS NTAPI IoGetDeviceDirectory(PDEVICE_OBJECT physical, DEVICE_DIRECTORY_TYPE type, ULONG flags,
                                    PVOID reserved, PHANDLE handle);
NTSTATUS NTAPI IoQueryFullDriverPath(PDRIVER_OBJECT driver, PUNICODE_STRING path);

}  // extern "C"
