#include "setup/bare_machine.h"

#include <algorithm>

#include "setup/machine_file.h"

namespace ndiskit::setup {
namespace {

constexpr size_t max_service_name = 64;

// The file's name, as far as it can name a service.
std::string service_of(const std::filesystem::path& image) {
    std::string name = image.stem().string().substr(0, max_service_name);
    std::ranges::replace_if(
        name,
        [](char c) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            return !letter && c != '-' && c != '_' && c != '.';
        },
        '-');
    return name;
}

bool is_image(const std::filesystem::path& file) {
    std::string extension = file.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".sys";
}

}  // namespace

Result<Description> describe_image(const std::filesystem::path& image) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(image, ignored))
        return fail("there is no such file", image.string(),
                    "build it with `ndiskit build`, or correct the path");
    Driver driver;
    driver.name = service_of(image);
    driver.image = image;
    driver.kind = DriverKind::protocol;  // a service that loads without a device
    driver.protocol_service = driver.name;
    Description machine;
    machine.name = driver.name;
    machine.drivers.push_back(std::move(driver));
    return machine;
}

Result<Description> read_machine(const std::filesystem::path& file) {
    return is_image(file) ? describe_image(file) : read_machine_file(file);
}

}  // namespace ndiskit::setup
