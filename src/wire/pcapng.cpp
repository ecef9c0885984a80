#include "wire/pcapng.h"

#include <cstring>

namespace ndiskit::wire {
namespace {

constexpr uint32_t section_header_block = 0x0a0d0d0a;
constexpr uint32_t interface_block = 1;
constexpr uint32_t enhanced_packet_block = 6;
constexpr uint16_t link_type_ethernet = 1;
constexpr uint16_t option_end = 0, option_name = 2, option_description = 3, option_flags = 2,
                   option_time_unit = 9;
constexpr uint16_t option_application = 4;
constexpr size_t flush_threshold = 256 * 1024;

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

PcapngWriter::PcapngWriter(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {
    buffer_.reserve(flush_threshold + 128 * 1024);
}

PcapngWriter::~PcapngWriter() {
    if (file_) (void)flush();
}

Result<PcapngWriter> PcapngWriter::create(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "wbe");
    if (!file) return fail_errno("cannot create the capture file", path);
    PcapngWriter writer(file, path);
    const size_t start = writer.begin_block(section_header_block);
    writer.put32(0x1a2b3c4d);  // byte order
    writer.put16(1);           // version 1.0
    writer.put16(0);
    writer.put32(UINT32_MAX);  // length of the section: not known
    writer.put32(UINT32_MAX);
    writer.put_option(option_application, bytes_of("ndiskit"));
    writer.put_option(option_end, {});
    writer.end_block(start);
    TRY(writer.flush());
    return writer;
}

uint32_t PcapngWriter::add_interface(std::string_view name, std::string_view description) {
    const size_t start = begin_block(interface_block);
    put16(link_type_ethernet);
    put16(0);
    put32(0);  // no limit of length
    put_option(option_name, bytes_of(name));
    put_option(option_description, bytes_of(description));
    const uint8_t nanoseconds = 9;
    put_option(option_time_unit, {&nanoseconds, 1});
    put_option(option_end, {});
    end_block(start);
    return interfaces_++;
}

void PcapngWriter::packet(uint32_t interface, int64_t nanoseconds, Direction direction,
                          std::span<const iovec> parts) {
    uint32_t size = 0;
    for (const iovec& part : parts) size += static_cast<uint32_t>(part.iov_len);
    const size_t start = begin_block(enhanced_packet_block);
    put32(interface);
    put32(static_cast<uint32_t>(nanoseconds >> 32));
    put32(static_cast<uint32_t>(nanoseconds));
    put32(size);
    put32(size);
    for (const iovec& part : parts) {
        const auto* bytes = static_cast<const uint8_t*>(part.iov_base);
        buffer_.insert(buffer_.end(), bytes, bytes + part.iov_len);
    }
    buffer_.resize(buffer_.size() + (-size & 3));
    const uint8_t flags[4] = {static_cast<uint8_t>(direction), 0, 0, 0};
    put_option(option_flags, flags);
    put_option(option_end, {});
    end_block(start);
    if (buffer_.size() >= flush_threshold) (void)flush();
}

Result<> PcapngWriter::flush() {
    if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size() ||
        std::fflush(file_.get()) != 0)
        failed_ = true;
    buffer_.clear();
    if (failed_) return fail("cannot write the capture file", path_, "is the disk full?");
    return {};
}

void PcapngWriter::put16(uint16_t value) {
    buffer_.push_back(static_cast<uint8_t>(value));
    buffer_.push_back(static_cast<uint8_t>(value >> 8));
}

void PcapngWriter::put32(uint32_t value) {
    put16(static_cast<uint16_t>(value));
    put16(static_cast<uint16_t>(value >> 16));
}

void PcapngWriter::put_padded(std::span<const uint8_t> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    buffer_.resize(buffer_.size() + (-bytes.size() & 3));
}

void PcapngWriter::put_option(uint16_t code, std::span<const uint8_t> value) {
    put16(code);
    put16(static_cast<uint16_t>(value.size()));
    put_padded(value);
}

size_t PcapngWriter::begin_block(uint32_t type) {
    const size_t start = buffer_.size();
    put32(type);
    put32(0);  // the length, set by end_block
    return start;
}

void PcapngWriter::end_block(size_t start) {
    const auto length = static_cast<uint32_t>(buffer_.size() - start + 4);
    put32(length);
    std::memcpy(&buffer_[start + 4], &length, sizeof length);
}

}  // namespace ndiskit::wire
