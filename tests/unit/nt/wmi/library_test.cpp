// A driver that serves WMI by way of wmilib.sys, and a consumer of its blocks.
#include "nt/wmi/library.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "nt/exports.h"
#include "nt/image/image.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "provider.h"

namespace ndiskit::nt {
namespace {

using namespace wmi_provider;

constexpr GUID counters = {0x21, 0, 0, {}}, event = {0x22, 0, 0, {}}, unknown = {0x29, 0, 0, {}};

// Two instances, the second longer than the first; more than the first room for answers.
struct State {
    std::vector<uint8_t> data[2] = {std::vector<uint8_t>(5, 'a'), std::vector<uint8_t>(600, 'b')};
    std::vector<std::pair<int, bool>> controls;
    int registrations = 0;
    bool by_device = true;
};
State state;
UNICODE_STRING registry_path;

NTSTATUS NTAPI query_registration(PDEVICE_OBJECT device, PULONG flags, PUNICODE_STRING name,
                                  PUNICODE_STRING* path, PUNICODE_STRING, PDEVICE_OBJECT* physical) {
    ++state.registrations;
    *path = &registry_path;
    if (state.by_device) {
        *flags = WMIREG_FLAG_INSTANCE_PDO;
        *physical = device->DeviceObjectExtension->AttachedTo;
        return STATUS_SUCCESS;
    }
    *flags = WMIREG_FLAG_INSTANCE_BASENAME;
    auto* const text = static_cast<PWCH>(ExAllocatePoolWithTag(PagedPool, 8, 'eman'));
    std::memcpy(text, u"Port", 8);
    *name = {8, 8, text};
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI query_block(PDEVICE_OBJECT device, PIRP irp, ULONG guid, ULONG first, ULONG count,
                           PULONG lengths, ULONG room, PUCHAR buffer) {
    EXPECT_EQ(guid, 0u);
    ULONG needed = 0;
    for (ULONG i = first; i < first + count; ++i)
        needed = ((needed + 7) & ~7u) + static_cast<ULONG>(state.data[i].size());
    if (!buffer || room < needed) return WmiCompleteRequest(device, irp, STATUS_BUFFER_TOO_SMALL, needed, 0);
    ULONG at = 0;
    for (ULONG i = first; i < first + count; ++i) {
        at = (at + 7) & ~7u;
        lengths[i - first] = static_cast<ULONG>(state.data[i].size());
        std::memcpy(buffer + at, state.data[i].data(), state.data[i].size());
        at += lengths[i - first];
    }
    return WmiCompleteRequest(device, irp, STATUS_SUCCESS, needed, 0);
}

NTSTATUS NTAPI set_block(PDEVICE_OBJECT device, PIRP irp, ULONG, ULONG index, ULONG size, PUCHAR buffer) {
    state.data[index].assign(buffer, buffer + size);
    return WmiCompleteRequest(device, irp, STATUS_SUCCESS, 0, 0);
}

NTSTATUS NTAPI run_method(PDEVICE_OBJECT device, PIRP irp, ULONG, ULONG, ULONG method, ULONG in, ULONG out,
                          PUCHAR buffer) {
    if (out < in + method) return WmiCompleteRequest(device, irp, STATUS_BUFFER_TOO_SMALL, in + method, 0);
    std::memset(buffer + in, 'm', method);
    return WmiCompleteRequest(device, irp, STATUS_SUCCESS, in + method, 0);
}

NTSTATUS NTAPI control(PDEVICE_OBJECT device, PIRP irp, ULONG, WMIENABLEDISABLECONTROL what, BOOLEAN enable) {
    state.controls.emplace_back(what, enable != FALSE);
    return WmiCompleteRequest(device, irp, STATUS_SUCCESS, 0, 0);
}

WMIGUIDREGINFO guids[] = {{&counters, 2, 0}, {&event, 1, WMIREG_FLAG_EVENT_ONLY_GUID}};
WMILIB_CONTEXT context = {2, guids, query_registration, query_block, set_block, nullptr, run_method, control};
SYSCTL_IRP_DISPOSITION disposition;

NTSTATUS NTAPI system_control(PDEVICE_OBJECT device, PIRP irp) {
    const NTSTATUS status = WmiSystemControl(&context, device, irp, &disposition);
    switch (disposition) {
        case IrpProcessed:
            return status;
        case IrpNotCompleted:
            EXPECT_EQ(irp->IoStatus.Status, status);
            IofCompleteRequest(irp, IO_NO_INCREMENT);
            return status;
        default:
            IoSkipCurrentIrpStackLocation(irp);
            return IofCallDriver(device->DeviceObjectExtension->AttachedTo, irp);
    }
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    registry_path = *path;
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = pass_pnp;
    driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = system_control;
    return STATUS_SUCCESS;
}

void on_provider(bool by_device, const std::function<void()>& body) {
    state = State();
    state.by_device = by_device;
    on_device("libtest", entry, [] { return state.registrations != 0; }, [&](PDEVICE_OBJECT) { body(); });
}

TEST(WmiLibrary, DriversImportItFromItsOwnModule) {
    register_nt_exports();
    const Export* const row = image::find_kit_export("WMILIB.SYS", "WmiSystemControl");
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->address, reinterpret_cast<const void*>(WmiSystemControl));
}

TEST(WmiLibrary, InstancesOfAnyLengthAreQueriedTogetherAndAlone) {
    on_provider(true, [] {
        PVOID block = open(counters, WMIGUID_QUERY);
        ULONG size = 0;
        EXPECT_EQ(IoWMIQueryAllData(block, &size, nullptr), STATUS_BUFFER_TOO_SMALL);
        std::vector<uint8_t> buffer(size);
        EXPECT_EQ(IoWMIQueryAllData(block, &size, buffer.data()), STATUS_SUCCESS);
        const auto& all = *reinterpret_cast<WNODE_ALL_DATA*>(buffer.data());
        EXPECT_EQ(all.InstanceCount, 2u);
        for (int i = 0; i < 2; ++i) {
            const auto& [at, length] = all.OffsetInstanceDataAndLength[i];
            EXPECT_EQ(at % 8, 0u);
            EXPECT_EQ(std::vector<uint8_t>(buffer.begin() + at, buffer.begin() + at + length), state.data[i]);
        }
        UNICODE_STRING second = unicode_string(std::u16string_view(u"ROOT\\NET\\0000_1"));
        size = static_cast<ULONG>(buffer.size());
        EXPECT_EQ(IoWMIQuerySingleInstance(block, &second, &size, buffer.data()), STATUS_SUCCESS);
        const auto& one = *reinterpret_cast<WNODE_SINGLE_INSTANCE*>(buffer.data());
        EXPECT_EQ(one.SizeDataBlock, 600u);
        EXPECT_EQ(buffer[one.DataBlockOffset], 'b');
        object::dereference(block);
    });
}

TEST(WmiLibrary, BlocksAreSetAndMethodsRun) {
    on_provider(false, [] {
        PVOID block = open(counters, WMIGUID_SET | WMIGUID_EXECUTE);
        UNICODE_STRING first = unicode_string(std::u16string_view(u"Port0"));
        uint8_t data[8] = {1, 2, 3};
        EXPECT_EQ(IoWMISetSingleInstance(block, &first, 0, 3, data), STATUS_SUCCESS);
        EXPECT_EQ(state.data[0], (std::vector<uint8_t>{1, 2, 3}));
        EXPECT_EQ(IoWMISetSingleItem(block, &first, 1, 0, 3, data),
                  STATUS_WMI_READ_ONLY);  // there is no callback
        ULONG size = 8;
        EXPECT_EQ(IoWMIExecuteMethod(block, &first, 5, 3, &size, data), STATUS_SUCCESS);
        EXPECT_EQ(size, 8u);
        EXPECT_EQ(data[7], 'm');
        size = 4;
        EXPECT_EQ(IoWMIExecuteMethod(block, &first, 5, 3, &size, data), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(size, 8u);
        object::dereference(block);
    });
}

struct Heard {
    int times = 0;
    uint8_t data = 0;
};
void NTAPI hear(PVOID wnode, PVOID context_of) {
    auto& heard = *static_cast<Heard*>(context_of);
    const auto& node = *static_cast<WNODE_SINGLE_INSTANCE*>(wnode);
    heard.data = node.SizeDataBlock ? static_cast<uint8_t*>(wnode)[node.DataBlockOffset] : uint8_t{0};
    ++heard.times;
}

TEST(WmiLibrary, EventsAreEnabledAndFired) {
    on_provider(true, [] {
        Heard heard;
        PVOID listener = open(event, WMIGUID_NOTIFICATION | SYNCHRONIZE);
        EXPECT_EQ(IoWMISetNotificationCallback(listener, hear, &heard), STATUS_SUCCESS);
        auto* data = static_cast<uint8_t*>(ExAllocatePoolWithTag(NonPagedPoolNx, 4, 'tnve'));
        data[0] = 42;
        EXPECT_EQ(WmiFireEvent(functional, &event, 0, 4, data), STATUS_SUCCESS);
        while (heard.times < 1) nap();
        EXPECT_EQ(heard.data, 42);
        EXPECT_EQ(WmiFireEvent(functional, &event, 0, 0, nullptr), STATUS_SUCCESS);
        while (heard.times < 2) nap();
        // One that is too large is not sent; its data are gone all the same.
        EXPECT_EQ(
            WmiFireEvent(functional, &event, 0, 4000, ExAllocatePoolWithTag(NonPagedPoolNx, 4000, 'tnve')),
            STATUS_BUFFER_OVERFLOW);
        object::dereference(listener);
        EXPECT_EQ(state.controls,
                  (std::vector<std::pair<int, bool>>{{WmiEventControl, true}, {WmiEventControl, false}}));
    });
}

TEST(WmiLibrary, ItTellsWhatIsNotTheDrivers) {
    on_provider(true, [] {
        PIRP irp = IoAllocateIrp(1, FALSE);
        IoSetNextIrpStackLocation(irp);
        IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
        stack.MajorFunction = IRP_MJ_SYSTEM_CONTROL;
        stack.MinorFunction = 0x20;
        EXPECT_EQ(WmiSystemControl(&context, functional, irp, &disposition), STATUS_SUCCESS);
        EXPECT_EQ(disposition, IrpNotWmi);
        stack.MinorFunction = IRP_MN_QUERY_ALL_DATA;
        EXPECT_EQ(WmiSystemControl(&context, functional, irp, &disposition), STATUS_SUCCESS);
        EXPECT_EQ(disposition, IrpForward);
        GUID guid = unknown;
        stack.Parameters.WMI.ProviderId = reinterpret_cast<ULONG_PTR>(functional);
        stack.Parameters.WMI.DataPath = &guid;
        EXPECT_EQ(WmiSystemControl(&context, functional, irp, &disposition), STATUS_WMI_GUID_NOT_FOUND);
        EXPECT_EQ(disposition, IrpNotCompleted);
        EXPECT_EQ(irp->IoStatus.Status, STATUS_WMI_GUID_NOT_FOUND);
        IoFreeIrp(irp);
    });
}

}  // namespace
}  // namespace ndiskit::nt
