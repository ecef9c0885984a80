// Network addresses as text by the names that drivers import, in both widths. What is read and written is the
// subject of addresses_test.cpp; here each name is bound to the right width, with its arguments in their
// order.
#include <gtest/gtest.h>

#include <string>

#include "nt/abi.h"
#include "support/kernel_export.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;

template <class C>
std::basic_string<C> text_in(const char* text) {
    return {text, text + std::char_traits<char>::length(text)};
}

const KernelExport<char*(const UCHAR*, char*)> nt_RtlIpv4AddressToStringA{"RtlIpv4AddressToStringA"},
    nt_RtlIpv6AddressToStringA{"RtlIpv6AddressToStringA"},
    nt_RtlEthernetAddressToStringA{"RtlEthernetAddressToStringA"};
const KernelExport<WCHAR*(const UCHAR*, WCHAR*)> nt_RtlIpv4AddressToStringW{"RtlIpv4AddressToStringW"},
    nt_RtlIpv6AddressToStringW{"RtlIpv6AddressToStringW"},
    nt_RtlEthernetAddressToStringW{"RtlEthernetAddressToStringW"};

const UCHAR ipv4[] = {192, 0, 2, 255}, mac[] = {0, 0x1A, 0xB, 0xCD, 0xE, 0xFF};
const UCHAR ipv6[] = {0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1F};

template <class C, class Write>
void expect_text(const Write& write, const UCHAR* address, const char* text) {
    C buffer[46];
    const auto expected = text_in<C>(text);
    EXPECT_EQ(write(address, buffer), buffer + expected.size());  // the terminator's place
    EXPECT_EQ(std::basic_string<C>(buffer), expected);
}

TEST(AddressCalls, WriteAndGiveTheEnd) {
    expect_text<char>(nt_RtlIpv4AddressToStringA, ipv4, "192.0.2.255");
    expect_text<WCHAR>(nt_RtlIpv4AddressToStringW, ipv4, "192.0.2.255");
    expect_text<char>(nt_RtlIpv6AddressToStringA, ipv6, "2001:db8::1f");
    expect_text<WCHAR>(nt_RtlIpv6AddressToStringW, ipv6, "2001:db8::1f");
    expect_text<char>(nt_RtlEthernetAddressToStringA, mac, "00-1A-0B-CD-0E-FF");
    expect_text<WCHAR>(nt_RtlEthernetAddressToStringW, mac, "00-1A-0B-CD-0E-FF");
}

const KernelExport<LONG(const UCHAR*, USHORT, char*, ULONG*)> nt_RtlIpv4AddressToStringExA{
    "RtlIpv4AddressToStringExA"};
const KernelExport<LONG(const UCHAR*, USHORT, WCHAR*, ULONG*)> nt_RtlIpv4AddressToStringExW{
    "RtlIpv4AddressToStringExW"};
const KernelExport<LONG(const UCHAR*, ULONG, USHORT, char*, ULONG*)> nt_RtlIpv6AddressToStringExA{
    "RtlIpv6AddressToStringExA"};
const KernelExport<LONG(const UCHAR*, ULONG, USHORT, WCHAR*, ULONG*)> nt_RtlIpv6AddressToStringExW{
    "RtlIpv6AddressToStringExW"};
constexpr USHORT port_80 = 0x5000;  // in the network's order

template <class C, class Write>
void expect_text_ex(const Write& write, const char* text) {
    C buffer[70];
    const auto expected = text_in<C>(text);
    ULONG size = static_cast<ULONG>(expected.size());  // one too small
    EXPECT_EQ(write(buffer, &size), STATUS_INVALID_PARAMETER) << text;
    EXPECT_EQ(size, expected.size() + 1);
    EXPECT_EQ(write(buffer, &size), STATUS_SUCCESS) << text;
    EXPECT_EQ(std::basic_string<C>(buffer), expected);
    EXPECT_EQ(write(buffer, nullptr), STATUS_INVALID_PARAMETER);
}

TEST(AddressCalls, WriteThePortAndTheScopeWithASize) {
    expect_text_ex<char>(
        [](char* to, ULONG* n) { return nt_RtlIpv4AddressToStringExA(ipv4, port_80, to, n); },
        "192.0.2.255:80");
    expect_text_ex<WCHAR>([](WCHAR* to, ULONG* n) { return nt_RtlIpv4AddressToStringExW(ipv4, 0, to, n); },
                          "192.0.2.255");
    expect_text_ex<char>(
        [](char* to, ULONG* n) { return nt_RtlIpv6AddressToStringExA(ipv6, 3, port_80, to, n); },
        "[2001:db8::1f%3]:80");
    expect_text_ex<WCHAR>(
        [](WCHAR* to, ULONG* n) { return nt_RtlIpv6AddressToStringExW(ipv6, 0, port_80, to, n); },
        "[2001:db8::1f]:80");
}

