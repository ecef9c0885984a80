#include "wire/tap_device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace ndiskit::wire {

Result<TapDevice> TapDevice::create(const std::string& name, Options options) {
    const std::string where = "TAP '" + name + "'";
    if (name.empty() || name.size() >= IFNAMSIZ) return fail("the name must have 1 to 15 characters", where);
    Descriptor fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return fail_errno("cannot open /dev/net/tun", where, "the machine needs the tun device");
    ifreq request{};
    request.ifr_flags = static_cast<short>((options.ip ? IFF_TUN : IFF_TAP) | IFF_NO_PI | IFF_VNET_HDR);
    std::memcpy(request.ifr_name, name.c_str(), name.size() + 1);
    if (::ioctl(fd.get(), TUNSETIFF, &request) != 0)
        return fail_errno("cannot create the interface", where,
                          "it needs CAP_NET_ADMIN: run as root or under `unshare -Urn`");
    int header_size = sizeof(VirtioHeader);
    if (::ioctl(fd.get(), TUNSETVNETHDRSZ, &header_size) != 0)
        return fail_errno("cannot set the header size", where);
    TapDevice tap(std::move(fd), request.ifr_name);
    TRY(tap.set_options(options));
    return tap;
}

Result<> TapDevice::set_options(Options options) {
    unsigned offloads = 0;
    if (options.checksum_offload) offloads |= TUN_F_CSUM;
    if (options.checksum_offload && options.gso) offloads |= TUN_F_TSO4 | TUN_F_TSO6;
    if (::ioctl(fd_.get(), TUNSETOFFLOAD, offloads) != 0)
        return fail_errno("cannot set the offloads", "TAP '" + name_ + "'");
    return {};
}

Result<> TapDevice::set_mac(const MacAddress& mac) {
    ifreq request{};
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::ranges::copy(mac, request.ifr_hwaddr.sa_data);
    if (::ioctl(fd_.get(), SIOCSIFHWADDR, &request) != 0)
        return fail_errno("cannot set the MAC address " + to_string(mac), "TAP '" + name_ + "'");
    return {};
}

Result<> TapDevice::set_carrier(bool up) {
    int carrier = up;
    if (::ioctl(fd_.get(), TUNSETCARRIER, &carrier) != 0)
        return fail_errno("cannot set the carrier", "TAP '" + name_ + "'");
    return {};
}

ssize_t TapDevice::read(std::span<const iovec> into, Offload& offload) {
    VirtioHeader header;
    std::array<iovec, max_buffers + 1> buffers;
    buffers[0] = {&header, sizeof header};
    const size_t count = std::min(into.size(), max_buffers);
    std::copy_n(into.begin(), count, buffers.begin() + 1);
    size_t room = 0;
    for (const iovec& buffer : into.first(count)) room += buffer.iov_len;
    const ssize_t got = ::readv(fd_.get(), buffers.data(), static_cast<int>(count + 1));
    if (got < 0) return errno == EAGAIN ? 0 : -errno;
    const size_t size = static_cast<size_t>(got) - sizeof header;
    // The kernel cuts what does not fit and returns the size of the cut frame.
    if (size >= room || !from_virtio(header, size, offload)) return -EMSGSIZE;
    return static_cast<ssize_t>(size);
}

int TapDevice::write(std::span<const iovec> from, const Offload& offload) {
    VirtioHeader header = to_virtio(offload);
    std::array<iovec, max_buffers + 1> buffers;
    if (from.size() > max_buffers) return -EMSGSIZE;
    buffers[0] = {&header, sizeof header};
    std::ranges::copy(from, buffers.begin() + 1);
    return ::writev(fd_.get(), buffers.data(), static_cast<int>(from.size() + 1)) < 0 ? -errno : 0;
}

}  // namespace ndiskit::wire
