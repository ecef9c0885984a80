#include "lower_list.h"

namespace mux {

void LowerList::add(Lower& lower) {
    ndisxx::Mutex::Guard guard(mutex_);
    all_.push_back(lower);
}

void LowerList::remove(Lower& lower) {
    ndisxx::Mutex::Guard guard(mutex_);
    all_.remove(lower);
}

void LowerList::enable(const UNICODE_STRING& device) {
    ndisxx::Mutex::Guard guard(mutex_);
    for (Lower& lower : all_) lower.enable(device);
}

}  // namespace mux
