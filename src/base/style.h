// Colours for a person at a terminal. Nothing is coloured when the output goes elsewhere, or when the
// environment has NO_COLOR (no-color.org) or TERM=dumb.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ndiskit {

enum class Colour : uint8_t { plain, bold, dim, red, green, yellow, cyan };

class Style {
  public:
    explicit constexpr Style(bool coloured) : coloured_(coloured) {}
    // What suits the file descriptor.
    static Style of(int descriptor);

    std::string paint(Colour colour, std::string_view text) const;
    bool coloured() const { return coloured_; }

  private:
    bool coloured_;
};

}  // namespace ndiskit
