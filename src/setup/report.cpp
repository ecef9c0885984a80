#include "setup/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "ndis/library.h"
#include "nic/adapter.h"
#include "setup/network_configuration.h"
#include "transport/binding.h"

namespace ndiskit::setup {
namespace {

EdgeFlow flow_of(const edge::Flow& flow) { return {flow.nbls.load(), flow.frames.load(), flow.bytes.load()}; }
EdgeFlow flow_of(const ndis::EdgeTotals& totals) { return {totals.started, totals.packets, totals.bytes}; }

// What a filter did not want is no loss.
bool is_loss(edge::Drop drop) { return drop != edge::Drop::filtered; }
bool is_loss(ndis::DropReason reason) {
    return reason != ndis::DropReason::none && reason != ndis::DropReason::filtered_out &&
           reason != ndis::DropReason::no_packet_filter && reason != ndis::DropReason::send_failed;
}

EdgeReport host_edge(std::string name, std::string kind, const edge::Counters& counters) {
    EdgeReport report{std::move(name), std::move(kind), flow_of(counters.up), flow_of(counters.down), {}, {}};
    for (size_t i = 0; i < edge::drop_names.size(); ++i) {
        const auto drop = static_cast<edge::Drop>(i);
        if (is_loss(drop) && counters.dropped(drop) != 0)
            report.drops.push_back({std::string(edge::drop_names[i]), counters.dropped(drop)});
    }
    if (const uint64_t samples = counters.latency_samples.load())
        report.latency_us =
            static_cast<double>(counters.latency_ns.load()) / 1000 / static_cast<double>(samples);
    return report;
}

EdgeReport ndis_edge(std::string name, std::string kind, const ndis::EdgeTotals& up,
                     const ndis::EdgeTotals& down) {
    EdgeReport report{std::move(name), std::move(kind), flow_of(up), flow_of(down), {}, {}};
    for (size_t i = 0; i < ndis::drop_reasons; ++i) {
        const auto reason = static_cast<ndis::DropReason>(i);
        if (const uint64_t count = up.drops[i] + down.drops[i]; is_loss(reason) && count != 0)
            report.drops.push_back({ndis::drop_reason_name(reason), count});
    }
    return report;
}

const ndis::AdapterView* find(const std::vector<ndis::AdapterView>& views, const Description& description,
                              const std::string& name) {
    const auto found = std::ranges::find(views, adapter_guid(description, name), &ndis::AdapterView::guid);
    return found == views.end() ? nullptr : &*found;
}

// Its driver, and which of the driver's modules on the adapter it is when there are several.
std::string filter_name(const ndis::AdapterView& view, const ndis::FilterView& filter) {
    if (std::ranges::count(view.filters, filter.driver, &ndis::FilterView::driver) < 2) return filter.driver;
    return filter.driver + filter.name.substr(filter.name.rfind('-'));
}

void add_adapter_edges(const ndis::AdapterView& view, std::vector<EdgeReport>& edges) {
    for (const ndis::FilterView& filter : std::views::reverse(view.filters))
        edges.push_back(ndis_edge(filter_name(view, filter) + " on " + view.description, "filter module",
                                  filter.receives, filter.sends));
    for (const ndis::BindingView& binding : view.bindings)
        edges.push_back(ndis_edge(binding.protocol + " over " + view.description, "binding", binding.receives,
                                  binding.sends));
}

std::string state_text(const ndis::AdapterView* view) {
    return view ? ndis::state_name(view->state) : "not started";
}

std::string link_text(const ndis::AdapterView& view) {
    const double gigabits = static_cast<double>(view.link_speed) / 1e9;
    return fmt::format("{}, MTU {}, {}", view.mac.empty() ? "no MAC address" : view.mac, view.mtu,
                       view.link_up ? fmt::format("{:g} Gbit/s", gigabits) : "no link");
}

class StackTree {
  public:
    explicit StackTree(const Description& description)
        : description_(description), views_(ndis::adapters()) {}

    TreeNode nic(const Nic& nic) const {
        const auto* view = find(views_, description_, nic.name);
        const std::string what = nic.driver.empty() ? fmt::format("{} on {}", nic.type, nic.interface)
                                                    : fmt::format("driver {}", nic.driver);
        TreeNode node{fmt::format("adapter {} ({}): {}{}", nic.name, what, state_text(view),
                                  view ? ", " + link_text(*view) : ""),
                      {}};
        add_above(node, nic.name);
        return node;
    }

