#include "nt/wmi/data_device.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <memory>

#include "base/guarded.h"
#include "nt/io/driver.h"
#include "nt/ke/api.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/wmi/block.h"
#include "nt/wmi/security.h"

namespace ndiskit::nt::wmi {

namespace {

using Bytes = std::vector<uint8_t>;
using View = std::span<const uint8_t>;

constexpr size_t most_events = 256;
constexpr ULONG room_of_data = 4096, most_method_room = 1 << 16;

// An open handle. Callbacks of WMI know it by its number, since one may be under way when the handle closes.
struct Opened {
    bool privileged = false;
    std::vector<PVOID> blocks;  // that are watched
    FAST_MUTEX mutex;           // of what follows, and of giving events to requests
    std::deque<Bytes> events;
    ULONG lost = 0;
};
using OpenedRef = std::shared_ptr<Opened>;

struct Table {
    std::map<ULONG_PTR, OpenedRef> opened;
    ULONG_PTR next = 1;
};
Guarded<Table, LockRank::nt_leaf>& table() {
    static auto* const it = new Guarded<Table, LockRank::nt_leaf>();
    return *it;
}
OpenedRef opened_of(ULONG_PTR number) {
    return table().with([&](Table& t) -> OpenedRef {
        const auto found = t.opened.find(number);
        return found == t.opened.end() ? nullptr : found->second;
    });
}
ULONG_PTR number_of(PFILE_OBJECT file) { return reinterpret_cast<ULONG_PTR>(file->FsContext); }
ULONG_PTR number_of(PIRP irp) { return number_of(IoGetCurrentIrpStackLocation(irp)->FileObject); }

// Requests for the next event, of all handles.
struct Waiting {
    IO_CSQ csq;
    LIST_ENTRY queue;
    KSPIN_LOCK lock;
};
Waiting waiting;

NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information = 0) {
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS answer(PIRP irp, View bytes) {
    if (bytes.size() > IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.OutputBufferLength)
        return complete(irp, STATUS_BUFFER_TOO_SMALL);
    if (!bytes.empty()) std::memcpy(irp->AssociatedIrp.SystemBuffer, bytes.data(), bytes.size());
    return complete(irp, STATUS_SUCCESS, bytes.size());
}

template <class T>
void append(Bytes& bytes, const T& record, View rest) {
    const auto* const first = reinterpret_cast<const uint8_t*>(&record);
    bytes.insert(bytes.end(), first, first + sizeof record);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
}

View bytes_of(std::u16string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size() * sizeof(char16_t)};
}

struct Parsed {
    DataRequest head;
    std::u16string name;
    View data;
};
std::optional<Parsed> parse(PIRP irp) {
    const ULONG size = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.InputBufferLength;
    const auto* const first = static_cast<const uint8_t*>(irp->AssociatedIrp.SystemBuffer);
    Parsed parsed;
    if (size < sizeof parsed.head) return std::nullopt;
    std::memcpy(&parsed.head, first, sizeof parsed.head);
    const size_t rest = size - sizeof parsed.head;
    if (parsed.head.name_bytes > rest || parsed.head.data_bytes > rest - parsed.head.name_bytes)
        return std::nullopt;
    parsed.name.resize(parsed.head.name_bytes / sizeof(char16_t));
    std::memcpy(parsed.name.data(), first + sizeof parsed.head, parsed.name.size() * sizeof(char16_t));
    parsed.data = View(first + sizeof parsed.head + parsed.head.name_bytes, parsed.head.data_bytes);
    return parsed;
}

NTSTATUS list(PIRP irp) {
    Bytes bytes;
    for (const Offer& offer : all_offers()) {
        const auto add = [&](std::u16string_view name) {
            const View text = bytes_of(name);
            append(bytes, ListRecord{offer.block.guid, offer.block.flags, static_cast<ULONG>(text.size())}, text);
        };
        if (offer.block.names.empty()) add({});
        for (const std::u16string& name : offer.block.names) add(name);
    }
    return answer(irp, bytes);
}

// Gives events to the requests of their handle that wait, oldest first.
void pump(ULONG_PTR number) {
    const OpenedRef opened = opened_of(number);
    if (!opened) return;
    ExAcquireFastMutex(&opened->mutex);
    while (!opened->events.empty()) {
        PIRP const irp = IoCsqRemoveNextIrp(&waiting.csq, reinterpret_cast<PVOID>(number));
        if (!irp) break;
        const Bytes event = std::move(opened->events.front());
        opened->events.pop_front();
        answer(irp, event);
    }
    ExReleaseFastMutex(&opened->mutex);
}

void NTAPI on_event(PVOID wnode, PVOID context) {
    const auto number = reinterpret_cast<ULONG_PTR>(context);
    const OpenedRef opened = opened_of(number);
    if (!opened) return;
    const auto& node = *static_cast<const WNODE_SINGLE_INSTANCE*>(wnode);
    const auto* const first = static_cast<const uint8_t*>(wnode);
    const bool inside = node.DataBlockOffset <= node.WnodeHeader.BufferSize &&
                        node.SizeDataBlock <= node.WnodeHeader.BufferSize - node.DataBlockOffset;
    ExAcquireFastMutex(&opened->mutex);
    if (opened->events.size() < most_events) {
        append(opened->events.emplace_back(), EventRecord{node.WnodeHeader.Guid, std::exchange(opened->lost, 0)},
               inside ? View(first + node.DataBlockOffset, node.SizeDataBlock) : View());
    } else {
        ++opened->lost;
    }
    ExReleaseFastMutex(&opened->mutex);
    pump(number);
}

NTSTATUS watch(Opened& opened, ULONG_PTR number, const GUID& guid) {
    PVOID block = nullptr;
    NTSTATUS status = IoWMIOpenBlock(&guid, WMIGUID_NOTIFICATION, &block);
    if (!NT_SUCCESS(status)) return status;
    status = IoWMISetNotificationCallback(block, on_event, reinterpret_cast<PVOID>(number));
    ExAcquireFastMutex(&opened.mutex);
    opened.blocks.push_back(block);
    ExReleaseFastMutex(&opened.mutex);
    return status;
}

// What the request does with the block, as one of WMI's.
NTSTATUS ask(PIRP irp, DataCode code, const Parsed& parsed) {
    const ULONG room = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.OutputBufferLength;
    InstanceRequest request = {.minor = IRP_MN_QUERY_SINGLE_INSTANCE,
                               .flag = WNODE_FLAG_SINGLE_INSTANCE,
                               .room = room_of_data};
    if (code != DataCode::get) request.data = parsed.data;
    if (code == DataCode::set) request.minor = IRP_MN_CHANGE_SINGLE_INSTANCE;
    if (code == DataCode::call) {
        request.minor = IRP_MN_EXECUTE_METHOD;
        request.flag = WNODE_FLAG_METHOD_ITEM;
        request.id = parsed.head.method;
        request.room = std::min(room, most_method_room);
    }
    Node node;
    View data;
    const NTSTATUS status = ask_instance(parsed.head.guid, parsed.name, request, node, data);
    if (!NT_SUCCESS(status)) return complete(irp, status);
    return answer(irp, code == DataCode::set ? View() : data);
}

ULONG needed_for(DataCode code) {
    switch (code) {
        case DataCode::get:
            return WMIGUID_QUERY;
        case DataCode::set:
            return WMIGUID_SET;
        case DataCode::call:
            return WMIGUID_EXECUTE;
        default:
            return WMIGUID_NOTIFICATION;
    }
}

NTSTATUS NTAPI control(PDEVICE_OBJECT, PIRP irp) {
    const auto code = static_cast<DataCode>(
        IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode);
    const ULONG_PTR number = number_of(irp);
    const OpenedRef opened = opened_of(number);
    if (!opened) return complete(irp, STATUS_FILE_CLOSED);
    switch (code) {
        case DataCode::list:
            return list(irp);
        case DataCode::next:
            IoCsqInsertIrp(&waiting.csq, irp, nullptr);
            pump(number);
            return STATUS_PENDING;
        case DataCode::get:
        case DataCode::set:
        case DataCode::call:
        case DataCode::watch:
            break;
        default:
            return complete(irp, STATUS_INVALID_DEVICE_REQUEST);
    }
    const auto parsed = parse(irp);
    if (!parsed) return complete(irp, STATUS_INVALID_PARAMETER);
    if (!opened->privileged && !(access_of_everybody(parsed->head.guid) & needed_for(code)))
        return complete(irp, STATUS_ACCESS_DENIED);
    return code == DataCode::watch ? complete(irp, watch(*opened, number, parsed->head.guid))
                                   : ask(irp, code, *parsed);
}

NTSTATUS NTAPI create(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    auto opened = std::make_shared<Opened>();
    ExInitializeFastMutex(&opened->mutex);
    if (const PIO_SECURITY_CONTEXT security = stack.Parameters.Create.SecurityContext) {
        const SECURITY_SUBJECT_CONTEXT& subject = security->AccessState->SubjectSecurityContext;
        PACCESS_TOKEN const token = subject.ClientToken ? subject.ClientToken : subject.PrimaryToken;
        opened->privileged = token && SeTokenIsAdmin(token);
    }
    stack.FileObject->FsContext = reinterpret_cast<PVOID>(table().with([&](Table& t) {
        t.opened[t.next] = std::move(opened);
        return t.next++;
    }));
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI clean_up(PDEVICE_OBJECT, PIRP irp) {
    const ULONG_PTR number = number_of(irp);
    const OpenedRef opened = table().with([&](Table& t) -> OpenedRef {
        const auto taken = t.opened.extract(number);
        return taken.empty() ? nullptr : taken.mapped();
    });
    if (opened)
        for (PVOID block : opened->blocks) object::dereference(block);
    while (PIRP const left = IoCsqRemoveNextIrp(&waiting.csq, reinterpret_cast<PVOID>(number)))
        complete(left, STATUS_CANCELLED);
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI close(PDEVICE_OBJECT, PIRP irp) { return complete(irp, STATUS_SUCCESS); }

void NTAPI insert(PIO_CSQ, PIRP irp) { InsertTailList(&waiting.queue, &irp->Tail.Overlay.ListEntry); }
void NTAPI remove(PIO_CSQ, PIRP irp) { RemoveEntryList(&irp->Tail.Overlay.ListEntry); }
// The next one of the handle with this number.
PIRP NTAPI peek(PIO_CSQ, PIRP irp, PVOID number) {
    PLIST_ENTRY const head = &waiting.queue;
    for (PLIST_ENTRY at = irp ? irp->Tail.Overlay.ListEntry.Flink : head->Flink; at != head; at = at->Flink) {
        PIRP const one = CONTAINING_RECORD(at, IRP, Tail.Overlay.ListEntry);
        if (!number || number_of(one) == reinterpret_cast<ULONG_PTR>(number)) return one;
    }
    return nullptr;
}
void NTAPI acquire(PIO_CSQ, PKIRQL irql) { *irql = KeAcquireSpinLockRaiseToDpc(&waiting.lock); }
void NTAPI release(PIO_CSQ, KIRQL irql) { KeReleaseSpinLock(&waiting.lock, irql); }
void NTAPI complete_cancelled(PIO_CSQ, PIRP irp) { complete(irp, STATUS_CANCELLED); }

void NTAPI unload(PDRIVER_OBJECT driver) {
    UNICODE_STRING link = unicode_string(u"\\DosDevices\\WMIDataDevice");
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(driver->DeviceObject);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    InitializeListHead(&waiting.queue);
    waiting.lock = 0;
    IoCsqInitialize(&waiting.csq, insert, remove, peek, acquire, release, complete_cancelled);
    driver->DriverUnload = unload;
    driver->MajorFunction[IRP_MJ_CREATE] = create;
    driver->MajorFunction[IRP_MJ_CLEANUP] = clean_up;
    driver->MajorFunction[IRP_MJ_CLOSE] = close;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    UNICODE_STRING name = unicode_string(u"\\Device\\WMIDataDevice");
    UNICODE_STRING link = unicode_string(u"\\DosDevices\\WMIDataDevice");
    PDEVICE_OBJECT device = nullptr;
    const NTSTATUS status =
        IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &device);
    return NT_SUCCESS(status) ? IoCreateSymbolicLink(&link, &name) : status;
}

}  // namespace

Result<> start_data_device() {
    const std::string service = data_service;
    io::register_builtin(service, entry);
    registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\" + service, "ImagePath", "builtin:" + service);
    TRY(io::start_service(service));
    return {};
}

}  // namespace ndiskit::nt::wmi
