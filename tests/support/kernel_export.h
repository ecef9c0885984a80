// A function as a driver has it: found in the export table by its Windows name, called in the Microsoft
// convention. For what has no name of its own in the host, such as the C library. An instance is named nt_
// and the function's name:
//
//   const KernelExport<int(const char*, const char*)> nt_strcmp{"strcmp"};
#pragma once

#include <cstdlib>
#include <string_view>

#include "nt/exports.h"

namespace ndiskit::test {

inline const void* kernel_export(std::string_view name) {
    nt::register_nt_exports();
    const nt::Export* const row = nt::find_export("ntoskrnl.exe", name);
    if (!row) std::abort();
    return row->address;
}

template <class Signature>
struct KernelExport;

template <class Result, class... Parameters>
struct KernelExport<Result(Parameters...)> {
    const char* name;
    Result operator()(Parameters... parameters) const {
        using Function = Result(__attribute__((ms_abi))*)(Parameters...);
        return reinterpret_cast<Function>(const_cast<void*>(kernel_export(name)))(parameters...);
    }
};

template <class Result, class... Parameters>
struct KernelExport<Result(Parameters..., ...)> {
    const char* name;
    template <class... More>
    Result operator()(Parameters... parameters, More... more) const {
        using Function = Result(__attribute__((ms_abi))*)(Parameters..., ...);
        return reinterpret_cast<Function>(const_cast<void*>(kernel_export(name)))(parameters..., more...);
    }
};

}  // namespace ndiskit::test
