// Compression as drivers call it. The work space that they bring is not used.
#include <algorithm>

#include "nt/abi.h"
#include "nt/rtl/compression.h"

using namespace ndiskit::nt::compression;

namespace {

constexpr USHORT default_format = 1, lznt1 = 2, xpress = 3, xpress_huff = 4;
constexpr USHORT engine_maximum = 0x100;

NTSTATUS check(USHORT format, std::initializer_list<USHORT> known) {
    if (format <= default_format) return STATUS_INVALID_PARAMETER;
    return std::ranges::find(known, format) == known.end() ? STATUS_UNSUPPORTED_COMPRESSION : STATUS_SUCCESS;
}

NTSTATUS decompress(USHORT format, UCHAR* to, ULONG size, View from, PULONG final_size) {
    const auto bytes = format == lznt1    ? decompress_lznt1(from, size)
                       : format == xpress ? decompress_xpress(from, size)
                                          : decompress_huffman(from, size);
    if (!bytes) return STATUS_BAD_COMPRESSION_BUFFER;
    std::ranges::copy(*bytes, to);
    *final_size = static_cast<ULONG>(bytes->size());
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetcompressionworkspacesize
NTSTATUS NTAPI RtlGetCompressionWorkSpaceSize(USHORT format_and_engine, PULONG buffer_size,
                                              PULONG fragment_size) {
    const NTSTATUS status = check(format_and_engine & 0xFF, {lznt1, xpress, xpress_huff});
    if (!NT_SUCCESS(status)) return status;
    if (format_and_engine & 0xFF00 & ~engine_maximum) return STATUS_NOT_SUPPORTED;
    *buffer_size = 0x10000;
    *fragment_size = 0x1000;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcompressbuffer
NTSTATUS NTAPI RtlCompressBuffer(USHORT format_and_engine, PUCHAR from, ULONG from_size, PUCHAR to,
                                 ULONG to_size, ULONG, PULONG final_size, PVOID) {
    const USHORT format = format_and_engine & 0xFF;
    const NTSTATUS status = check(format, {lznt1, xpress, xpress_huff});
    if (!NT_SUCCESS(status)) return status;
    if (format_and_engine & 0xFF00 & ~engine_maximum) return STATUS_NOT_SUPPORTED;
    const View data(from, from_size);
    const Bytes bytes = format == lznt1    ? compress_lznt1(data)
                        : format == xpress ? compress_xpress(data)
                                           : compress_huffman(data);
    if (bytes.size() > to_size) return STATUS_BUFFER_TOO_SMALL;
    std::ranges::copy(bytes, to);
    *final_size = static_cast<ULONG>(bytes.size());
    return std::ranges::all_of(data, [](uint8_t byte) { return byte == 0; }) ? STATUS_BUFFER_ALL_ZEROS
                                                                             : STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressbuffer
NTSTATUS NTAPI RtlDecompressBuffer(USHORT format, PUCHAR to, ULONG to_size, PUCHAR from, ULONG from_size,
                                   PULONG final_size) {
    const NTSTATUS status = check(format, {lznt1, xpress});
    return NT_SUCCESS(status) ? decompress(format, to, to_size, {from, from_size}, final_size) : status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressbufferex
NTSTATUS NTAPI RtlDecompressBufferEx(USHORT format, PUCHAR to, ULONG to_size, PUCHAR from, ULONG from_size,
                                     PULONG final_size, PVOID) {
    const NTSTATUS status = check(format, {lznt1, xpress, xpress_huff});
    return NT_SUCCESS(status) ? decompress(format, to, to_size, {from, from_size}, final_size) : status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressbufferex2
NTSTATUS NTAPI RtlDecompressBufferEx2(USHORT format, PUCHAR to, ULONG to_size, PUCHAR from, ULONG from_size,
                                      ULONG, PULONG final_size, PVOID work_space) {
    return RtlDecompressBufferEx(format, to, to_size, from, from_size, final_size, work_space);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressfragment
NTSTATUS NTAPI RtlDecompressFragment(USHORT format, PUCHAR to, ULONG to_size, PUCHAR from, ULONG from_size,
                                     ULONG offset, PULONG final_size, PVOID) {
    if (const NTSTATUS status = check(format, {lznt1}); !NT_SUCCESS(status)) return status;
    const auto bytes = decompress_lznt1({from, from_size}, ~size_t{0});
    if (!bytes) return STATUS_BAD_COMPRESSION_BUFFER;
    const size_t begin = std::min<size_t>(offset, bytes->size());
    const size_t size = std::min<size_t>(to_size, bytes->size() - begin);
    std::copy_n(bytes->data() + begin, size, to);
    *final_size = static_cast<ULONG>(size);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldecompressfragmentex
NTSTATUS NTAPI RtlDecompressFragmentEx(USHORT format, PUCHAR to, ULONG to_size, PUCHAR from, ULONG from_size,
                                       ULONG offset, ULONG, PULONG final_size, PVOID work_space) {
    return RtlDecompressFragment(format, to, to_size, from, from_size, offset, final_size, work_space);
}

}  // extern "C"
