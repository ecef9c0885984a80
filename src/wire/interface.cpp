#include "wire/interface.h"

#include <fmt/core.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstring>

#include "base/descriptor.h"

namespace ndiskit::wire {
namespace {

// An ioctl that takes an ifreq with the interface's name.
Result<ifreq> ask(const std::string& name, unsigned long request, ifreq argument, const char* what) {
    if (name.empty() || name.size() >= IFNAMSIZ)
        return fail("is not the name of an interface (1 to 15 characters)", "interface '" + name + "'");
    const Descriptor scratch(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!scratch) return fail_errno("cannot open a socket");
    std::memcpy(argument.ifr_name, name.c_str(), name.size() + 1);
    if (::ioctl(scratch.get(), request, &argument) != 0)
        return fail_errno(std::string("cannot ") + what, "interface '" + name + "'",
                          "`ip link` lists the interfaces of this network namespace");
    return argument;
}

}  // namespace

Result<Interface> query_interface(const std::string& name) {
    Interface result;
    result.index = TRY(ask(name, SIOCGIFINDEX, {}, "find the interface")).ifr_ifindex;
    const ifreq hardware = TRY(ask(name, SIOCGIFHWADDR, {}, "read the MAC address"));
    if (hardware.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return fail("is not an Ethernet interface", "interface '" + name + "'");
    std::memcpy(result.mac.data(), hardware.ifr_hwaddr.sa_data, result.mac.size());
    result.mtu = static_cast<uint32_t>(TRY(ask(name, SIOCGIFMTU, {}, "read the MTU")).ifr_mtu);
    const short flags = TRY(ask(name, SIOCGIFFLAGS, {}, "read the flags")).ifr_flags;
    result.up = (flags & IFF_UP) != 0;
    result.running = (flags & IFF_RUNNING) != 0;
    return result;
}

Result<> set_interface_up(const std::string& name, bool up) {
    ifreq request = TRY(ask(name, SIOCGIFFLAGS, {}, "read the flags"));
    if (up)
        request.ifr_flags |= IFF_UP;
    else
        request.ifr_flags &= static_cast<short>(~IFF_UP);
    TRY(ask(name, SIOCSIFFLAGS, request, up ? "bring the interface up" : "bring the interface down"));
    return {};
}

Result<> set_interface_mac(const std::string& name, const MacAddress& mac) {
    ifreq request{};
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(request.ifr_hwaddr.sa_data, mac.data(), mac.size());
    TRY(ask(name, SIOCSIFHWADDR, request, "set the MAC address"));
    return {};
}

Result<> set_interface_mtu(const std::string& name, uint32_t mtu) {
    ifreq request{};
    request.ifr_mtu = static_cast<int>(mtu);
    TRY(ask(name, SIOCSIFMTU, request, "set the MTU"));
    return {};
}

std::string to_string(const MacAddress& mac) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
}

Result<MacAddress> parse_mac(const std::string& text) {
    unsigned byte[6];
    char separator[5];
    int end = 0;
    const int got = std::sscanf(text.c_str(), "%2x%c%2x%c%2x%c%2x%c%2x%c%2x%n", &byte[0], &separator[0],
                                &byte[1], &separator[1], &byte[2], &separator[2], &byte[3], &separator[3],
                                &byte[4], &separator[4], &byte[5], &end);
    bool good = got == 11 && end == static_cast<int>(text.size()) && end == 17;
    for (int i = 0; good && i < 5; ++i) good = separator[i] == ':' || separator[i] == '-';
    if (!good) return fail("is not a MAC address", "'" + text + "'", "write it as 02:00:00:00:00:01");
    MacAddress mac;
    for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(byte[i]);
    return mac;
}

}  // namespace ndiskit::wire
