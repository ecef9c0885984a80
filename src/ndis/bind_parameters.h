// What ProtocolBindAdapterEx is told about the adapter: NDIS_BIND_PARAMETERS in the revision of the protocol's
// version, with everything it points to. Lives for one bind operation.
#pragma once

#include <string>

#include "ndis/abi.h"
#include "ndis/attributes.h"

namespace ndiskit::ndis {

class Binding;

class BindParameters {
  public:
    explicit BindParameters(Binding& binding);
    PNDIS_BIND_PARAMETERS get() { return &parameters_; }

  private:
    void fill_link();
    void fill_power(const Binding& binding);
    void fill_capabilities(const Binding& binding);
    void fill_interfaces(const Binding& binding);

    NDIS_BIND_PARAMETERS parameters_{};
    const Attributes& attributes_;
    const Indicated indicated_;
    std::u16string section_;
    std::u16string device_;
    UNICODE_STRING section_string_{};
    UNICODE_STRING device_string_{};
    NDIS_PNP_CAPABILITIES pnp_{};
    HeaderedCopy pm_;
    HeaderedCopy offload_;
    HeaderedCopy receive_scale_;
    HeaderedCopy receive_filter_;
    HeaderedCopy nic_switch_;
    std::vector<NDIS_PORT> ports_;
};


}  // namespace ndiskit::ndis
