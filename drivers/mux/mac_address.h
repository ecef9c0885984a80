// A 48-bit MAC address as a number that compares in one instruction.
#pragma once

#include <ndis.h>

namespace mux {

class MacAddress {
  public:
    static constexpr ULONG size = 6;

    MacAddress() = default;
    explicit MacAddress(const UCHAR* bytes) { NdisMoveMemory(&value_, bytes, size); }

    void copy_to(UCHAR* bytes) const { NdisMoveMemory(bytes, &value_, size); }
    bool operator==(const MacAddress& other) const { return value_ == other.value_; }

    bool is_group() const { return value_ & 1; }
    bool is_broadcast() const { return value_ == 0xffffffffffffull; }
    bool is_zero() const { return value_ == 0; }

    // A locally administered unicast address made of this one and `salt`: always the same for the same two.
    MacAddress derive(ULONG64 salt) const {
        ULONG64 mixed = value_ ^ salt;
        mixed ^= mixed >> 33;
        mixed *= 0xff51afd7ed558ccdull;
        mixed ^= mixed >> 33;
        MacAddress result;
        constexpr ULONG64 group = 1, locally_administered = 2;
        result.value_ = ((mixed & 0xffffffffffffull) & ~group) | locally_administered;
        return result;
    }

  private:
    ULONG64 value_ = 0;  // the first byte on the wire is the lowest
};

}  // namespace mux
