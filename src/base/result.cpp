#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace ndiskit {

std::string Error::text() const {
    std::string line = where.empty() ? what : where + ": " + what;
    if (!hint.empty()) line += " (" + hint + ")";
    return line;
}

std::unexpected<Error> fail_errno(std::string what, std::string where, std::string hint) {
    return fail(std::move(what) + ": " + std::strerror(errno), std::move(where), std::move(hint));
}

}  // namespace ndiskit
