// Checks and answers of quality of service.
#include "ndis/quality_of_service.h"

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/oid_buffer.h"

namespace ndiskit::ndis {

namespace {

// Only adapters that reported QoS capabilities have parameters.
class SetQos : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        const auto* capabilities = binding.adapter.attributes.hardware_qos.get<NDIS_QOS_CAPABILITIES>();
        if (capabilities == nullptr)
            return NDIS_STATUS_NOT_SUPPORTED;
        const auto given = read_input<NDIS_QOS_PARAMETERS>(request);
        return given.NumTrafficClasses <= capabilities->MaxNumTrafficClasses ? NDIS_STATUS_SUCCESS
                                                                            : NDIS_STATUS_INVALID_PARAMETER;
    }
    NDIS_STATUS end(Binding&, NDIS_OID_REQUEST&, NDIS_STATUS status) override { return status; }
};

NDIS_STATUS put_indicated(const Adapter& adapter, NDIS_OID_REQUEST& request, HeaderedCopy Indicated::*which) {
    return put_copy(request, adapter.attributes.indicated.get(which), NDIS_STATUS_INVALID_LENGTH);
}

}  // namespace

std::unique_ptr<OidStep> make_qos_step(Binding&, const NDIS_OID_REQUEST&) { return std::make_unique<SetQos>(); }

NDIS_STATUS check_qos_parameters(const NDIS_OID_REQUEST& request) {
    const auto given = read_input<NDIS_QOS_PARAMETERS>(request);
    if (given.NumTrafficClasses > NDIS_QOS_MAXIMUM_TRAFFIC_CLASSES)
        return NDIS_STATUS_INVALID_PARAMETER;
    for (const UCHAR traffic_class : given.PriorityAssignmentTable)
        if (traffic_class >= NDIS_QOS_MAXIMUM_TRAFFIC_CLASSES)
            return NDIS_STATUS_INVALID_PARAMETER;
    if (given.NumClassificationElements == 0)
        return NDIS_STATUS_SUCCESS;
    if (given.ClassificationElementSize < NDIS_SIZEOF_QOS_CLASSIFICATION_ELEMENT_REVISION_1)
        return NDIS_STATUS_INVALID_PARAMETER;
    return lies_within(given.FirstClassificationElementOffset, given.NumClassificationElements,
                       given.ClassificationElementSize, input_of(request).size())
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_INVALID_LENGTH;
}

bool answer_qos(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    switch (oid_of(request)) {
    case OID_QOS_HARDWARE_CAPABILITIES:
        status = put_copy(request, adapter.attributes.hardware_qos, NDIS_STATUS_INVALID_LENGTH);
        return true;
    case OID_QOS_CURRENT_CAPABILITIES:
        status = put_copy(request, adapter.attributes.current_qos, NDIS_STATUS_INVALID_LENGTH);
        return true;
    case OID_QOS_OPERATIONAL_PARAMETERS:
        status = put_indicated(adapter, request, &Indicated::qos_operational);
        return true;
    case OID_QOS_REMOTE_PARAMETERS: status = put_indicated(adapter, request, &Indicated::qos_remote); return true;
    default: return false;
    }
}

}  // namespace ndiskit::ndis
