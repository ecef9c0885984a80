#include "nt/exports.h"

#include "nt/exception/exports.h"
#include "nt/ke/exports.h"
#include "nt/wmi/library.h"

namespace ndiskit::nt {

void register_nt_exports() {
    if (find_export("ntoskrnl.exe", "ExAllocatePool2")) return;
    for (auto* rows : {ke::kernel_exports, ke::lock_exports, exception::exports, pool_exports, memory_exports,
                       object_exports, registry_exports, io_exports, power_exports, rtl_exports,
                       rtl_table_exports, rtl_text_exports, rtl_library_exports, diagnosis_exports,
                       crt_exports, security_exports, file_exports, system_exports, hardware_exports})
        add_exports("ntoskrnl.exe", rows());
    for (auto* rows : {ke::hal_exports, hal_hardware_exports}) add_exports("hal.dll", rows());
    add_exports("wmilib.sys", wmi::library_exports());
}

}  // namespace ndiskit::nt
