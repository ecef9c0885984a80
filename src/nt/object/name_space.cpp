#include "nt/object/name_space.h"

#include <map>
#include <unordered_map>

#include "base/guarded.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::object {

namespace {

constexpr int most_links = 32;

struct Names {
    std::map<std::u16string, void*, LessIgnoringCase> by_path;  // a directory without an object: null
    std::unordered_map<const void*, std::u16string> by_body;
    std::unordered_map<const void*, Link> links;

    Names() {
        for (std::u16string_view directory :
             {u"\\Device", u"\\Driver", u"\\FileSystem", u"\\GLOBAL??", u"\\Callback", u"\\BaseNamedObjects",
              u"\\KernelObjects", u"\\ObjectTypes"})
            by_path.emplace(directory, nullptr);
    }

    bool is_directory(std::u16string_view path) const {
        if (path.empty()) return true;
        auto found = by_path.find(path);
        return found != by_path.end() && (!found->second || type_of(found->second) == &directory_type);
    }
};

// Held while type_of takes the lock of the tables, so of a lower rank than theirs.
Guarded<Names, LockRank::nt_image>& names() {
    static auto* const it = new Guarded<Names, LockRank::nt_image>();
    return *it;
}

void destroy_link(void* body) {
    names().with([&](Names& n) { n.links.erase(body); });
    free_body(body);
}

// The longest prefix of the path that is the name of an object.
std::pair<void*, size_t> longest_object(const Names& n, std::u16string_view path) {
    for (size_t length = path.size(); length != 0 && length != path.npos;
         length = path.rfind(u'\\', length - 1)) {
        auto found = n.by_path.find(path.substr(0, length));
        if (found != n.by_path.end() && found->second) return {found->second, length};
        if (length == 0) break;
    }
    return {nullptr, 0};
}

}  // namespace

_OBJECT_TYPE link_type = {"SymbolicLink", destroy_link, nullptr};

std::u16string normal_path(std::u16string_view path) {
    if (path.empty() || path[0] != '\\') return {};
    while (path.size() > 1 && path.back() == '\\') path.remove_suffix(1);
    for (std::u16string_view alias : {u"\\??", u"\\DosDevices", u"\\GLOBAL??", u"\\GLOBAL??\\Global"}) {
        const bool whole =
            path.size() == alias.size() || (path.size() > alias.size() && path[alias.size()] == '\\');
        if (whole && same_text(path.substr(0, alias.size()), alias)) {
            std::u16string_view rest = path.substr(alias.size());
            if (rest.size() > 8 && same_text(rest.substr(0, 8), u"\\Global\\")) rest.remove_prefix(7);
            return u"\\GLOBAL??" + std::u16string(rest);
        }
    }
    return std::u16string(path);
}

NTSTATUS insert(std::u16string_view raw, void* body) {
    const std::u16string path = normal_path(raw);
    if (path.size() < 2) return STATUS_OBJECT_PATH_SYNTAX_BAD;
    return names().with([&](Names& n) -> NTSTATUS {
        if (!n.is_directory(std::u16string_view(path).substr(0, path.rfind(u'\\'))))
            return STATUS_OBJECT_PATH_NOT_FOUND;
        if (!n.by_path.emplace(path, body).second) return STATUS_OBJECT_NAME_COLLISION;
        n.by_body[body] = path;
        return STATUS_SUCCESS;
    });
}

void remove_name(void* body) {
    names().with([&](Names& n) {
        auto found = n.by_body.find(body);
        if (found == n.by_body.end()) return;
        n.by_path.erase(found->second);
        n.by_body.erase(found);
    });
}

std::u16string name_of(const void* body) {
    return names().with([&](Names& n) {
        auto found = n.by_body.find(body);
        return found == n.by_body.end() ? std::u16string() : found->second;
    });
}

Found lookup(std::u16string_view raw, bool follow_last_link) {
    std::u16string path = normal_path(raw);
    if (path.empty()) return {STATUS_OBJECT_PATH_SYNTAX_BAD, nullptr, {}};
    // For the object manager a backslash at the end is nothing; to a device's driver it is a name.
    const bool trailing = raw.size() > 1 && raw.back() == '\\';
    return names().with([&](Names& n) -> Found {
        for (int links = 0; links < most_links; ++links) {
            const auto [body, length] = longest_object(n, path);
            if (!body) {
                const bool parent = n.is_directory(std::u16string_view(path).substr(0, path.rfind(u'\\')));
                return {parent ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND, nullptr, {}};
            }
            const std::u16string rest = path.substr(length);
            auto link = n.links.find(body);
            if (link != n.links.end() && (follow_last_link || !rest.empty())) {
                path = normal_path(link->second.target + rest);
                continue;
            }
            const _OBJECT_TYPE* const type = type_of(body);
            if (!rest.empty() && type != &device_type)
                return {type == &directory_type ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND,
                        nullptr,
                        {}};
            reference(body);
            return {STATUS_SUCCESS, body, rest + (trailing && type == &device_type ? u"\\" : u"")};
        }
        return {STATUS_OBJECT_NAME_NOT_FOUND, nullptr, {}};
    });
}

