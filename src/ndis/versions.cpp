// Which NDIS versions there are, and which the machine offers.
#include "ndis/versions.h"

#include "nt/machine.h"

namespace ndiskit::ndis {

namespace {
constexpr Version known[] = {{6, 0},  {6, 1},  {6, 20}, {6, 30}, {6, 40}, {6, 50}, {6, 51}, {6, 60}, {6, 70},
                             {6, 80}, {6, 81}, {6, 82}, {6, 83}, {6, 84}, {6, 85}, {6, 86}, {6, 87}, {6, 88},
                             {6, 89}};
}

bool is_known_version(Version version) {
    for (const Version& v : known)
        if (v == version)
            return version <= machine_version();
    return false;
}

}  // namespace ndiskit::ndis
