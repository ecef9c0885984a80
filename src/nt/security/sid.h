// Security identifiers: S-1-5-32-544 and its like, as values, as text, and the ones that Windows knows by
// name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nt/abi/token.h"

namespace ndiskit::nt::security {

constexpr size_t sid_size(size_t sub_authorities) { return 8 + 4 * sub_authorities; }
constexpr size_t largest_sid = sid_size(SID_MAX_SUB_AUTHORITIES);

inline const _SID& sid_of(const void* sid) { return *static_cast<const _SID*>(sid); }
inline size_t size_of_sid(const void* sid) { return sid_size(sid_of(sid).SubAuthorityCount); }
bool valid_sid(const void* sid);
// A SID that lies in the first `size` bytes from `sid` on.
bool valid_sid_in(const void* sid, size_t size);
bool same_sid(const void* a, const void* b);
std::u16string sid_text(const void* sid);

class Sid {
  public:
    Sid() : Sid(0, {0}) {}
    Sid(uint64_t authority, std::initializer_list<uint32_t> sub_authorities);
    explicit Sid(const void* sid);
    // "S-1-5-18", or two letters of the security descriptor definition language ("SY").
    static std::optional<Sid> parse(std::u16string_view text);

    const void* data() const { return bytes_.data(); }
    PSID psid() const { return const_cast<uint8_t*>(bytes_.data()); }
    size_t size() const { return bytes_.size(); }
    friend bool operator==(const Sid& a, const Sid& b) { return a.bytes_ == b.bytes_; }

  private:
    std::vector<uint8_t> bytes_;
};

// S-1-0-0, S-1-1-0 ...: made once, kept for ever.
namespace well_known {
const Sid& null();
const Sid& world();
const Sid& creator_owner();
const Sid& creator_group();
const Sid& owner_rights();
const Sid& interactive();
const Sid& network();
const Sid& authenticated_users();
const Sid& local_system();
const Sid& local_service();
const Sid& administrators();
const Sid& users();
const Sid& medium_integrity();
const Sid& high_integrity();
const Sid& system_integrity();
}  // namespace well_known

// The SID that two letters of the security descriptor definition language stand for.
std::optional<Sid> sid_of_code(std::u16string_view code);

}  // namespace ndiskit::nt::security
