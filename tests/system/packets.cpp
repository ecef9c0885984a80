// A program that sends frames through a protocol driver's control device and reads what a peer on the wire
// echoes:
//
//     packets DEVICE ETHERTYPE OPEN QUERY-OID QUERY-BINDING BIND-WAIT COUNT
//
// ETHERTYPE and the four function numbers of the driver's control codes are hexadecimal. Each frame goes to
// everybody; an echo comes back to this adapter with the same bytes behind its head. Exit status 0 when all
// came back.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "client/device.h"

using namespace ndiskit::client;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t reads_at_once = 8, head = 14;
constexpr Milliseconds patience(10'000);

int complain(const char* what, int32_t status) {
    std::fprintf(stderr, "packets: %s: %s\n", what, status_text(status).c_str());
    return 1;
}

uint32_t code(const char* function) {
    return control_code(0x12, static_cast<uint32_t>(std::strtoul(function, nullptr, 16)), 0, 3);
}

Bytes make_frame(const uint8_t* mac, uint16_t ether_type, uint32_t number) {
    Bytes frame(6, 0xFF);
    frame.insert(frame.end(), mac, mac + 6);
    frame.push_back(static_cast<uint8_t>(ether_type >> 8));
    frame.push_back(static_cast<uint8_t>(ether_type));
    const size_t size = 60 + number * 37 % 1400;
    for (uint32_t i = 0; frame.size() < size; ++i)
        frame.push_back(static_cast<uint8_t>(i < 4 ? number >> (8 * i) : i * 7 + number));
    return frame;
}

// Counts the echoes among what is read, until all are there or nothing comes any more.
class Echoes {
  public:
    Echoes(Device& device, uint32_t wanted) : device_(device), back_(wanted) {
        for (size_t i = 0; i < reads_at_once; ++i) again(i);
    }
    bool take(const uint8_t* mac, uint16_t ether_type) {
        const auto done = reads_[next_].wait_for(patience);
        if (!done || !done->good()) return false;
        const Bytes& frame = buffers_[next_];
        if (done->bytes >= 60) {
            const uint32_t number = static_cast<uint32_t>(frame[head] | frame[head + 1] << 8);
            const Bytes sent = make_frame(mac, ether_type, number);
            const bool same = done->bytes == sent.size() &&
                              std::memcmp(frame.data() + head, sent.data() + head, sent.size() - head) == 0;
            if (same && number < back_.size() && !back_[number]) {
                back_[number] = true;
                ++count_;
            }
        }
        again(next_);
        next_ = (next_ + 1) % reads_at_once;
        return true;
    }
    uint32_t count() const { return count_; }

  private:
    void again(size_t i) {
        buffers_[i].assign(1514, 0);
        reads_[i] = device_.begin_read(buffers_[i]);
    }

    Device& device_;
    std::vector<bool> back_;
    uint32_t count_ = 0;
    size_t next_ = 0;
    Bytes buffers_[reads_at_once];
    Request reads_[reads_at_once];
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 8) return std::fprintf(stderr, "packets: see the head of its source\n"), 2;
    auto machine = Machine::connect();
    if (!machine) return std::fprintf(stderr, "packets: %s\n", machine.error().c_str()), 2;
    auto device = machine->open(argv[1]);
    if (!device) return complain("open", device.error());
    const auto ether_type = static_cast<uint16_t>(std::strtoul(argv[2], nullptr, 16));
    if (const auto done = device->control(code(argv[6])); !done.good())
        return complain("bind wait", done.status);

    Bytes binding(1024);
    if (const auto done = device->control(code(argv[5]), binding, binding); !done.good())
        return complain("no binding", done.status);
    uint32_t query[5];
    std::memcpy(query, binding.data(), sizeof query);
    uint32_t length = query[2];
    while (length >= 2 && binding[query[1] + length - 2] == 0 && binding[query[1] + length - 1] == 0)
        length -= 2;
    if (const auto done = device->control(code(argv[3]), std::span(binding).subspan(query[1], length));
        !done.good())
        return complain("attach", done.status);

    Bytes address(14);
    constexpr uint32_t current_address = 0x01010102;  // OID_802_3_CURRENT_ADDRESS
    std::memcpy(address.data(), &current_address, 4);
    if (const auto done = device->control(code(argv[4]), address, address); !done.good())
        return complain("address", done.status);
    const uint8_t* const mac = address.data() + 8;

    const auto wanted = static_cast<uint32_t>(std::atoi(argv[7]));
    Echoes echoes(*device, wanted);
    for (uint32_t number = 0; number < wanted; ++number) {
        const Bytes frame = make_frame(mac, ether_type, number);
        if (const auto done = device->write(frame, patience); !done.good())
            return complain("write", done.status);
        // No more on the way than there are reads: the driver keeps few.
        while (number + 1 >= echoes.count() + reads_at_once / 2)
            if (!echoes.take(mac, ether_type)) return complain("read", -1);
    }
    while (echoes.count() < wanted && echoes.take(mac, ether_type)) continue;
    std::printf("%u of %u frames came back\n", echoes.count(), wanted);
    return echoes.count() == wanted ? 0 : 1;
}
