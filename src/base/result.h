// Operating errors. Whatever can fail because of the world outside (a file, a driver image, a TOML key, a
// system call) returns a Result; callers pass the error on with TRY or turn it into text for a person.
//
// An Error reads as one line: what failed, where (file, line, key or object), and what to do about it.
// Faults of the kit itself are not Errors: see assert.h. Faults of a driver are bug checks: see nt/bugcheck.h.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace ndiskit {

struct Error {
    std::string what;   // "cannot open the driver image: No such file or directory"
    std::string where;  // "machine.toml:12 driver.image", or empty
    std::string hint;   // "build it with `ndiskit build drivers/mux`", or empty

    // "where: what (hint)" on one line.
    std::string text() const;
};

template <class T = void>
using Result = std::expected<T, Error>;

// A failed Result of any type: `return fail("no such key", "machine.toml:3")`.
inline std::unexpected<Error> fail(std::string what, std::string where = {}, std::string hint = {}) {
    return std::unexpected(Error{std::move(what), std::move(where), std::move(hint)});
}

// As fail, with the text of errno appended to what.
std::unexpected<Error> fail_errno(std::string what, std::string where = {}, std::string hint = {});

}  // namespace ndiskit

// The value of an expression that gives a Result; on error, returns that error from the enclosing function.
#define TRY(...)                                                                    \
    ({                                                                              \
        auto ndiskit_try_result = (__VA_ARGS__);                                    \
        if (!ndiskit_try_result) [[unlikely]]                                       \
            return std::unexpected(std::move(ndiskit_try_result).error());          \
        ::ndiskit::detail::unwrap(std::move(ndiskit_try_result));                   \
    })

namespace ndiskit::detail {
template <class T>
T unwrap(Result<T>&& result) {
    return std::move(*result);
}
inline void unwrap(Result<void>&&) {}
}  // namespace ndiskit::detail
