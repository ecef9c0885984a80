// Strings of NDIS: the kernel's counted strings under names of old.

#include <cstring>

#include "ndis/nbl/abi.h"
#include "nt/pool/pool.h"

using namespace ndiskit;

namespace {

constexpr ULONG string_tag = 'tsDN';

}  // namespace

extern "C" {

// Makes a counted string of 16-bit characters out of a C string, in memory that NdisFreeString frees.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinitializestring
void NTAPI NdisInitializeString(PNDIS_STRING Destination, PUCHAR Source) {
    const size_t length = std::min<size_t>(strlen(reinterpret_cast<const char*>(Source)), UINT16_MAX / 2 - 1);
    *Destination = {};
    auto* buffer = static_cast<WCHAR*>(nt::pool_allocate(nt::PoolKind::nonpaged, (length + 1) * sizeof(WCHAR),
                                                         string_tag, __builtin_return_address(0)));
    if (!buffer) return;
    for (size_t i = 0; i < length; i++) buffer[i] = Source[i];
    buffer[length] = 0;
    Destination->Buffer = buffer;
    Destination->Length = static_cast<USHORT>(length * sizeof(WCHAR));
    Destination->MaximumLength = static_cast<USHORT>((length + 1) * sizeof(WCHAR));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinitansistring
void NTAPI NdisInitAnsiString(PANSI_STRING DestinationString, PCSTR SourceString) {
    RtlInitAnsiString(DestinationString, SourceString);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinitunicodestring
void NTAPI NdisInitUnicodeString(PNDIS_STRING DestinationString, PCWSTR SourceString) {
    RtlInitUnicodeString(DestinationString, SourceString);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisequalstring
BOOLEAN NTAPI NdisEqualString(PNDIS_STRING String1, PNDIS_STRING String2, BOOLEAN CaseInsensitive) {
    return RtlEqualUnicodeString(String1, String2, CaseInsensitive);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisansistringtounicodestring
NDIS_STATUS NTAPI NdisAnsiStringToUnicodeString(PNDIS_STRING DestinationString, PANSI_STRING SourceString) {
    return RtlAnsiStringToUnicodeString(DestinationString, SourceString, FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisunicodestringtoansistring
NDIS_STATUS NTAPI NdisUnicodeStringToAnsiString(PANSI_STRING DestinationString, PNDIS_STRING SourceString) {
    return RtlUnicodeStringToAnsiString(DestinationString, SourceString, FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisupcaseunicodestring
NDIS_STATUS NTAPI NdisUpcaseUnicodeString(PUNICODE_STRING DestinationString, PUNICODE_STRING SourceString) {
    return RtlUpcaseUnicodeString(DestinationString, SourceString, FALSE);
}

}  // extern "C"
