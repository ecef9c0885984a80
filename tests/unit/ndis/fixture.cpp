// The registry and the life of a test machine.
#include "fixture.h"

#include <algorithm>

#include "ndis/registry_key.h"
#include "nt/io/driver.h"

namespace ndiskit::ndis::fixture {

NTSTATUS NTAPI nic_entry(PDRIVER_OBJECT object, PUNICODE_STRING path);
NTSTATUS NTAPI protocol_entry(PDRIVER_OBJECT object, PUNICODE_STRING path);

namespace {

void set_text(RegistryKey& key, std::u16string_view name, const std::u16string& text) {
    key.set(name, REG_SZ, text.c_str(), (text.size() + 1) * 2);
}
void set_number(RegistryKey& key, std::u16string_view name, uint32_t number) {
    key.set(name, REG_DWORD, &number, sizeof(number));
}
void set_list(RegistryKey& key, std::u16string_view name, const std::vector<std::u16string>& list) {
    std::u16string all;
    for (const auto& text : list)
        all += text + u'\0';
    all += u'\0';
    key.set(name, REG_MULTI_SZ, all.data(), all.size() * 2);
}

std::u16string join(std::u16string_view a, std::u16string_view b) {
    return std::u16string(a) + u'\\' + std::u16string(b);
}

}  // namespace

void write_adapter(const AdapterKeys& keys) {
    auto key = *RegistryKey::create(join(layout::class_key, keys.instance));
    const std::u16string device = u"ROOT\\NET\\" + keys.instance;
    set_text(key, u"NetCfgInstanceId", keys.guid);
    set_text(key, u"DriverDesc", u"Fixture " + keys.instance);
    set_text(key, u"ComponentId", u"fixture");
    set_text(key, u"DeviceInstanceID", device);
    set_number(key, u"Characteristics", keys.is_virtual ? layout::ncf_virtual : layout::ncf_physical);
    set_number(key, u"*IfType", 6);
    set_number(key, u"*MediaType", 0);
    set_number(key, u"*PhysicalMediaType", 14);
    auto device_key = *RegistryKey::create(join(layout::enum_key, device));
    set_text(device_key, u"Service", keys.service);
}

void write_service(const std::u16string& service, const std::u16string& builtin) {
    auto key = *RegistryKey::create(service_key(service));
    set_number(key, u"Type", 1);
    set_number(key, u"Start", 3);
    set_text(key, u"ImagePath", u"builtin:" + builtin);
}

void write_bind(const std::u16string& protocol, const std::vector<std::u16string>& guids) {
    auto key = *RegistryKey::create(join(service_key(protocol), u"Linkage"));
    std::vector<std::u16string> devices;
    for (const auto& guid : guids)
        devices.push_back(u"\\Device\\" + guid);
    set_list(key, u"Bind", devices);
}

void start_protocol(const std::string& name) {
    const auto started = nt::io::start_service(name);
    ASSERT_TRUE(started.has_value()) << started.error().text();
    settle_pnp();
}

void unload_all() {
    remove_all_adapters();
    auto running = nt::io::running_services();
    std::ranges::reverse(running);
    for (const std::string& name : running) {
        const auto stopped = nt::io::stop_service(name);
        EXPECT_TRUE(stopped.has_value()) << stopped.error().text();
    }
}

namespace {

void machine(const std::function<void()>& body) {
    nt::io::register_builtin("fixnic", nic_entry);
    nt::io::register_builtin("fixproto", protocol_entry);
    write_service(u"fixnic", u"fixnic");
    write_service(u"fixproto", u"fixproto");
    behaviour() = {};
    protocol_calls().clear();
    history().clear();
    body();
    unload_all();
    for (const std::string& leak : leak_report())
        ADD_FAILURE() << leak;
    forget_everything();
}

void stack(const std::function<void()>& body, const std::function<void()>& prepare = {}) {
    machine([&] {
        if (prepare)
            prepare();
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        const auto started = start_adapter(guid_a);
        ASSERT_TRUE(started.has_value()) << started.error().text();
        ASSERT_TRUE(is_bound());
        body();
    });
}

}  // namespace

void with_machine(const std::function<void()>& body, uint64_t seed) {
    test::on_sim([&] { machine(body); }, seed);
}

void with_stack(const std::function<void()>& body, uint64_t seed) {
    test::on_sim([&] { stack(body); }, seed);
}

void with_prepared_stack(const std::function<void()>& prepare, const std::function<void()>& body, uint64_t seed) {
    test::on_sim([&] { stack(body, prepare); }, seed);
}

void with_live_stack(const std::function<void()>& body) {
    test::on_live([&] { stack(body); });
}

void set_text(const std::u16string& path, std::u16string_view name, const std::u16string& text) {
    auto key = *RegistryKey::create(path);
    set_text(key, name, text);
}
void set_number(const std::u16string& path, std::u16string_view name, uint32_t number) {
    auto key = *RegistryKey::create(path);
    set_number(key, name, number);
}
void set_list(const std::u16string& path, std::u16string_view name, const std::vector<std::u16string>& list) {
    auto key = *RegistryKey::create(path);
    set_list(key, name, list);
}

std::vector<std::string>& history() {
    static std::vector<std::string> all;
    return all;
}

AdapterView view(const std::u16string& guid) {
    for (AdapterView& adapter : adapters())
        if (adapter.guid == narrow(guid))
            return adapter;
    throw std::runtime_error("no such adapter");
}

int count(const std::vector<std::string>& calls, const std::string& call) {
    return static_cast<int>(std::ranges::count(calls, call));
}

}  // namespace ndiskit::ndis::fixture
