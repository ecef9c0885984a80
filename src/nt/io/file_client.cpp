// The host's File: a user-mode program's view of a device, one request at a time.
#include "nt/io/file.h"

#include <algorithm>

#include "nt/io/program_request.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::io {

namespace {

FILE_OBJECT* file_of(HANDLE handle) {
    void* body = nullptr;
    if (!NT_SUCCESS(object::reference_by_handle(handle, 0, &object::file_type, false, &body))) return nullptr;
    return static_cast<FILE_OBJECT*>(body);
}

// Sends it, and cancels it when it takes too long.
File::Result run(ProgramRequest& request, uint32_t timeout_ms) {
    KEVENT done;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    const NTSTATUS sent =
        request.send([](void* event) { KeSetEvent(static_cast<PKEVENT>(event), 0, FALSE); }, &done);
    if (!NT_SUCCESS(sent)) return {sent, 0};
    LARGE_INTEGER timeout = {.QuadPart = -10'000ll * timeout_ms};
    if (KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, timeout_ms ? &timeout : nullptr) ==
        STATUS_TIMEOUT) {
        request.cancel();
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
    }
    const IO_STATUS_BLOCK block = request.finish();
    return {block.Status, block.Information};
}

constexpr ACCESS_MASK all_of_it = FILE_READ_DATA | FILE_WRITE_DATA;

}  // namespace

std::u16string nt_path(std::string_view name) {
    if (name.starts_with("\\\\.\\")) return u"\\??\\" + to_utf16(name.substr(4));
    return to_utf16(name.starts_with("\\") ? std::string(name) : "\\??\\" + std::string(name));
}

NTSTATUS File::open(std::string_view name, File& result) {
    FILE_OBJECT* file = nullptr;
    const NTSTATUS status = open_file(nt_path(name), {.mode = UserMode}, &file);
    if (!NT_SUCCESS(status)) return status;
    result.close();
    result.handle_ = object::open_handle(file, all_of_it, false);
    object::dereference(file);
    return STATUS_SUCCESS;
}

File::Result File::device_control(ULONG code, std::span<const uint8_t> input, std::span<uint8_t> output,
                                  uint32_t timeout_ms) {
    FILE_OBJECT* const file = file_of(handle_);
    if (!file) return {STATUS_INVALID_HANDLE, 0};
    const auto request = ProgramRequest::control(*file, all_of_it, code, {input.begin(), input.end()},
                                                 {output.begin(), output.end()});
    object::dereference(file);
    const Result result = run(*request, timeout_ms);
    std::ranges::copy(request->output(), output.begin());
    return result;
}

File::Result File::read(std::span<uint8_t> buffer, uint32_t timeout_ms) {
    FILE_OBJECT* const file = file_of(handle_);
    if (!file) return {STATUS_INVALID_HANDLE, 0};
    const auto request = ProgramRequest::read(*file, all_of_it, static_cast<ULONG>(buffer.size()), 0);
    object::dereference(file);
    const Result result = run(*request, timeout_ms);
    std::ranges::copy(request->output(), buffer.begin());
    return result;
}

File::Result File::write(std::span<const uint8_t> buffer, uint32_t timeout_ms) {
    FILE_OBJECT* const file = file_of(handle_);
    if (!file) return {STATUS_INVALID_HANDLE, 0};
    const auto request = ProgramRequest::write(*file, all_of_it, {buffer.begin(), buffer.end()}, 0);
    object::dereference(file);
    return run(*request, timeout_ms);
}

void File::close() {
    if (handle_) object::close_handle(std::exchange(handle_, nullptr));
}

}  // namespace ndiskit::nt::io
