// Machine code that the loader writes: an area beside each image, filled while it is writable and then made
// executable, never both. Code is written with Emitter, byte by byte, for the few instructions the thunks
// need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "base/assert.h"

namespace ndiskit::nt::image {

class ThunkArea {
  public:
    ThunkArea(std::byte* start, size_t size) : start_(start), next_(start), end_(start + size) {}

    // Lets code be added; other threads must not run in the area meanwhile.
    void make_writable();
    void make_executable();
    bool contains(const void* address) const { return address >= start_ && address < end_; }
    size_t size() const { return static_cast<size_t>(end_ - start_); }
    size_t room() const { return static_cast<size_t>(end_ - next_); }
    std::byte* start() const { return start_; }
    std::byte* next() const { return next_; }

  private:
    friend class Emitter;
    std::byte* start_;
    std::byte* next_;
    std::byte* end_;
};

// Registers by their encoding.
enum class Reg : uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 };

// Appends one thunk to an area. `code()` is its address.
class Emitter {
  public:
    explicit Emitter(ThunkArea& area);

    const std::byte* code() const { return code_; }
    std::byte* here() const { return area_.next_; }

    void bytes(std::initializer_list<uint8_t> list) {
        for (const uint8_t b : list) byte(b);
    }
    void byte(uint8_t b) { put(&b, 1); }
    void raw(const void* data, size_t size) { put(data, size); }

    void push(Reg r);
    void pop(Reg r);
    void move(Reg to, Reg from);
    void move_imm64(Reg to, uint64_t value);
    // [rsp + displacement] <- r, and back
    void store_rsp(int32_t displacement, Reg r);
    void load_rsp(Reg r, int32_t displacement);
    void store_rbp(int32_t displacement, Reg r);
    void load_rbp(Reg r, int32_t displacement);
    void store_xmm_rsp(int32_t displacement, uint8_t xmm);
    void load_xmm_rsp(uint8_t xmm, int32_t displacement);
    void add_rsp(int32_t value);
    void align_rsp();
    void lea_rsp(Reg to, int32_t displacement);
    void call(Reg r);
    void jump(Reg r);
    // Absolute, through a literal: spoils no register.
    void jump_to(const void* target);
    void call_through_rax(const void* target);

  private:
    void put(const void* data, size_t size) {
        ASSERT_THAT(area_.room() >= size, "the thunk area is full");
        std::memcpy(area_.next_, data, size);
        area_.next_ += size;
    }
    void rex_w(Reg reg, Reg base);
    void rsp_operand(uint8_t reg, int32_t displacement);

    ThunkArea& area_;
    const std::byte* code_;
};

}  // namespace ndiskit::nt::image
