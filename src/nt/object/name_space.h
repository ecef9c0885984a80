// The names of objects: see object.h, whose functions name_space.cpp defines. A path stands for its object
// directly; directories exist so that a name needs one.
#pragma once

#include "nt/object/object.h"

namespace ndiskit::nt::object {

struct Link {
    std::u16string target;
};

// What a symbolic link stands for; empty when it is none.
std::u16string link_target(void* body);
// The path in one spelling of its first directory; empty when it is no path.
std::u16string normal_path(std::u16string_view path);

}  // namespace ndiskit::nt::object