template <class C>
using Read4 = KernelExport<LONG(const C*, BOOLEAN, const C**, UCHAR*)>;
template <class C>
using Read = KernelExport<LONG(const C*, const C**, UCHAR*)>;
const Read4<char> nt_RtlIpv4StringToAddressA{"RtlIpv4StringToAddressA"};
const Read4<WCHAR> nt_RtlIpv4StringToAddressW{"RtlIpv4StringToAddressW"};
const Read<char> nt_RtlIpv6StringToAddressA{"RtlIpv6StringToAddressA"},
    nt_RtlEthernetStringToAddressA{"RtlEthernetStringToAddressA"};
const Read<WCHAR> nt_RtlIpv6StringToAddressW{"RtlIpv6StringToAddressW"},
    nt_RtlEthernetStringToAddressW{"RtlEthernetStringToAddressW"};

template <class C, class Reader>
void expect_read(const Reader& read, const char* text, const UCHAR* address, size_t size) {
    const auto whole = text_in<C>(text) + C('!'), bad = text_in<C>("zz");
    const C* end = nullptr;
    UCHAR found[16];
    EXPECT_EQ(read(whole.c_str(), &end, found), STATUS_SUCCESS) << text;
    EXPECT_EQ(*end, C('!'));  // where the address ended
    EXPECT_EQ(std::string(found, found + size), std::string(address, address + size)) << text;
    EXPECT_EQ(read(bad.c_str(), &end, found), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(end, bad.c_str());
}

TEST(AddressCalls, ReadAndTellWhereTheTextEnded) {
    expect_read<char>([](auto... a) { return nt_RtlIpv6StringToAddressA(a...); }, "2001:DB8::1f", ipv6, 16);
    expect_read<WCHAR>([](auto... a) { return nt_RtlIpv6StringToAddressW(a...); }, "2001:db8:0:0::1f", ipv6,
                       16);
    expect_read<char>([](auto... a) { return nt_RtlEthernetStringToAddressA(a...); }, "00-1a-0B-cd-0e-ff",
                      mac, 6);
    expect_read<WCHAR>([](auto... a) { return nt_RtlEthernetStringToAddressW(a...); }, "00:1a:0B:cd:0e:ff",
                       mac, 6);
    expect_read<char>(
        [](auto* text, auto* end, auto* to) { return nt_RtlIpv4StringToAddressA(text, TRUE, end, to); },
        "192.0.2.255", ipv4, 4);
    expect_read<WCHAR>(
        [](auto* text, auto* end, auto* to) { return nt_RtlIpv4StringToAddressW(text, FALSE, end, to); },
        "0xC0.0.767", ipv4, 4);
    const char* end = nullptr;
    UCHAR found[4];
    EXPECT_EQ(nt_RtlIpv4StringToAddressA("0xC0.0.767", TRUE, &end, found), STATUS_INVALID_PARAMETER);
}

const KernelExport<LONG(const char*, BOOLEAN, UCHAR*, USHORT*)> nt_RtlIpv4StringToAddressExA{
    "RtlIpv4StringToAddressExA"};
const KernelExport<LONG(const WCHAR*, BOOLEAN, UCHAR*, USHORT*)> nt_RtlIpv4StringToAddressExW{
    "RtlIpv4StringToAddressExW"};
const KernelExport<LONG(const char*, UCHAR*, ULONG*, USHORT*)> nt_RtlIpv6StringToAddressExA{
    "RtlIpv6StringToAddressExA"};
const KernelExport<LONG(const WCHAR*, UCHAR*, ULONG*, USHORT*)> nt_RtlIpv6StringToAddressExW{
    "RtlIpv6StringToAddressExW"};

TEST(AddressCalls, ReadWholeTextsWithPortAndScope) {
    UCHAR found[16];
    USHORT port = 1;
    ULONG scope = 9;
    EXPECT_EQ(nt_RtlIpv4StringToAddressExA("192.0.2.255:80", TRUE, found, &port), STATUS_SUCCESS);
    EXPECT_EQ(port, port_80);
    EXPECT_EQ(found[3], 255);
    EXPECT_EQ(nt_RtlIpv4StringToAddressExW(u"192.0.2.254", TRUE, found, &port), STATUS_SUCCESS);
    EXPECT_EQ(port, 0);
    EXPECT_EQ(found[3], 254);
    EXPECT_EQ(nt_RtlIpv4StringToAddressExW(u"192.0.2.1x", TRUE, found, &port), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(nt_RtlIpv4StringToAddressExA(nullptr, TRUE, found, &port), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(nt_RtlIpv6StringToAddressExA("[2001:db8::1f%3]:80", found, &scope, &port), STATUS_SUCCESS);
    EXPECT_EQ(scope, 3u);
    EXPECT_EQ(port, port_80);
    EXPECT_EQ(found[15], 0x1F);
    EXPECT_EQ(nt_RtlIpv6StringToAddressExW(u"::2", found, &scope, &port), STATUS_SUCCESS);
    EXPECT_EQ(scope, 0u);
    EXPECT_EQ(port, 0);
    EXPECT_EQ(nt_RtlIpv6StringToAddressExW(u"::2]", found, &scope, &port), STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace ndiskit::nt
