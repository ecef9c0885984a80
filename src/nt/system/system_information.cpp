// ZwQuerySystemInformation: the classes that drivers ask for, in the structures that they expect.
// https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntquerysysteminformation
#include <cstring>
#include <vector>

#include "nt/abi.h"
#include "nt/image/image.h"
#include "nt/ke/api.h"
#include "nt/ke/processor.h"

using namespace ndiskit::nt;

namespace {

enum Class : ULONG {
    basic = 0,
    time_of_day = 3,
    modules = 11,
    kernel_debugger = 35,
    code_integrity = 103,
};

constexpr ULONG page = 4096, granularity = 65536;
constexpr ULONG timer_resolution = 156250;  // of 100 ns: the tick of a machine at rest
constexpr ULONG physical_pages = 1u << 20;
constexpr uintptr_t lowest_user_address = 0x10000, highest_user_address = 0x7FFFFFFEFFFF;

struct BasicInformation {
    ULONG reserved;
    ULONG timer_resolution;
    ULONG page_size;
    ULONG physical_pages;
    ULONG lowest_page, highest_page;
    ULONG allocation_granularity;
    ULONG_PTR lowest_user_address, highest_user_address;
    ULONG_PTR processors;
    CCHAR processor_count;
};
static_assert(sizeof(BasicInformation) == 64);

struct TimeOfDayInformation {
    LONGLONG boot_time, now, time_zone_bias;
    ULONG time_zone, reserved;
    ULONGLONG boot_time_bias, sleep_time_bias;
};
static_assert(sizeof(TimeOfDayInformation) == 48);

struct ModuleInformation {
    HANDLE section;
    PVOID mapped_base, image_base;
    ULONG image_size, flags;
    USHORT load_order, init_order, load_count, name_at;
    UCHAR path[256];
};
static_assert(sizeof(ModuleInformation) == 296);

template <class T>
std::vector<char> bytes_of(const T& value) {
    const auto* const at = reinterpret_cast<const char*>(&value);
    return {at, at + sizeof value};
}

std::vector<char> basic_information() {
    const ULONG count = ke::processor_count();
    BasicInformation information = {};
    information.timer_resolution = timer_resolution;
    information.page_size = page;
    information.physical_pages = physical_pages;
    information.lowest_page = 1;
    information.highest_page = physical_pages;
    information.allocation_granularity = granularity;
    information.lowest_user_address = lowest_user_address;
    information.highest_user_address = highest_user_address;
    information.processors = count >= 64 ? ~ULONG_PTR{0} : (ULONG_PTR{1} << count) - 1;
    information.processor_count = static_cast<CCHAR>(count);
    return bytes_of(information);
}

std::vector<char> time_information() {
    LARGE_INTEGER now;
    KeQuerySystemTime(&now);
    TimeOfDayInformation information = {};
    information.now = now.QuadPart;
    information.boot_time = now.QuadPart - static_cast<LONGLONG>(KeQueryInterruptTime());
    return bytes_of(information);
}

// The images of drivers, in the order in which they were loaded.
std::vector<char> module_information() {
    std::vector<char> answer(sizeof(ULONGLONG));
    ULONG count = 0;
    for (const image::Image* image : image::images()) {
        if (image->unloaded) continue;
        ModuleInformation module = {};
        module.mapped_base = module.image_base = image->base;
        module.image_size = image->size;
        module.load_order = module.init_order = static_cast<USHORT>(count);
        module.load_count = 1;
        const std::string folder = "\\SystemRoot\\System32\\drivers\\";
        const std::string path = (folder + image->name).substr(0, sizeof module.path - 1);
        module.name_at = static_cast<USHORT>(folder.size());
        std::memcpy(module.path, path.data(), path.size());
        const std::vector<char> bytes = bytes_of(module);
        answer.insert(answer.end(), bytes.begin(), bytes.end());
        ++count;
    }
    std::memcpy(answer.data(), &count, sizeof count);
    return answer;
}

std::vector<char> answer_of(ULONG information, NTSTATUS& status) {
    status = STATUS_SUCCESS;
    switch (information) {
        case basic:
            return basic_information();
        case time_of_day:
            return time_information();
        case modules:
            return module_information();
        case kernel_debugger:
            return {0, 1};  // none is enabled, none is there
        default:
            status = STATUS_INVALID_INFO_CLASS;
            return {};
    }
}

// The caller says in the structure itself how large it is.
NTSTATUS code_integrity_options(PVOID buffer, ULONG size, PULONG needed) {
    struct {
        ULONG length, options;
    } information = {};
    if (needed) *needed = sizeof information;
    if (size != sizeof information) return STATUS_INFO_LENGTH_MISMATCH;
    std::memcpy(&information, buffer, sizeof information);
    if (information.length != sizeof information) return STATUS_INFO_LENGTH_MISMATCH;
    information.options = 0;  // images need not be signed here
    std::memcpy(buffer, &information, sizeof information);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows/win32/sysinfo/zwquerysysteminformation
NTSTATUS NTAPI ZwQuerySystemInformation(ULONG information, PVOID buffer, ULONG size, PULONG needed) {
    if (information == code_integrity) return code_integrity_options(buffer, size, needed);
    NTSTATUS status;
    const std::vector<char> answer = answer_of(information, status);
    if (!NT_SUCCESS(status)) return status;
    if (needed) *needed = static_cast<ULONG>(answer.size());
    if (size < answer.size()) return STATUS_INFO_LENGTH_MISMATCH;
    std::memcpy(buffer, answer.data(), answer.size());
    return STATUS_SUCCESS;
}

}  // extern "C"
