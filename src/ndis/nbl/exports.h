// The functions of nblapi.h, as ndis.sys exports them.
#pragma once

namespace ndiskit::ndis {

void add_nbl_exports();

}  // namespace ndiskit::ndis
