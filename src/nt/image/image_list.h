// The loader's side of the image list; everybody else reads image.h.
#pragma once

#include "nt/image/image.h"

namespace ndiskit::nt::image {

// Address space for an image and its thunks, never given out before; nothing is mapped there yet.
Result<std::byte*> take_slots(size_t size);
// Makes an image known. `size` is what was taken for it.
void publish(Image& image, size_t size);
// The image whose slots hold the address, thunks included.
Image* slot_owner(const void* address);

}  // namespace ndiskit::nt::image
