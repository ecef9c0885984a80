#include "setup/watch.h"

#include "base/log.h"
#include "ndis/library.h"

namespace ndiskit::setup {

Watch::Watch(uint32_t period_ms) : period_ms_(period_ms) {
    KeInitializeEvent(&end_, NotificationEvent, FALSE);
    thread_ = nt::Thread::start("watch", [this] {
        LARGE_INTEGER period;
        period.QuadPart = -int64_t{10'000} * period_ms_;
        while (KeWaitForSingleObject(&end_, Executive, KernelMode, FALSE, &period) == STATUS_TIMEOUT) look();
    });
}

Watch::~Watch() {
    KeSetEvent(&end_, 0, FALSE);
    thread_.join();
}

void Watch::look() {
    std::vector<std::string> now;
    bool changes = false;
    for (ndis::UnderWay& item : ndis::under_way()) {
        changes |= item.changes_state;
        now.push_back(std::move(item.text));
    }
    if (!changes) now.clear();
    if (!now.empty() && now == last_) {
        log_error("machine", "nothing has moved for {} seconds. Under way:", period_ms_ / 1000);
        for (const std::string& line : now) log_error("machine", "  {}", line);
    }
    last_ = std::move(now);
}

}  // namespace ndiskit::setup