NTSTATUS path_of(const OBJECT_ATTRIBUTES& attributes, std::u16string& path) {
    path.clear();
    if (attributes.RootDirectory) {
        void* root = nullptr;
        const NTSTATUS status = reference_by_handle(attributes.RootDirectory, 0, nullptr, false, &root);
        if (!NT_SUCCESS(status)) return status;
        // A directory of a volume has no name here: it is its device's, and the path that opened it.
        if (type_of(root) == &file_type) {
            const auto& file = *static_cast<const FILE_OBJECT*>(root);
            path = name_of(file.DeviceObject) + std::u16string(view_of(file.FileName));
        } else {
            path = name_of(root);
        }
        dereference(root);
    }
    // Without a name it is the root itself.
    const std::u16string_view name = view_of(attributes.ObjectName);
    if (!path.empty() && !path.ends_with(u'\\') && !name.empty()) path += u'\\';
    path += name;
    return path.empty() || path[0] != '\\' ? STATUS_OBJECT_PATH_SYNTAX_BAD : STATUS_SUCCESS;
}

NTSTATUS create_link(std::u16string_view path, std::u16string_view target) {
    void* body = create(link_type, 16);
    if (!body) return STATUS_INSUFFICIENT_RESOURCES;
    names().with([&](Names& n) { n.links[body] = {std::u16string(target)}; });
    const NTSTATUS status = insert(path, body);
    if (NT_SUCCESS(status))
        make_permanent(body);
    else
        dereference(body);
    return status;
}

NTSTATUS delete_link(std::u16string_view path) {
    const Found found = lookup(path, false);
    if (!NT_SUCCESS(found.status)) return found.status;
    const bool is_link = type_of(found.body) == &link_type;
    if (is_link) make_temporary(found.body);
    dereference(found.body);
    return is_link ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH;
}

std::u16string link_target(void* body) {
    return names().with([&](Names& n) {
        auto found = n.links.find(body);
        return found == n.links.end() ? std::u16string() : found->second.target;
    });
}

std::vector<std::u16string> list(std::u16string_view directory) {
    std::u16string prefix = normal_path(directory);
    if (prefix != u"\\") prefix += u'\\';
    return names().with([&](Names& n) {
        std::vector<std::u16string> paths;
        for (const auto& [path, body] : n.by_path)
            if (path.size() > prefix.size() &&
                same_text(std::u16string_view(path).substr(0, prefix.size()), prefix) &&
                path.find(u'\\', prefix.size()) == path.npos)
                paths.push_back(path);
        return paths;
    });
}

Found lookup_directory(std::u16string_view raw) {
    std::u16string path = normal_path(raw);
    if (path.empty()) return {STATUS_OBJECT_PATH_SYNTAX_BAD, nullptr, {}};
    if (path == u"\\") path.clear();
    void* fresh = create(directory_type, 16);
    if (!fresh) return {STATUS_INSUFFICIENT_RESOURCES, nullptr, {}};
    bool used = false;
    Found found = names().with([&](Names& n) -> Found {
        if (!n.is_directory(path)) return {STATUS_OBJECT_NAME_NOT_FOUND, nullptr, {}};
        // The directories that are there from the start become objects when somebody first wants one.
        void*& body = n.by_path[path];
        if (!body) {
            body = fresh;
            n.by_body[body] = path;
            used = true;
        }
        reference(body);
        return {STATUS_SUCCESS, body, {}};
    });
    if (used)
        make_permanent(fresh);
    else
        dereference(fresh);
    return found;
}

NTSTATUS open_named(const OBJECT_ATTRIBUTES& attributes, const _OBJECT_TYPE& type, ACCESS_MASK access,
                    HANDLE& handle, bool follow_link) {
    std::u16string path;
    if (const NTSTATUS status = path_of(attributes, path); !NT_SUCCESS(status)) return status;
    const Found found = lookup(path, follow_link);
    if (!NT_SUCCESS(found.status)) return found.status;
    const bool fits = type_of(found.body) == &type;
    if (fits) handle = open_handle(found.body, access, attributes.Attributes & OBJ_KERNEL_HANDLE);
    dereference(found.body);
    return fits ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS publish(void* body, const OBJECT_ATTRIBUTES* attributes, ACCESS_MASK access, HANDLE& handle) {
    NTSTATUS status = STATUS_SUCCESS;
    if (attributes && attributes->ObjectName && attributes->ObjectName->Length) {
        std::u16string path;
        status = path_of(*attributes, path);
        if (NT_SUCCESS(status)) status = insert(path, body);
        if (status == STATUS_OBJECT_NAME_COLLISION && (attributes->Attributes & OBJ_OPENIF)) {
            const _OBJECT_TYPE& type = *type_of(body);
            dereference(body);
            status = open_named(*attributes, type, access, handle);
            return NT_SUCCESS(status) ? STATUS_OBJECT_NAME_EXISTS : status;
        }
    }
    if (!NT_SUCCESS(status)) {
        dereference(body);
        return status;
    }
    handle = open_handle(body, access, !attributes || attributes->Attributes & OBJ_KERNEL_HANDLE);
    if (attributes && attributes->Attributes & OBJ_PERMANENT)
        make_permanent(body);
    else
        dereference(body);
    return status;
}

}  // namespace ndiskit::nt::object
