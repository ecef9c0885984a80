// Interrupt vectors: where the lines and messages of devices meet the interrupt objects of drivers.
//
// A line is level-sensitive and may be shared: it is served as long as somebody holds it, by the first
// handler that says the interrupt was its device's. A message is latched: each one is served once, and those
// that come while one waits are the same one. A line that stays held however often it is served is what
// Windows calls an interrupt storm (bug check 0xF2).
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/ke/interrupt_request.h"

namespace ndiskit::nt::hal {

struct InterruptObject;

class Vector {
  public:
    Vector(ULONG number, bool level, KAFFINITY affinity);
    // PASSIVE_LEVEL; no device raises or holds it any more. Takes a request that waits back.
    ~Vector();
    Vector(const Vector&) = delete;
    Vector& operator=(const Vector&) = delete;

    const ULONG number;
    const KIRQL irql;  // by the number, as on x64
    const bool level;
    const KAFFINITY affinity;

    // A message. Any IRQL; no lock of the kit is held.
    void raise() { request(); }
    // A line: one more device holds it, or one less. Any IRQL.
    void hold(bool held) { held_.fetch_add(held ? 1 : -1, std::memory_order_acq_rel); }
    // Lets the handlers be called. Any IRQL; no lock of the kit is held.
    void request();

    // A handler has come or has become active: it hears of a line that is held already.
    void look_again();

    // PASSIVE_LEVEL. `share`: whether others may be connected, too; false when that cannot be.
    bool connect(InterruptObject& object, bool share);
    // On return the object's handler does not run any more.
    void disconnect(InterruptObject& object);

  private:
    struct Request : ke::InterruptRequest {
        Vector* vector;
    };
    struct Connected {
        std::vector<InterruptObject*> objects;
        bool shared = true;
    };

    void deliver();

    Request request_;
    std::atomic<int> held_ = 0;
    std::atomic<uint32_t> running_ = 0;
    uint32_t in_a_row_ = 0;  // served with the line still held; of the serving thread
    Guarded<Connected, LockRank::nt_device> connected_;
};

// What PKINTERRUPT points to.
struct InterruptObject {
    Vector* vector;
    PKSERVICE_ROUTINE service = nullptr;                  // of a line
    PKMESSAGE_SERVICE_ROUTINE message_service = nullptr;  // of a message
    PVOID context;
    ULONG message = 0;
    KSPIN_LOCK own_lock = 0;
    KSPIN_LOCK* lock = &own_lock;
    KIRQL synchronize_irql;
    std::atomic<bool> active = true;
};

inline InterruptObject& interrupt_object(PKINTERRUPT interrupt) {
    return *reinterpret_cast<InterruptObject*>(interrupt);
}
inline PKINTERRUPT kinterrupt(InterruptObject& object) { return reinterpret_cast<PKINTERRUPT>(&object); }

}  // namespace ndiskit::nt::hal
