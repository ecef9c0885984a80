// A driver that offers blocks to WMI, and another that asks for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"
#include "nt/wmi/registration.h"
#include "provider.h"
#include "support/irp.h"

namespace ndiskit::nt {
namespace {

using namespace wmi_provider;
using test::complete;

constexpr GUID listed = {1, 0, 0, {}}, numbered = {2, 0, 0, {}}, by_device = {3, 0, 0, {}},
               dynamic = {4, 0, 0, {}}, event = {5, 0, 0, {}}, unknown = {9, 0, 0, {}};

// What the provider has and what came to it.
struct Provider {
    uint64_t values[2] = {11, 22};
    std::vector<uint8_t> minors;
    std::vector<ULONG> ids;
    bool with_names = true, remove_listed = false;
    int reginfo = 0;
};
Provider provider;

size_t put_text(uint8_t* at, std::u16string_view text) {
    const auto bytes = static_cast<USHORT>(2 * text.size());
    std::memcpy(at, &bytes, 2);
    std::memcpy(at + 2, text.data(), bytes);
    return 2u + bytes;
}

NTSTATUS tell_registration(PIRP irp, const decltype(IO_STACK_LOCATION::Parameters.WMI)& request) {
    constexpr ULONG count = 5, texts = sizeof(WMIREGINFOW) + count * sizeof(WMIREGGUIDW), size = texts + 100;
    ++provider.reginfo;
    EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    if (request.BufferSize < size) {
        std::memcpy(request.Buffer, &size, sizeof size);
        return complete(irp, STATUS_BUFFER_TOO_SMALL, sizeof size);
    }
    auto* const info = static_cast<WMIREGINFOW*>(request.Buffer);
    auto* const bytes = static_cast<uint8_t*>(request.Buffer);
    *info = {size, 0, 0, 0, count};
    PDEVICE_OBJECT const physical = functional->DeviceObjectExtension->AttachedTo;
    object::reference(physical);
    ULONG at = texts;
    const ULONG list = at;
    at += static_cast<ULONG>(put_text(bytes + at, u"First"));
    at += static_cast<ULONG>(put_text(bytes + at, u"Second"));
    const ULONG base = at;
    put_text(bytes + at, u"Port");
    const ULONG remove = provider.remove_listed ? WMIREG_FLAG_REMOVE_GUID : 0u;
    WMIREGGUIDW blocks[count] = {
        {listed, WMIREG_FLAG_INSTANCE_LIST | WMIREG_FLAG_EXPENSIVE | remove, 2, {list}},
        {numbered, WMIREG_FLAG_INSTANCE_BASENAME, 2, {base}},
        {by_device, WMIREG_FLAG_INSTANCE_PDO, 1, {}},
        {dynamic, 0, 0, {}},
        {event, WMIREG_FLAG_INSTANCE_LIST | WMIREG_FLAG_EVENT_ONLY_GUID, 2, {list}},
    };
    blocks[2].Pdo = reinterpret_cast<ULONG_PTR>(physical);
    std::memcpy(bytes + sizeof *info, blocks, sizeof blocks);
    return complete(irp, STATUS_SUCCESS, size);
}

// All instances: 8 bytes each.
NTSTATUS tell_all(PIRP irp, const decltype(IO_STACK_LOCATION::Parameters.WMI)& request) {
    auto& node = *static_cast<WNODE_ALL_DATA*>(request.Buffer);
    const ULONG size = sizeof node + 16;
    EXPECT_TRUE(node.WnodeHeader.Flags & WNODE_FLAG_ALL_DATA);
    node.WnodeHeader.BufferSize = size;
    node.WnodeHeader.Flags |= WNODE_FLAG_FIXED_INSTANCE_SIZE;
    node.DataBlockOffset = sizeof node;
    node.InstanceCount = 2;
    node.FixedInstanceSize = 8;
    std::memcpy(static_cast<uint8_t*>(request.Buffer) + sizeof node, provider.values, 16);
    return complete(irp, STATUS_SUCCESS, size);
}

// Which instance a request is for; 2 when there is no such one.
ULONG index_of(const WNODE_SINGLE_INSTANCE& node) {
    if (node.WnodeHeader.Flags & WNODE_FLAG_STATIC_INSTANCE_NAMES) return node.InstanceIndex;
    const auto* const at = reinterpret_cast<const uint8_t*>(&node) + node.OffsetInstanceName;
    USHORT bytes;
    std::memcpy(&bytes, at, 2);
    std::u16string name(bytes / 2, u'\0');
    std::memcpy(name.data(), at + 2, bytes);
    return name == u"Moving" ? 1 : 2;
}

NTSTATUS about_instance(PIRP irp, const decltype(IO_STACK_LOCATION::Parameters.WMI)& request, UCHAR minor) {
    auto& node = *static_cast<WNODE_SINGLE_INSTANCE*>(request.Buffer);
    auto& item = *static_cast<WNODE_METHOD_ITEM*>(request.Buffer);
    auto* const bytes = static_cast<uint8_t*>(request.Buffer);
    const ULONG index = index_of(node);
    if (index > 1) return complete(irp, STATUS_WMI_INSTANCE_NOT_FOUND);
    switch (minor) {
        case IRP_MN_QUERY_SINGLE_INSTANCE:
            EXPECT_EQ(node.DataBlockOffset % 8, 0u);
            node.WnodeHeader.BufferSize = node.DataBlockOffset + 8;
            node.SizeDataBlock = 8;
            std::memcpy(bytes + node.DataBlockOffset, &provider.values[index], 8);
            return complete(irp, STATUS_SUCCESS, node.WnodeHeader.BufferSize);
        case IRP_MN_CHANGE_SINGLE_INSTANCE:
            if (node.SizeDataBlock != 8) return complete(irp, STATUS_WMI_SET_FAILURE);
            std::memcpy(&provider.values[index], bytes + node.DataBlockOffset, 8);
            return complete(irp, STATUS_SUCCESS);
        case IRP_MN_CHANGE_SINGLE_ITEM:
            provider.ids.push_back(item.MethodId);
            if (item.MethodId == 1) return complete(irp, STATUS_WMI_READ_ONLY);
            if (item.MethodId != 2) return complete(irp, STATUS_WMI_ITEMID_NOT_FOUND);
            std::memcpy(&provider.values[index], bytes + item.DataBlockOffset, item.SizeDataBlock);
            return complete(irp, STATUS_SUCCESS);
        default: {  // a method that gives back what it got, as often as its number says
            const ULONG in = item.SizeDataBlock, out = in * item.MethodId;
            if (item.DataBlockOffset + out > request.BufferSize) {
                auto& small = *static_cast<WNODE_TOO_SMALL*>(request.Buffer);
                small.WnodeHeader.Flags |= WNODE_FLAG_TOO_SMALL;
                small.WnodeHeader.BufferSize = sizeof small;
                small.SizeNeeded = item.DataBlockOffset + out;
                return complete(irp, STATUS_SUCCESS, sizeof small);
            }
            for (ULONG i = in; i < out; ++i)
                bytes[item.DataBlockOffset + i] = bytes[item.DataBlockOffset + i - in];
            item.WnodeHeader.BufferSize = item.DataBlockOffset + out;
            item.SizeDataBlock = out;
            return complete(irp, STATUS_SUCCESS, item.WnodeHeader.BufferSize);
        }
    }
}

NTSTATUS NTAPI system_control(PDEVICE_OBJECT device, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const auto request = stack.Parameters.WMI;
    if (request.ProviderId != reinterpret_cast<ULONG_PTR>(device)) {
        IoSkipCurrentIrpStackLocation(irp);
        return IofCallDriver(device->DeviceObjectExtension->AttachedTo, irp);
    }
    if (stack.MinorFunction == IRP_MN_REGINFO_EX) return tell_registration(irp, request);
    provider.minors.push_back(stack.MinorFunction);
    if (stack.MinorFunction >= IRP_MN_ENABLE_EVENTS && stack.MinorFunction <= IRP_MN_DISABLE_COLLECTION)
        return complete(irp, STATUS_SUCCESS);
    return stack.MinorFunction == IRP_MN_QUERY_ALL_DATA ? tell_all(irp, request)
                                                        : about_instance(irp, request, stack.MinorFunction);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = pass_pnp;
    driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = system_control;
    for (int major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE})
        driver->MajorFunction[major] = [](PDEVICE_OBJECT, PIRP irp)
                                           NTAPI { return complete(irp, STATUS_SUCCESS); };
    return STATUS_SUCCESS;
}

void on_provider(const std::function<void(PDEVICE_OBJECT physical)>& body) {
    provider = Provider();
    on_device("wmitest", entry, [] { return provider.reginfo != 0; }, body);
}

UNICODE_STRING text(std::u16string_view of) { return unicode_string(of); }

// A counted string of a node.
std::u16string text_at(const std::vector<uint8_t>& node, size_t at) {
    USHORT bytes;
    std::memcpy(&bytes, node.data() + at, 2);
    std::u16string result(bytes / 2, u'\0');
    std::memcpy(result.data(), node.data() + at + 2, bytes);
    return result;
}

std::u16string name_in(const std::vector<uint8_t>& node, ULONG number) {
    ULONG offset;
    const auto& all = *reinterpret_cast<const WNODE_ALL_DATA*>(node.data());
    std::memcpy(&offset, node.data() + all.OffsetInstanceNameOffsets + 4 * number, 4);
    return text_at(node, offset);
}

TEST(Wmi, AllInstancesComeWithTheirNames) {
    on_provider([](PDEVICE_OBJECT) {
        const std::pair<GUID, std::u16string> expected[] = {{listed, u"Second"}, {numbered, u"Port1"}};
        for (const auto& [guid, name] : expected) {
            PVOID block = open(guid, WMIGUID_QUERY);
            ULONG size = 0;
            EXPECT_EQ(IoWMIQueryAllData(block, &size, nullptr), STATUS_BUFFER_TOO_SMALL);
            std::vector<uint8_t> buffer(size);
            EXPECT_EQ(IoWMIQueryAllData(block, &size, buffer.data()), STATUS_SUCCESS);
            EXPECT_EQ(size, buffer.size());
            const auto& all = *reinterpret_cast<WNODE_ALL_DATA*>(buffer.data());
            EXPECT_EQ(all.WnodeHeader.Linkage, 0u);
            EXPECT_TRUE(all.WnodeHeader.Guid == guid);
            EXPECT_EQ(all.WnodeHeader.ProviderId, IoWMIDeviceObjectToProviderId(functional));
            EXPECT_EQ(all.InstanceCount, 2u);
            EXPECT_EQ(std::memcmp(buffer.data() + all.DataBlockOffset, provider.values, 16), 0);
            EXPECT_EQ(name_in(buffer, 1), name);
            object::dereference(block);
        }
        ULONG size = 0;
        PVOID none = open(unknown, WMIGUID_QUERY), events = open(event, WMIGUID_QUERY),
              other = open(listed, WMIGUID_SET);
        EXPECT_EQ(IoWMIQueryAllData(none, &size, nullptr), STATUS_WMI_GUID_NOT_FOUND);
        EXPECT_EQ(IoWMIQueryAllData(events, &size, nullptr), STATUS_WMI_GUID_NOT_FOUND);  // events alone
        EXPECT_EQ(IoWMIQueryAllData(other, &size, nullptr), STATUS_ACCESS_DENIED);
        for (PVOID object : {none, events, other}) object::dereference(object);
    });
}

TEST(Wmi, SeveralBlocksComeAsAChain) {
    on_provider([](PDEVICE_OBJECT) {
        PVOID blocks[] = {open(listed, WMIGUID_QUERY), open(unknown, WMIGUID_QUERY),
                          open(numbered, WMIGUID_QUERY)};
        std::vector<uint8_t> buffer(1000);
        ULONG size = 1000;
        EXPECT_EQ(IoWMIQueryAllDataMultiple(blocks, 3, &size, buffer.data()), STATUS_SUCCESS);
        const auto& first = *reinterpret_cast<WNODE_HEADER*>(buffer.data());
        EXPECT_TRUE(first.Guid == listed);
        ASSERT_NE(first.Linkage, 0u);
        const auto& second = *reinterpret_cast<WNODE_HEADER*>(buffer.data() + first.Linkage);
        EXPECT_TRUE(second.Guid == numbered);
        EXPECT_EQ(second.Linkage, 0u);
        size = 0;
        EXPECT_EQ(IoWMIQueryAllDataMultiple(blocks + 1, 1, &size, buffer.data()), STATUS_SUCCESS);
        EXPECT_EQ(size, 0u);

        UNICODE_STRING names[] = {text(u"Second"), text(u"Any"), text(u"Port7")};
        size = 1000;
        EXPECT_EQ(IoWMIQuerySingleInstanceMultiple(blocks, names, 3, &size, buffer.data()), STATUS_SUCCESS);
        EXPECT_EQ(reinterpret_cast<WNODE_HEADER*>(buffer.data())->Linkage, 0u);  // of three there is one
        size = 1;
        EXPECT_EQ(IoWMIQuerySingleInstanceMultiple(blocks, names, 3, &size, buffer.data()),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_GT(size, 1u);
        for (PVOID object : blocks) object::dereference(object);
    });
}

TEST(Wmi, OneInstanceIsKnownByItsName) {
    on_provider([](PDEVICE_OBJECT) {
        const std::pair<GUID, std::u16string_view> instances[] = {
            {listed, u"second"}, {numbered, u"Port1"}, {dynamic, u"Moving"}};
        for (const auto& [guid, name] : instances) {
            PVOID block = open(guid, WMIGUID_QUERY);
            std::vector<uint8_t> buffer(200);
            ULONG size = 200;
            UNICODE_STRING wanted = text(name);
            EXPECT_EQ(IoWMIQuerySingleInstance(block, &wanted, &size, buffer.data()), STATUS_SUCCESS);
            const auto& node = *reinterpret_cast<WNODE_SINGLE_INSTANCE*>(buffer.data());
            EXPECT_EQ(node.SizeDataBlock, 8u);
            EXPECT_EQ(buffer[node.DataBlockOffset], 22);
            EXPECT_EQ(text_at(buffer, node.OffsetInstanceName), name);
            wanted = text(u"Nobody");
            size = 200;
            EXPECT_EQ(IoWMIQuerySingleInstance(block, &wanted, &size, buffer.data()),
                      STATUS_WMI_INSTANCE_NOT_FOUND);
            object::dereference(block);
        }
        PVOID none = open(unknown, WMIGUID_QUERY);
        UNICODE_STRING wanted = text(u"First");
        ULONG size = 0;
        EXPECT_EQ(IoWMIQuerySingleInstance(none, &wanted, &size, nullptr), STATUS_WMI_GUID_NOT_FOUND);
        object::dereference(none);
    });
}

TEST(Wmi, InstancesAndItemsAreSet) {
    on_provider([](PDEVICE_OBJECT) {
        PVOID block = open(listed, WMIGUID_SET);
        UNICODE_STRING first = text(u"First"), nobody = text(u"Nobody");
        uint64_t value = 77;
        EXPECT_EQ(IoWMISetSingleInstance(block, &first, 0, 8, &value), STATUS_SUCCESS);
        EXPECT_EQ(provider.values[0], 77u);
        EXPECT_EQ(IoWMISetSingleInstance(block, &first, 0, 4, &value), STATUS_WMI_SET_FAILURE);
        EXPECT_EQ(IoWMISetSingleInstance(block, &nobody, 0, 8, &value), STATUS_WMI_INSTANCE_NOT_FOUND);
        value = 78;
        EXPECT_EQ(IoWMISetSingleItem(block, &first, 2, 0, 8, &value), STATUS_SUCCESS);
        EXPECT_EQ(provider.values[0], 78u);
        EXPECT_EQ(IoWMISetSingleItem(block, &first, 1, 0, 8, &value), STATUS_WMI_READ_ONLY);
        EXPECT_EQ(IoWMISetSingleItem(block, &first, 3, 0, 8, &value), STATUS_WMI_ITEMID_NOT_FOUND);
        EXPECT_EQ(provider.ids, (std::vector<ULONG>{2, 1, 3}));
        object::dereference(block);
        block = open(listed, WMIGUID_QUERY);
        EXPECT_EQ(IoWMISetSingleInstance(block, &first, 0, 8, &value), STATUS_ACCESS_DENIED);
        EXPECT_EQ(IoWMISetSingleItem(block, &first, 2, 0, 8, &value), STATUS_ACCESS_DENIED);
        object::dereference(block);
    });
}

TEST(Wmi, AMethodTakesAndGivesData) {
    on_provider([](PDEVICE_OBJECT) {
        PVOID block = open(dynamic, WMIGUID_EXECUTE);
        UNICODE_STRING name = text(u"Moving"), nobody = text(u"Nobody");
        std::vector<UCHAR> buffer(12, 0);
        std::memcpy(buffer.data(), "abcd", 4);
        ULONG size = 12;
        EXPECT_EQ(IoWMIExecuteMethod(block, &name, 3, 4, &size, buffer.data()), STATUS_SUCCESS);
        EXPECT_EQ(size, 12u);
        EXPECT_EQ(std::string(buffer.begin(), buffer.end()), "abcdabcdabcd");
        size = 8;
        EXPECT_EQ(IoWMIExecuteMethod(block, &name, 3, 4, &size, buffer.data()), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(size, 12u);
        EXPECT_EQ(IoWMIExecuteMethod(block, &nobody, 3, 4, &size, buffer.data()),
                  STATUS_WMI_INSTANCE_NOT_FOUND);
        object::dereference(block);
    });
}

TEST(Wmi, CollectionAndEventsAreOnWhileSomebodyWantsThem) {
    on_provider([](PDEVICE_OBJECT) {
        PVOID first = open(listed, WMIGUID_QUERY), second = open(listed, WMIGUID_QUERY),
              cheap = open(numbered, WMIGUID_QUERY);
        EXPECT_EQ(provider.minors, std::vector<uint8_t>{IRP_MN_ENABLE_COLLECTION});
        object::dereference(first);
        EXPECT_EQ(provider.minors.size(), 1u);
        object::dereference(second);
        object::dereference(cheap);
        EXPECT_EQ(provider.minors,
                  (std::vector<uint8_t>{IRP_MN_ENABLE_COLLECTION, IRP_MN_DISABLE_COLLECTION}));
        provider.minors.clear();
        PVOID listener = open(event, WMIGUID_NOTIFICATION | SYNCHRONIZE);
        EXPECT_EQ(provider.minors, std::vector<uint8_t>{IRP_MN_ENABLE_EVENTS});
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        object::dereference(listener);
        KeLowerIrql(irql);
        while (provider.minors.size() < 2) nap();
        EXPECT_EQ(provider.minors.back(), IRP_MN_DISABLE_EVENTS);
    });
}

struct Heard {
    int times = 0;
    uint8_t data = 0;
    KIRQL irql = 9;
};
void NTAPI hear(PVOID wnode, PVOID context) {
    auto& heard = *static_cast<Heard*>(context);
    const auto& node = *static_cast<WNODE_SINGLE_INSTANCE*>(wnode);
    EXPECT_TRUE(node.WnodeHeader.Guid == event);
    heard.data = static_cast<uint8_t*>(wnode)[node.DataBlockOffset];
    heard.irql = current_irql();
    ++heard.times;
}

WNODE_HEADER* make_event(ULONG size, ULONG flags) {
    auto* const header = static_cast<WNODE_HEADER*>(ExAllocatePoolWithTag(NonPagedPoolNx, size, 'tneW'));
    std::memset(static_cast<void*>(header), 0, size);
    header->BufferSize = size;
    header->ProviderId = IoWMIDeviceObjectToProviderId(functional);
    header->Guid = event;
    header->Flags = flags;
    return header;
}

TEST(Wmi, EventsReachTheirListeners) {
    on_provider([](PDEVICE_OBJECT) {
        Heard heard;
        PVOID listener = open(event, WMIGUID_NOTIFICATION | SYNCHRONIZE), reader = open(event, WMIGUID_QUERY);
        EXPECT_EQ(IoWMISetNotificationCallback(reader, hear, &heard), STATUS_ACCESS_DENIED);
        EXPECT_EQ(IoWMISetNotificationCallback(listener, hear, &heard), STATUS_SUCCESS);
        auto* const item =
            make_event(sizeof(WNODE_SINGLE_INSTANCE) + 8,
                       WNODE_FLAG_EVENT_ITEM | WNODE_FLAG_SINGLE_INSTANCE | WNODE_FLAG_STATIC_INSTANCE_NAMES);
        auto& node = *reinterpret_cast<WNODE_SINGLE_INSTANCE*>(item);
        node.DataBlockOffset = sizeof node;
        node.SizeDataBlock = 8;
        reinterpret_cast<uint8_t*>(item)[sizeof node] = 42;
        EXPECT_EQ(IoWMIWriteEvent(item), STATUS_SUCCESS);  // which frees it
        while (heard.times == 0) nap();
        EXPECT_EQ(heard.data, 42);
        EXPECT_EQ(heard.irql, PASSIVE_LEVEL);

        // A reference makes WMI ask for the data.
        auto& reference = *reinterpret_cast<WNODE_EVENT_REFERENCE*>(
            make_event(sizeof(WNODE_EVENT_REFERENCE), WNODE_FLAG_EVENT_REFERENCE));
        reference.TargetGuid = listed;
        reference.TargetInstanceIndex = 1;
        EXPECT_EQ(IoWMIWriteEvent(&reference), STATUS_SUCCESS);
        while (heard.times == 1) nap();
        EXPECT_EQ(heard.data, 22);

        // What is not taken stays the driver's.
        auto* large = make_event(2000, WNODE_FLAG_EVENT_ITEM);
        EXPECT_EQ(IoWMIWriteEvent(large), STATUS_BUFFER_OVERFLOW);
        ExFreePool(large);
        auto* traced = make_event(100, WNODE_FLAG_TRACED_GUID);
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        EXPECT_EQ(IoWMIWriteEvent(traced), STATUS_UNSUCCESSFUL);
        KeLowerIrql(irql);
        ExFreePool(traced);
        EXPECT_EQ(heard.times, 2);
        object::dereference(listener);
        object::dereference(reader);
    });
}

TEST(Wmi, RegistrationsChange) {
    on_provider([](PDEVICE_OBJECT physical) {
        EXPECT_EQ(IoWMIRegistrationControl(functional, WMIREG_ACTION_REGISTER), STATUS_OBJECT_NAME_EXISTS);
        EXPECT_EQ(IoWMIRegistrationControl(functional, 99), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoWMIRegistrationControl(physical, WMIREG_ACTION_UPDATE_GUIDS), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoWMIDeviceObjectToProviderId(physical), 0u);
        PVOID block = open(listed, WMIGUID_QUERY);
        ULONG size = 0;
        EXPECT_EQ(IoWMIQueryAllData(block, &size, nullptr), STATUS_BUFFER_TOO_SMALL);
        provider.remove_listed = true;
        EXPECT_EQ(IoWMIRegistrationControl(functional, WMIREG_ACTION_UPDATE_GUIDS), STATUS_SUCCESS);
        while (IoWMIQueryAllData(block, &size, nullptr) != STATUS_WMI_GUID_NOT_FOUND) nap();
        // The driver begins anew; whoever has the block open wants its data still.
        provider.remove_listed = false;
        provider.minors.clear();
        EXPECT_EQ(IoWMIRegistrationControl(functional, WMIREG_ACTION_REREGISTER), STATUS_SUCCESS);
        size = 0;
        while (IoWMIQueryAllData(block, &size, nullptr) != STATUS_BUFFER_TOO_SMALL) nap();
        EXPECT_EQ(std::ranges::count(provider.minors, IRP_MN_ENABLE_COLLECTION), 1);
        object::dereference(block);
    });
}

TEST(Wmi, NamesOfDevicesInstances) {
    on_provider([](PDEVICE_OBJECT physical) {
        PVOID block = open(by_device, WMIGUID_QUERY), none = open(unknown, WMIGUID_QUERY);
        UNICODE_STRING name = {};
        EXPECT_EQ(IoWMIDeviceObjectToInstanceName(block, functional, &name), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&name), u"ROOT\\NET\\0000_0");
        RtlFreeUnicodeString(&name);
        EXPECT_EQ(IoWMIDeviceObjectToInstanceName(none, functional, &name), STATUS_WMI_INSTANCE_NOT_FOUND);
        EXPECT_EQ(IoWMIDeviceObjectToInstanceName(block, physical, &name), STATUS_WMI_INSTANCE_NOT_FOUND);

        std::u16string path = object::name_of(physical);
        UNICODE_STRING device = unicode_string(path);
        OBJECT_ATTRIBUTES attributes = {};
        attributes.Length = sizeof attributes;
        attributes.ObjectName = &device;
        IO_STATUS_BLOCK status;
        HANDLE handle = nullptr;
        ASSERT_EQ(ZwOpenFile(&handle, SYNCHRONIZE, &attributes, &status, 0, 0), STATUS_SUCCESS);
        EXPECT_EQ(IoWMIHandleToInstanceName(block, handle, &name), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&name), u"ROOT\\NET\\0000_0");
        RtlFreeUnicodeString(&name);
        EXPECT_EQ(IoWMIHandleToInstanceName(none, handle, &name), STATUS_WMI_INSTANCE_NOT_FOUND);
        ZwClose(handle);
        for (PVOID object : {block, none}) object::dereference(object);

        UNICODE_STRING link = text(u"\\??\\ROOT#NET#0000");
        EXPECT_EQ(IoWMISuggestInstanceName(physical, nullptr, FALSE, &name), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&name), u"Test adapter");
        RtlFreeUnicodeString(&name);
        EXPECT_EQ(IoWMISuggestInstanceName(physical, &link, TRUE, &name), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&name), u"Test adapter (ROOT#NET#0000)");
        RtlFreeUnicodeString(&name);
        EXPECT_EQ(IoWMISuggestInstanceName(physical, nullptr, TRUE, &name), STATUS_INVALID_PARAMETER);

        ULONG first = 0, next = 0, other = 7;
        EXPECT_EQ(IoWMIAllocateInstanceIds(&listed, 6, &first), STATUS_SUCCESS);
        EXPECT_EQ(IoWMIAllocateInstanceIds(&listed, 1, &next), STATUS_SUCCESS);
        EXPECT_EQ(IoWMIAllocateInstanceIds(&dynamic, 1, &other), STATUS_SUCCESS);
        EXPECT_EQ(next, first + 6);
        EXPECT_EQ(other, 0u);
    });
}

