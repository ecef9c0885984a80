// Binding: what stands in a driver's import slots.
#pragma once

#include "base/result.h"

namespace ndiskit::nt::image {

struct Image;

// Fills every import slot of a mapped, still writable image. Only imports of a sanitizer that the host was
// not built with are an Error; an unknown name gets a stub that bug checks when it is called.
Result<> bind_imports(Image& image);

}  // namespace ndiskit::nt::image
