// Registers and ports as a driver's instructions reach them, and configuration space.
#include <gtest/gtest.h>

#include "fixture_device.h"
#include "nt/hal/old_names.h"
#include "nt/exception/raise.h"
#include "support/nt_machine.h"

namespace ndiskit::nt::hal {
namespace {

using fixture::Card;
using fixture::plug_card;

template <class Body>
void with_card(Body body) {
    test::on_sim([&] {
        exception::install_fault_handlers();
        body(plug_card("PCI\\CARD\\0", 2));
        unplug_all();
    });
}

TEST(Registers, AreReadAndWrittenInEachWidth) {
    with_card([](Card& card) {
        auto* base = reinterpret_cast<volatile uint8_t*>(card.bars()[0].address);
        EXPECT_LT(card.bars()[0].address, uint64_t{1} << 32);
        *reinterpret_cast<volatile uint64_t*>(base) = 0x1122334455667788;
        EXPECT_EQ(card.last_size, 8u);
        EXPECT_EQ(*reinterpret_cast<volatile uint64_t*>(base), 0x1122334455667788u);
        EXPECT_EQ(*reinterpret_cast<volatile uint32_t*>(base + 4), 0x11223344u);
        EXPECT_EQ(*reinterpret_cast<volatile uint16_t*>(base + 2), 0x5566u);
        EXPECT_EQ(base[1], 0x77u);
        EXPECT_EQ(card.last_size, 1u);
        base[0] = 0xff;
        EXPECT_EQ(static_cast<int>(*reinterpret_cast<volatile int8_t*>(base)), -1);
        *reinterpret_cast<volatile uint16_t*>(base) = 0x8000;
        EXPECT_EQ(static_cast<long>(*reinterpret_cast<volatile int16_t*>(base)), -32768);
        auto* counter = reinterpret_cast<volatile uint32_t*>(base + 0x100);
        const uint32_t before = *counter;
        EXPECT_EQ(*counter, before + 1) << "each read reaches the device";
    });
}

// What compilers make of `register |= bit` and `if (register & bit)`.
TEST(Registers, TakePartInArithmeticWithTheRightFlags) {
    with_card([](Card& card) {
        auto* r = reinterpret_cast<volatile uint32_t*>(card.bars()[0].address);
        *r = 0x0f;
        asm volatile("orl $0xf0, (%0)" ::"r"(r) : "memory", "cc");
        EXPECT_EQ(*r, 0xffu);
        asm volatile("andl %1, (%0)" ::"r"(r), "r"(0x3cu) : "memory", "cc");
        EXPECT_EQ(*r, 0x3cu);
        bool zero, carry, sign, overflow;
        asm volatile("testl $0xc0, (%1)" : "=@ccz"(zero) : "r"(r) : "memory");
        EXPECT_TRUE(zero);
        asm volatile("cmpl $0x3d, (%2)" : "=@ccc"(carry), "=@ccs"(sign) : "r"(r) : "memory");
        EXPECT_TRUE(carry);
        EXPECT_TRUE(sign);
        *r = 0x7fffffff;
        asm volatile("incl (%1)" : "=@cco"(overflow) : "r"(r) : "memory");
        EXPECT_TRUE(overflow);
        EXPECT_EQ(*r, 0x80000000u);
        uint32_t value = 5;
        asm volatile("addl (%1), %0" : "+r"(value) : "r"(r) : "memory", "cc");
        EXPECT_EQ(value, 0x80000005u);
        asm volatile("xchgl %0, (%1)" : "+r"(value) : "r"(r) : "memory");
        EXPECT_EQ(value, 0x80000000u);
        EXPECT_EQ(*r, 0x80000005u);
        uint64_t high = 0x1234;
        asm volatile("movb %h0, 1(%1)" ::"Q"(high), "Q"(r) : "memory");
        EXPECT_EQ(*r, 0x80001205u);
    });
}

TEST(Registers, AreCopiedByStringInstructions) {
    with_card([](Card& card) {
        auto* to = reinterpret_cast<void*>(card.bars()[0].address);
        const char text[16] = "fifteen letters";
        const void* from = text;
        size_t count = 4;
        asm volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
        EXPECT_EQ(count, 0u);
        EXPECT_STREQ(reinterpret_cast<char*>(card.memory), text);
        EXPECT_EQ(card.writes, 4);
        char back[16] = {};
        void* into = back;
        from = reinterpret_cast<const void*>(card.bars()[0].address);
        count = 16;
        asm volatile("rep movsb" : "+D"(into), "+S"(from), "+c"(count) : : "memory");
        EXPECT_STREQ(back, text);
    });
}

TEST(Registers, PlainMemoryOfADeviceIsShared) {
    with_card([](Card& card) {
        auto* memory = reinterpret_cast<uint32_t*>(card.bars()[2].address);
        memory[100] = 7;
        EXPECT_EQ(memory[100], 7u);
        EXPECT_EQ(card.writes, 0);
        EXPECT_EQ(
            MmMapIoSpace({.QuadPart = static_cast<LONGLONG>(card.bars()[2].address)}, 8192, MmNonCached),
            memory);
    });
}

TEST(Registers, PortsAreReachedByInAndOut) {
    with_card([](Card& card) {
        const auto port = static_cast<uint16_t>(card.bars()[1].address);
        asm volatile("outl %0, %1" ::"a"(0x11223344u), "d"(port));
        EXPECT_EQ(card.last_size, 4u);
        uint8_t byte;
        asm volatile("inb %1, %0" : "=a"(byte) : "d"(static_cast<uint16_t>(port + 1)));
        EXPECT_EQ(byte, 0x33);
        uint16_t words[2] = {};
        void* into = words;
        size_t count = 2;
        asm volatile("rep insw" : "+D"(into), "+c"(count) : "d"(port) : "memory");
        EXPECT_EQ(words[0], 0x3344) << "each from the same port";
        EXPECT_EQ(words[1], 0x3344);
        const void* from = words;
        count = 1;
        asm volatile("rep outsw" : "+S"(from), "+c"(count) : "d"(static_cast<uint16_t>(port + 4)) : "memory");
        EXPECT_EQ(card.memory[64 + 4], 0x44);
    });
}

void move_by_vector() {
    with_card([](Card& card) { asm volatile("movups (%0), %%xmm0" ::"r"(card.bars()[0].address) : "xmm0"); });
}

TEST(Registers, AnAccessThatIsNoneEndsTheMachineWithItsName) {
    EXPECT_EXIT(move_by_vector(), testing::ExitedWithCode(3), "movups");
}

TEST(ConfigurationSpace, IsReadBySlotAndSaysWhatTheDeviceIs) {
    with_card([](Card& card) {
        USHORT ids[2] = {};
        EXPECT_EQ(HalGetBusData(PCIConfiguration, 0, card.slot(), ids, 4), 4u);
        EXPECT_EQ(ids[0], 0x1234);
        EXPECT_EQ(ids[1], 0x5678);
        EXPECT_EQ(HalGetBusData(PCIConfiguration, 0, 30, ids, 4), 2u);
        EXPECT_EQ(ids[0], PCI_INVALID_VENDORID);
        EXPECT_EQ(HalGetBusData(PCIConfiguration, 1, card.slot(), ids, 4), 0u) << "no such bus";
        UCHAR at = 0, capability = 0;
        HalGetBusDataByOffset(PCIConfiguration, 0, card.slot(), &at, 0x34, 1);
        HalGetBusDataByOffset(PCIConfiguration, 0, card.slot(), &capability, at, 1);
        EXPECT_EQ(capability, 0x11) << "MSI-X";
        ULONG zero = 0, id = 0;
        HalSetBusDataByOffset(PCIConfiguration, 0, card.slot(), &zero, 0, 4);
        HalGetBusDataByOffset(PCIConfiguration, 0, card.slot(), &id, 0, 4);
        EXPECT_EQ(id, 0x56781234u) << "ids cannot be written";
        USHORT command = 0x0407, read = 0;
        HalSetBusDataByOffset(PCIConfiguration, 0, card.slot(), &command, 4, 2);
        HalGetBusDataByOffset(PCIConfiguration, 0, card.slot(), &read, 4, 2);
        EXPECT_EQ(read, command);
        EXPECT_EQ(card.probed_bars()[0], 0xfffff000u);
        EXPECT_EQ(card.probed_bars()[1], 0xffffffe1u);
        EXPECT_EQ(card.probed_bars()[3], 0u);
        PHYSICAL_ADDRESS address{.QuadPart = 42}, translated{};
        EXPECT_TRUE(HalTranslateBusAddress(PCIBus, 0, address, nullptr, &translated));
        EXPECT_EQ(translated.QuadPart, 42);
    });
}

TEST(ConfigurationSpace, ResourcesNameBarsAndMessages) {
    with_card([](Card& card) {
        const auto& list = card.translated_resources()->List[0].PartialResourceList;
        ASSERT_EQ(list.Count, 5u);
        EXPECT_EQ(list.PartialDescriptors[0].Type, CmResourceTypeMemory);
        EXPECT_EQ(static_cast<uint64_t>(list.PartialDescriptors[0].u.Memory.Start.QuadPart),
                  card.bars()[0].address);
        EXPECT_EQ(list.PartialDescriptors[1].Type, CmResourceTypePort);
        EXPECT_EQ(list.PartialDescriptors[3].Flags,
                  CM_RESOURCE_INTERRUPT_MESSAGE | CM_RESOURCE_INTERRUPT_LATCHED);
        const auto& raw = card.raw_resources()->List[0].PartialResourceList;
        EXPECT_EQ(raw.PartialDescriptors[3].u.MessageInterrupt.Raw.MessageCount, 1);
    });
}

}  // namespace
}  // namespace ndiskit::nt::hal
