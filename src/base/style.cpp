#include "base/style.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace ndiskit {

Style Style::of(int descriptor) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool refused = (no_color && *no_color) || (terminal && std::string_view(terminal) == "dumb");
    return Style(!refused && isatty(descriptor) == 1);
}

std::string Style::paint(Colour colour, std::string_view text) const {
    static constexpr std::array<std::string_view, 7> codes = {"", "1", "2", "31", "32", "33", "36"};
    if (!coloured_ || colour == Colour::plain) return std::string(text);
    std::string painted = "\033[";
    painted += codes[static_cast<size_t>(colour)];
    painted += 'm';
    painted += text;
    painted += "\033[0m";
    return painted;
}

}  // namespace ndiskit
