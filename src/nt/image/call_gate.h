// The way from the kit into a driver: every callback, dispatch routine and DriverEntry is called through
// call_driver. Without observers it is the call itself; with some, they see it before and after.
//
//     call_driver(extension->AddDevice, driver_object, device_object);
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace ndiskit::nt {

namespace image {
// True when observers (import_hooks.h) are to be told; set before the first driver is called.
inline bool driver_calls_observed = false;
void tell_before_driver(const void* function);
void tell_after_driver(const void* function, uint8_t irql);
uint8_t current_irql();
// Is it a function of a loaded image, not of the kit?
bool is_drivers(const void* function);

class ObservedCall {
  public:
    explicit ObservedCall(const void* function) : function_(function), irql_(current_irql()) {
        tell_before_driver(function_);
    }
    ~ObservedCall() { tell_after_driver(function_, irql_); }
    ObservedCall(const ObservedCall&) = delete;
    ObservedCall& operator=(const ObservedCall&) = delete;

  private:
    const void* function_;
    uint8_t irql_;
};
}  // namespace image

template <class R, class... P>
inline R call_driver(R(__attribute__((ms_abi)) * function)(P...), std::type_identity_t<P>... arguments) {
    if (image::driver_calls_observed) [[unlikely]] {
        const image::ObservedCall call(reinterpret_cast<const void*>(function));
        return function(arguments...);
    }
    return function(arguments...);
}

// For queues that hold the kit's own routines beside drivers' (DPCs, work items): those are not shown.
template <class R, class... P>
inline R call_queued(R(__attribute__((ms_abi)) * function)(P...), std::type_identity_t<P>... arguments) {
    if (image::driver_calls_observed) [[unlikely]]
        if (image::is_drivers(reinterpret_cast<const void*>(function)))
            return call_driver(function, arguments...);
    return function(arguments...);
}

}  // namespace ndiskit::nt
