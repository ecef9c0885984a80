#pragma once

#include <cstdint>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/handle.h"

namespace ndiskit::ndis {

class Adapter;

class MiniportLog : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::log;
    MiniportLog(Adapter& a, uint32_t bytes) : Handle(handle_kind), adapter(a), size(bytes) {
        ring_.with([&](Ring& ring) { ring.bytes.resize(bytes); });
    }

    // At most `size` bytes.
    void write(const void* data, uint32_t length);
    // Takes the oldest bytes out; returns how many.
    size_t read(void* buffer, size_t length);
    void flush();

    Adapter& adapter;
    const uint32_t size;

  private:
    struct Ring {
        std::vector<uint8_t> bytes;
        size_t next = 0;
        size_t filled = 0;
    };
    Guarded<Ring, LockRank::ndis_leaf> ring_;
};

}  // namespace ndiskit::ndis
