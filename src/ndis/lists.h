// Small helpers over lists.
#pragma once

#include <algorithm>

namespace ndiskit::ndis {

template <class List, class Value>
bool contains(const List& list, const Value& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace ndiskit::ndis