  private:
    void add_above(TreeNode& node, const std::string& adapter) const {
        const auto* view = find(views_, description_, adapter);
        if (view)
            for (const ndis::FilterView& filter : std::views::reverse(view->filters))
                node.children.push_back({fmt::format("filter {}: {}", filter_name(*view, filter),
                                                     ndis::state_name(filter.state)),
                                         {}});
        for (const Driver& driver : description_.drivers) add_driver(node, driver, adapter, view);
        for (const Transport& transport : description_.transports)
            if (transport.over == adapter)
                node.children.push_back(
                    {fmt::format("transport {} ({} {}): {}", transport.name, transport.type,
                                 transport.interface, binding_state(view, transport::protocol_name)),
                     {}});
    }

    void add_driver(TreeNode& node, const Driver& driver, const std::string& adapter,
                    const ndis::AdapterView* view) const {
        if (driver.kind == DriverKind::protocol &&
            std::ranges::find(driver.over, adapter) != driver.over.end())
            node.children.push_back({protocol_text(driver, view), {}});
        if (driver.kind != DriverKind::intermediate) return;
        TreeNode edge{protocol_text(driver, view), {}};
        for (const Virtual& item : description_.virtuals) {
            if (item.driver != driver.name || std::ranges::find(item.over, adapter) == item.over.end())
                continue;
            const auto* above = find(views_, description_, item.name);
            TreeNode virtual_miniport{fmt::format("virtual miniport {}: {}{}", item.name, state_text(above),
                                                  above ? ", " + link_text(*above) : ""),
                                      {}};
            add_above(virtual_miniport, item.name);
            edge.children.push_back(std::move(virtual_miniport));
        }
        if (!edge.children.empty()) node.children.push_back(std::move(edge));
    }

    std::string protocol_text(const Driver& driver, const ndis::AdapterView* view) const {
        return fmt::format("protocol {} of {} ({} driver): {}", driver.protocol_service,
                           driver.image.filename().string(),
                           driver.kind == DriverKind::intermediate ? "intermediate" : "protocol",
                           binding_state(view, driver.protocol_service));
    }

    static std::string binding_state(const ndis::AdapterView* view, std::string_view protocol) {
        if (view)
            for (const ndis::BindingView& binding : view->bindings)
                if (binding.protocol == protocol) return ndis::state_name(binding.state);
        return "not bound";
    }

    const Description& description_;
    const std::vector<ndis::AdapterView> views_;
};

}  // namespace

uint64_t EdgeReport::dropped() const {
    uint64_t total = 0;
    for (const DropCount& drop : drops) total += drop.count;
    return total;
}

std::vector<EdgeReport> report_edges(const Description& description) {
    std::vector<EdgeReport> edges;
    const auto views = ndis::adapters();
    const auto nics = nic::adapters();
    for (const Nic& item : description.nics) {
        for (const nic::AdapterView& view : nics)
            if (view.name == item.name) edges.push_back(host_edge(item.name, "nic", *view.counters));
        if (const auto* view = find(views, description, item.name)) add_adapter_edges(*view, edges);
    }
    for (const Virtual* item : bottom_up(description))
        if (const auto* view = find(views, description, item->name)) {
            edges.push_back(ndis_edge(item->name, "virtual miniport", view->receives, view->sends));
            add_adapter_edges(*view, edges);
        }
    for (const transport::BindingView& view : transport::bindings())
        edges.push_back(host_edge(view.name, "transport", *view.counters));
    return edges;
}

std::string stack_text(const Description& description) {
    const StackTree tree(description);
    std::string text;
    for (const Nic& nic : description.nics) text += tree_text(tree.nic(nic));
    return text;
}

std::string edge_table(const std::vector<EdgeReport>& edges, size_t indent) {
    using enum Table::Align;
    Table table({{"edge"},
                 {"kind"},
                 {"NBLs up", right},
                 {"packets up", right},
                 {"MB up", right},
                 {"NBLs down", right},
                 {"packets down", right},
                 {"MB down", right},
                 {"drops", right},
                 {"latency", right}});
    for (const EdgeReport& edge : edges) {
        const auto megabytes = [](uint64_t bytes) {
            return fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6);
        };
        table.add({edge.name, edge.kind, grouped(edge.up.nbls), grouped(edge.up.packets),
                   megabytes(edge.up.bytes), grouped(edge.down.nbls), grouped(edge.down.packets),
                   megabytes(edge.down.bytes), grouped(edge.dropped()),
                   edge.latency_us ? fmt::format("{:.1f} µs", *edge.latency_us) : "-"});
    }
    std::string text = table.text(indent);
    for (const EdgeReport& edge : edges)
        for (const DropCount& drop : edge.drops)
            text += fmt::format("{:{}}{}: {} dropped: {}\n", "", indent, edge.name, grouped(drop.count),
                                drop.reason);
    return text;
}

}  // namespace ndiskit::setup
