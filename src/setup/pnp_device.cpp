#include "setup/pnp_device.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "nt/abi.h"
#include "nt/io/driver.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "setup/pnp_action.h"
#include "setup/report.h"

extern "C" NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                                                     ULONG type, ULONG characteristics, BOOLEAN exclusive,
                                                     PCUNICODE_STRING sddl, LPCGUID class_guid,
                                                     PDEVICE_OBJECT* device);

namespace ndiskit::setup {
namespace {

constexpr const char* service = "ndkpnp";
constexpr const char* builtin = "pnp";
constexpr std::u16string_view device_name = u"\\Device\\NdiskitPnp", link_name = u"\\DosDevices\\NdiskitPnp";
constexpr std::u16string_view for_administrators = u"D:P(A;;GA;;;SY)(A;;GA;;;BA)";

const Description* machine;

NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information = 0) {
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

std::string answer_to(std::string_view request) {
    if (!request.empty()) {
        const auto action = PnpAction::parse(*machine, request);
        if (!action) return "-" + action.error().text();
        if (const Result<> done = action->perform(); !done) return "-" + done.error().text();
    }
    return "+" + stack_text(*machine);
}

NTSTATUS NTAPI control(PDEVICE_OBJECT, PIRP irp) {
    const auto& parameters = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl;
    if (parameters.IoControlCode != pnp_control_code) return complete(irp, STATUS_INVALID_DEVICE_REQUEST);
    if (parameters.OutputBufferLength == 0) return complete(irp, STATUS_BUFFER_TOO_SMALL);
    auto* const buffer = static_cast<char*>(irp->AssociatedIrp.SystemBuffer);
    const std::string answer = answer_to({buffer, parameters.InputBufferLength});
    const size_t size = std::min<size_t>(answer.size(), parameters.OutputBufferLength);
    std::memcpy(buffer, answer.data(), size);
    return complete(irp, STATUS_SUCCESS, size);
}

NTSTATUS NTAPI agree(PDEVICE_OBJECT, PIRP irp) { return complete(irp, STATUS_SUCCESS); }

void NTAPI unload(PDRIVER_OBJECT driver) {
    UNICODE_STRING link = nt::unicode_string(link_name);
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(driver->DeviceObject);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    UNICODE_STRING name = nt::unicode_string(device_name), link = nt::unicode_string(link_name);
    const UNICODE_STRING sddl = nt::unicode_string(for_administrators);
    PDEVICE_OBJECT device;
    const NTSTATUS status =
        WdmlibIoCreateDeviceSecure(driver, 0, &name, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &sddl,
                                   nullptr, &device);
    if (!NT_SUCCESS(status)) return status;
    driver->DriverUnload = unload;
    for (const int major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE}) driver->MajorFunction[major] = agree;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    return IoCreateSymbolicLink(&link, &name);
}

}  // namespace

void register_pnp_driver() { nt::io::register_builtin(builtin, entry); }

Result<> start_pnp_device(const Description& description) {
    machine = &description;
    const std::string key = std::string("HKLM\\System\\CurrentControlSet\\Services\\") + service;
    nt::registry::set_string(key, "ImagePath", std::string("builtin:") + builtin);
    TRY(nt::io::start_service(service));
    return {};
}

Result<> stop_pnp_device() {
    if (!nt::io::find_service(service)) return {};
    return nt::io::stop_service(service);
}

}  // namespace ndiskit::setup
