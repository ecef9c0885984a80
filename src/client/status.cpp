// Names of the statuses that drivers and the I/O manager answer with.
#include <array>
#include <string>

#include "client/device.h"

namespace ndiskit::client {

namespace {

struct Name {
    uint32_t status;
    const char* text;
};
constexpr Name names[] = {
    {0x00000000, "STATUS_SUCCESS"},
    {0x00000102, "STATUS_TIMEOUT"},
    {0x00000103, "STATUS_PENDING"},
    {0x80000005, "STATUS_BUFFER_OVERFLOW"},
    {0x80000011, "STATUS_DEVICE_BUSY"},
    {0x8000001A, "STATUS_NO_MORE_ENTRIES"},
    {0xC0000001, "STATUS_UNSUCCESSFUL"},
    {0xC0000002, "STATUS_NOT_IMPLEMENTED"},
    {0xC0000004, "STATUS_INFO_LENGTH_MISMATCH"},
    {0xC0000005, "STATUS_ACCESS_VIOLATION"},
    {0xC0000008, "STATUS_INVALID_HANDLE"},
    {0xC000000D, "STATUS_INVALID_PARAMETER"},
    {0xC000000E, "STATUS_NO_SUCH_DEVICE"},
    {0xC0000010, "STATUS_INVALID_DEVICE_REQUEST"},
    {0xC0000011, "STATUS_END_OF_FILE"},
    {0xC0000022, "STATUS_ACCESS_DENIED"},
    {0xC0000023, "STATUS_BUFFER_TOO_SMALL"},
    {0xC0000024, "STATUS_OBJECT_TYPE_MISMATCH"},
    {0xC0000033, "STATUS_OBJECT_NAME_INVALID"},
    {0xC0000034, "STATUS_OBJECT_NAME_NOT_FOUND"},
    {0xC0000035, "STATUS_OBJECT_NAME_COLLISION"},
    {0xC000003A, "STATUS_OBJECT_PATH_NOT_FOUND"},
    {0xC000003B, "STATUS_OBJECT_PATH_SYNTAX_BAD"},
    {0xC0000043, "STATUS_SHARING_VIOLATION"},
    {0xC0000056, "STATUS_DELETE_PENDING"},
    {0xC000009A, "STATUS_INSUFFICIENT_RESOURCES"},
    {0xC000009D, "STATUS_DEVICE_NOT_CONNECTED"},
    {0xC00000A3, "STATUS_DEVICE_NOT_READY"},
    {0xC00000B5, "STATUS_IO_TIMEOUT"},
    {0xC00000BB, "STATUS_NOT_SUPPORTED"},
    {0xC0000120, "STATUS_CANCELLED"},
    {0xC0000123, "STATUS_FILE_DELETED"},
    {0xC0000128, "STATUS_FILE_CLOSED"},
    {0xC0000184, "STATUS_INVALID_DEVICE_STATE"},
    {0xC0000206, "STATUS_INVALID_BUFFER_SIZE"},
    {0xC000020C, "STATUS_CONNECTION_DISCONNECTED"},
    {0xC0000225, "STATUS_NOT_FOUND"},
    {0xC00002B6, "STATUS_DEVICE_REMOVED"},
};

}  // namespace

std::string status_text(int32_t status) {
    const auto value = static_cast<uint32_t>(status);
    std::string digits = "0x00000000";
    for (size_t i = 0; i < 8; ++i) digits[9 - i] = "0123456789ABCDEF"[value >> (4 * i) & 15];
    for (const Name& name : names)
        if (name.status == value) return std::string(name.text) + " (" + digits + ")";
    return digits;
}

}  // namespace ndiskit::client
