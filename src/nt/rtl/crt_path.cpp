// Paths cut into drive, folder, name and extension, and put together again.
#include <algorithm>
#include <string>

#include "nt/rtl/crt.h"

namespace ndiskit::nt::crt {

namespace {

template <class C>
bool is_separator(C c) {
    return c == '\\' || c == '/';
}

// Null with size 0 asks for nothing; one without the other is an error.
template <class C>
bool valid_target(const C* to, SIZE_T size) {
    return (to == nullptr) == (size == 0);
}

template <class C>
bool put(C* to, SIZE_T size, const C* from, const C* end) {
    if (!to) return true;
    const auto length = static_cast<SIZE_T>(end - from);
    if (length >= size) return false;
    std::copy(from, end, to);
    to[length] = 0;
    return true;
}

template <class C>
void clear(C* to) {
    if (to) *to = 0;
}

}  // namespace

template <class C>
INT NTAPI Path<C>::split(const C* path, C* drive, SIZE_T drive_size, C* folder, SIZE_T folder_size, C* name,
                         SIZE_T name_size, C* extension, SIZE_T extension_size) {
    const bool valid = path && valid_target(drive, drive_size) && valid_target(folder, folder_size) &&
                       valid_target(name, name_size) && valid_target(extension, extension_size);
    bool fits = false;
    if (valid) {
        const C* const end = path + Text<C>::length(path);
        const C* const after_drive = path[0] && path[1] == ':' ? path + 2 : path;
        const C* file = end;
        while (file > after_drive && !is_separator(file[-1])) --file;
        const C* dot = end;
        for (const C* at = end; at > file; --at)
            if (at[-1] == '.') {
                dot = at - 1;
                break;
            }
        fits = put(drive, drive_size, path, after_drive) && put(folder, folder_size, after_drive, file) &&
               put(name, name_size, file, dot) && put(extension, extension_size, dot, end);
    }
    if (fits) return 0;
    for (C* part : {drive, folder, name, extension}) clear(part);
    return valid ? erange : einval;
}

template <class C>
INT NTAPI Path<C>::make(C* path, SIZE_T size, const C* drive, const C* folder, const C* name,
                        const C* extension) {
    if (!path || !size) return einval;
    std::basic_string<C> text;
    if (drive && *drive) text += {*drive, C(':')};
    if (folder && *folder) {
        text += folder;
        if (!is_separator(text.back())) text += C('\\');
    }
    if (name) text += name;
    if (extension && *extension) {
        if (*extension != '.') text += C('.');
        text += extension;
    }
    if (put(path, size, text.data(), text.data() + text.size())) return 0;
    *path = 0;
    return erange;
}

template struct Path<char>;
template struct Path<WCHAR>;

}  // namespace ndiskit::nt::crt
