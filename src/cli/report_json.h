// What crosses from a machine's process to the command, as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "setup/events.h"
#include "setup/report.h"
#include "setup/traffic.h"

namespace ndiskit::cli {

nlohmann::json to_json(const std::vector<setup::EdgeReport>& edges);
std::vector<setup::EdgeReport> edges_from_json(const nlohmann::json& json);
nlohmann::json to_json(const std::vector<setup::FlowResult>& flows);
std::vector<setup::FlowResult> flows_from_json(const nlohmann::json& json);
nlohmann::json to_json(const std::vector<setup::EventReport>& events);
std::vector<setup::EventReport> events_from_json(const nlohmann::json& json);

// For scripts: {NAME: {"packets": N, "drops": N}, ...}.
nlohmann::json edges_summary(const std::vector<setup::EdgeReport>& edges);

}  // namespace ndiskit::cli