TEST(Wmi, RegistrationsThatLieAreRefused) {
    std::vector<uint8_t> answer(sizeof(WMIREGINFOW) + sizeof(WMIREGGUIDW) + 8);
    auto& info = *reinterpret_cast<WMIREGINFOW*>(answer.data());
    auto& block = *reinterpret_cast<WMIREGGUIDW*>(answer.data() + sizeof info);
    info = {static_cast<ULONG>(answer.size()), 0, 0, 0, 1};
    block = {listed, 0, 0, {}};
    EXPECT_TRUE(wmi::parse_registration(answer));
    info.GuidCount = 2;
    EXPECT_FALSE(wmi::parse_registration(answer));
    info.GuidCount = 1;
    info.NextWmiRegInfo = 10000;
    EXPECT_FALSE(wmi::parse_registration(answer));
    info.NextWmiRegInfo = 0;
    block = {listed, WMIREG_FLAG_INSTANCE_LIST, 1, {sizeof info + sizeof block + 7}};
    EXPECT_FALSE(wmi::parse_registration(answer));  // the length of the name is cut
    block.InstanceNameList = 0xFFFFFFFF;
    EXPECT_FALSE(wmi::parse_registration(answer));
    EXPECT_FALSE(wmi::parse_registration({}));
}

}  // namespace
}  // namespace ndiskit::nt
