#include "cli/report_json.h"

namespace ndiskit::cli {
namespace {

using nlohmann::json;

json flow_json(const setup::EdgeFlow& flow) { return {flow.nbls, flow.packets, flow.bytes}; }
setup::EdgeFlow flow_from(const json& list) { return {list.at(0), list.at(1), list.at(2)}; }

}  // namespace

json to_json(const std::vector<setup::EdgeReport>& edges) {
    json list = json::array();
    for (const setup::EdgeReport& edge : edges) {
        json drops = json::array();
        for (const setup::DropCount& drop : edge.drops) drops.push_back({drop.reason, drop.count});
        list.push_back({{"name", edge.name},
                        {"kind", edge.kind},
                        {"up", flow_json(edge.up)},
                        {"down", flow_json(edge.down)},
                        {"drops", drops},
                        {"latency_us", edge.latency_us ? json(*edge.latency_us) : json()}});
    }
    return list;
}

std::vector<setup::EdgeReport> edges_from_json(const json& list) {
    std::vector<setup::EdgeReport> edges;
    for (const json& item : list) {
        setup::EdgeReport edge{
            item.at("name"), item.at("kind"), flow_from(item.at("up")), flow_from(item.at("down")), {}, {}};
        for (const json& drop : item.at("drops")) edge.drops.push_back({drop.at(0), drop.at(1)});
        if (!item.at("latency_us").is_null()) edge.latency_us = item.at("latency_us").get<double>();
        edges.push_back(std::move(edge));
    }
    return edges;
}

json to_json(const std::vector<setup::FlowResult>& flows) {
    json list = json::array();
    for (const setup::FlowResult& flow : flows)
        list.push_back({{"from", flow.from},
                        {"to", flow.to},
                        {"sent", flow.sent},
                        {"received", flow.received},
                        {"damaged", flow.damaged},
                        {"unordered", flow.unordered},
                        {"bytes", flow.bytes},
                        {"seconds", flow.seconds},
                        {"finished", flow.finished},
                        {"may_lose", flow.may_lose}});
    return list;
}

std::vector<setup::FlowResult> flows_from_json(const json& list) {
    std::vector<setup::FlowResult> flows;
    for (const json& item : list)
        flows.push_back({item.at("from"), item.at("to"), item.at("sent"), item.at("received"),
                         item.at("damaged"), item.at("unordered"), item.at("bytes"), item.at("seconds"),
                         item.at("finished"), item.at("may_lose")});
    return flows;
}

json to_json(const std::vector<setup::EventReport>& events) {
    json list = json::array();
    for (const setup::EventReport& event : events)
        list.push_back({{"do", event.actions},
                        {"done", event.done},
                        {"failed", event.failed},
                        {"error", event.error}});
    return list;
}

std::vector<setup::EventReport> events_from_json(const json& list) {
    std::vector<setup::EventReport> events;
    for (const json& item : list)
        events.push_back({item.at("do"), item.at("done"), item.at("failed"), item.at("error")});
    return events;
}

json edges_summary(const std::vector<setup::EdgeReport>& edges) {
    json summary = json::object();
    for (const setup::EdgeReport& edge : edges)
        summary[edge.name] = {{"packets", edge.packets()}, {"drops", edge.dropped()}};
    return summary;
}

}  // namespace ndiskit::cli
