// The object manager: reference counts, handles, names.
//
// An object is known by the address that drivers have of it (its body: DEVICE_OBJECT, FILE_OBJECT, KEVENT
// ...). What is kept beside it - type, counts, name - stands in one table under one lock (nt_object). It
// lives while it has references; a handle is one. A type's functions are called without the lock, at the IRQL
// of the caller.
//
// Names are paths from the root; \??, \DosDevices and \GLOBAL?? are one directory. A symbolic link is an
// object whose target takes the place of its name. What is behind the name of a device goes to the device's
// driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nt/abi.h"

// What POBJECT_TYPE points to (IoFileObjectType and its like).
struct _OBJECT_TYPE {
    const char* name;
    // The last reference is gone; gives back the body.
    void (*destroy)(void* body);
    // A handle was closed; `last` when it was the last one. May be null.
    void (*closed)(void* body, bool last);
    // What ObQueryNameString, and queries and changes of an object's security are answered with, at
    // PASSIVE_LEVEL, when the type keeps names and descriptors itself. May be null.
    NTSTATUS (*query_name)(void* body, POBJECT_NAME_INFORMATION name, ULONG size, PULONG needed) = nullptr;
    NTSTATUS (*query_security)
    (void* body, SECURITY_INFORMATION parts, PSECURITY_DESCRIPTOR buffer, PULONG size) = nullptr;
    NTSTATUS (*set_security)(void* body, SECURITY_INFORMATION parts, PSECURITY_DESCRIPTOR from) = nullptr;
};

namespace ndiskit::nt::object {

extern _OBJECT_TYPE event_type, semaphore_type, timer_type, process_type, thread_type, section_type,
    file_type, device_type, driver_type, key_type, callback_type, link_type, directory_type;

// A zeroed body in nonpaged pool with one reference; free_body is the destroy function that fits.
void* create(_OBJECT_TYPE& type, size_t size);
void free_body(void* body);
// Makes an object out of memory that another family keeps, with one reference.
void adopt(void* body, _OBJECT_TYPE& type);

// `body` must be an object (or a thread, which becomes one): a bug check otherwise.
void reference(void* body);
void dereference(void* body);
const _OBJECT_TYPE* type_of(const void* body);
int64_t reference_count(const void* body);

// ---- Handles
HANDLE open_handle(void* body, ACCESS_MASK access, bool kernel_handle = true);
// With a reference of the caller's. Any type when `type` is null.
NTSTATUS reference_by_handle(HANDLE handle, ACCESS_MASK access, const _OBJECT_TYPE* type, bool user_mode,
                             void** body, OBJECT_HANDLE_INFORMATION* information = nullptr);
NTSTATUS close_handle(HANDLE handle, bool user_mode = false);
size_t open_handles();
int64_t handle_count(const void* body);
// A permanent object (OBJ_PERMANENT) keeps itself and its name when its last handle goes. A temporary event,
// semaphore, timer or section loses its name then. make_permanent takes the caller's reference.
void make_permanent(void* body);
void make_temporary(void* body);
// A reference, unless the last one is gone already.
bool try_reference(void* body);

// ---- Names
// STATUS_OBJECT_NAME_COLLISION, STATUS_OBJECT_PATH_NOT_FOUND, STATUS_OBJECT_PATH_SYNTAX_BAD. No reference is
// taken.
NTSTATUS insert(std::u16string_view path, void* body);
void remove_name(void* body);
std::u16string name_of(const void* body);

struct Found {
    NTSTATUS status = 0;
    void* body = nullptr;      // with a reference of the caller's
    std::u16string remaining;  // what is behind a device's name, with its backslash
};
Found lookup(std::u16string_view path, bool follow_last_link = true);
// ObQueryNameString's answer. STATUS_INFO_LENGTH_MISMATCH.
NTSTATUS answer_name(std::u16string_view name, POBJECT_NAME_INFORMATION information, ULONG size,
                     PULONG needed);
// As lookup, for directories alone, which all are objects to it.
Found lookup_directory(std::u16string_view path);
// A handle to the object of the name that the attributes give. STATUS_OBJECT_TYPE_MISMATCH.
NTSTATUS open_named(const OBJECT_ATTRIBUTES& attributes, const _OBJECT_TYPE& type, ACCESS_MASK access,
                    HANDLE& handle, bool follow_link = true);
// Gives a new object the name of the attributes (none, when they are null or have none) and opens a handle to
// it, or to the one that has the name already when OBJ_OPENIF says so (STATUS_OBJECT_NAME_EXISTS). Takes the
// caller's reference in any case.
NTSTATUS publish(void* body, const OBJECT_ATTRIBUTES* attributes, ACCESS_MASK access, HANDLE& handle);
// The whole path of attributes: RootDirectory's name and ObjectName.
NTSTATUS path_of(const OBJECT_ATTRIBUTES& attributes, std::u16string& path);

NTSTATUS create_link(std::u16string_view path, std::u16string_view target);
NTSTATUS delete_link(std::u16string_view path);
// Names below a directory, sorted: "\\Device\\Mux".
std::vector<std::u16string> list(std::u16string_view directory);

}  // namespace ndiskit::nt::object
