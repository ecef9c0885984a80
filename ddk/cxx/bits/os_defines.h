// libstdc++ asks the operating system's header for the C library's properties. A kernel driver has no C library;
// what is used of libstdc++ is what needs none (<type_traits>, <span>, <optional>, <expected> ...).
#pragma once
