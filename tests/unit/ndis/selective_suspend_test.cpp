// Selective suspend: an adapter that nobody uses is asked, sleeps, and wakes for whoever needs it.
#include <gtest/gtest.h>

#include <cstring>

#include "fixture.h"
#include "nt/ke/irql.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using Calls = std::vector<std::string>;

// What the miniport does with its notifications, and what it was asked.
struct Suspend {
    NDIS_STATUS answer = NDIS_STATUS_PENDING;
    bool confirms = true;           // from within MiniportIdleNotification
    bool completes = true;          // from within MiniportCancelIdleNotification
    Calls calls;                    // "idle", "selective", "D2", "cancel" ...
    std::vector<engine::Time> idle_at;
    KEVENT cancelled;
};
Suspend& suspend() {
    static Suspend s;
    return s;
}

NDIS_STATUS NTAPI idle(NDIS_HANDLE context, BOOLEAN force) {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    EXPECT_FALSE(force);
    suspend().calls.push_back("idle");
    suspend().idle_at.push_back(engine::the().now());
    if (suspend().answer == NDIS_STATUS_PENDING && suspend().confirms)
        NdisMIdleNotificationConfirm(static_cast<Nic*>(context)->handle, NdisDeviceStateD2);
    return suspend().answer;
}
void NTAPI cancel_idle(NDIS_HANDLE context) {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    suspend().calls.push_back("cancel");
    KeSetEvent(&suspend().cancelled, 0, FALSE);
    if (suspend().completes)
        NdisMIdleNotificationComplete(static_cast<Nic*>(context)->handle);
}

NDIS_MINIPORT_SS_CHARACTERISTICS characteristics() {
    NDIS_MINIPORT_SS_CHARACTERISTICS c{};
    c.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_SS_CHARACTERISTICS;
    c.Header.Revision = NDIS_MINIPORT_SS_CHARACTERISTICS_REVISION_1;
    c.Header.Size = NDIS_SIZEOF_MINIPORT_SS_CHARACTERISTICS_REVISION_1;
    c.IdleNotificationHandler = idle;
    c.CancelIdleNotificationHandler = cancel_idle;
    return c;
}

std::optional<NDIS_STATUS> note_oid(NDIS_OID_REQUEST& request) {
    const auto& set = request.DATA.SET_INFORMATION;
    if (request.RequestType != NdisRequestSetInformation)
        return std::nullopt;
    if (set.Oid == OID_PM_PARAMETERS) {
        NDIS_PM_PARAMETERS p;
        std::memcpy(&p, set.InformationBuffer, sizeof(p));
        EXPECT_EQ(p.EnabledWoLPacketPatterns, 0u);
        suspend().calls.push_back(p.WakeUpFlags == NDIS_PM_SELECTIVE_SUSPEND_ENABLED ? "selective" : "other flags");
    } else if (set.Oid == OID_PNP_SET_POWER) {
        NDIS_DEVICE_POWER_STATE power;
        std::memcpy(&power, set.InformationBuffer, sizeof(power));
        suspend().calls.push_back("D" + std::to_string(power - NdisDeviceStateD0));
    } else {
        return std::nullopt;
    }
    return NDIS_STATUS_SUCCESS;
}

void able() {
    KeInitializeEvent(&suspend().cancelled, SynchronizationEvent, FALSE);
    behaviour().on_set_options = [](NDIS_HANDLE driver) {
        auto c = characteristics();
        return NdisSetOptionalHandlers(driver, reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&c));
    };
    behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& g) {
        g.PowerManagementCapabilitiesEx->Flags |= NDIS_PM_SELECTIVE_SUSPEND_SUPPORTED;
    };
    behaviour().on_oid = note_oid;
}

void sleep_ms(LONGLONG ms) {
    LARGE_INTEGER time;
    time.QuadPart = -ms * 10'000;
    KeDelayExecutionThread(KernelMode, FALSE, &time);
    settle_pnp();
}
const Calls sleeps = {"idle", "selective", "D2"};
const Calls sleeps_and_wakes = {"idle", "selective", "D2", "cancel", "D0"};

TEST(SelectiveSuspend, BothHandlersAreNeeded) {
    with_stack([] {
        auto c = characteristics();
        c.CancelIdleNotificationHandler = nullptr;
        auto* handlers = reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&c);
        EXPECT_EQ(NdisSetOptionalHandlers(nic_driver(), handlers), NDIS_STATUS_BAD_CHARACTERISTICS);
        c.CancelIdleNotificationHandler = cancel_idle;
        EXPECT_EQ(NdisSetOptionalHandlers(nic_driver(), handlers), NDIS_STATUS_SUCCESS);
    });
}

TEST(SelectiveSuspend, ConfirmingNothingStopsTheMachine) {
    EXPECT_EXIT(with_stack([] { NdisMIdleNotificationConfirm(nic().handle, NdisDeviceStateD2); }),
                testing::ExitedWithCode(3), "without an idle notification");
    EXPECT_EXIT(with_stack([] { NdisMIdleNotificationComplete(nic().handle); }), testing::ExitedWithCode(3),
                "without an idle notification");
}

TEST(SelectiveSuspend, AnIdleAdapterSleepsAfterItsTimeOut) {
    with_prepared_stack(able, [] {
        open_of().send(1);
        const engine::Time last = engine::the().now();
        sleep_ms(4'900);
        EXPECT_EQ(suspend().calls, Calls{});
        sleep_ms(1'700);
        EXPECT_EQ(suspend().calls, sleeps);
        EXPECT_GE(suspend().idle_at.front() - last, 5 * engine::second);
        EXPECT_LE(suspend().idle_at.front() - last, 13 * engine::second / 2);
        EXPECT_EQ(view().power_state, 2u);
        EXPECT_EQ(open_of().calls, (Calls{"bind", "restart"}));  // those above hear nothing
    });
}

TEST(SelectiveSuspend, TheTimeOutStandsInTheRegistry) {
    with_prepared_stack(
        [] {
            able();
            set_text(u"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Class\\"
                     u"{4D36E972-E325-11CE-BFC1-08002BE10318}\\0001",
                     u"*SSIdleTimeout", u"20");
        },
        [] {
            sleep_ms(19'000);
            EXPECT_EQ(suspend().calls, Calls{});
            sleep_ms(8'000);
            EXPECT_EQ(suspend().calls, sleeps);
        });
}

TEST(SelectiveSuspend, IsOffWhenTheKeywordSaysSo) {
    with_prepared_stack(
        [] {
            able();
            set_text(u"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Class\\"
                     u"{4D36E972-E325-11CE-BFC1-08002BE10318}\\0001",
                     u"*SelectiveSuspend", u"0");
        },
        [] {
            sleep_ms(60'000);
            EXPECT_EQ(suspend().calls, Calls{});
        });
}

TEST(SelectiveSuspend, IsOffWithoutTheCapability) {
    with_prepared_stack(
        [] {
            able();
            behaviour().on_general = nullptr;
        },
        [] {
            sleep_ms(60'000);
            EXPECT_EQ(suspend().calls, Calls{});
        });
}

TEST(SelectiveSuspend, AnAdapterInUseStaysAwake) {
    with_prepared_stack(able, [] {
        for (int i = 0; i < 10; i++) {
            sleep_ms(4'000);
            if (i % 3 == 0)
                open_of().send(1);
            else if (i % 3 == 1)
                nic().indicate(1, broadcast);
            else
                open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED | (i & 1 ? NDIS_PACKET_TYPE_BROADCAST : 0));
        }
        EXPECT_EQ(suspend().calls, Calls{});
    });
}

TEST(SelectiveSuspend, ASendWakesItAndItIsWatchedAgain) {
    with_prepared_stack(able, [] {
        sleep_ms(8'000);
        EXPECT_EQ(suspend().calls, sleeps);
        open_of().send(3);
        open_of().send(2);
        sleep_ms(100);
        EXPECT_EQ(suspend().calls, sleeps_and_wakes);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 5);
        EXPECT_EQ(view().power_state, 0u);
        sleep_ms(8'000);
        EXPECT_EQ(count(suspend().calls, "idle"), 2);
    });
}

// Sends and requests at moments around the time-out, while the adapter falls asleep or wakes.
void use_it_now_and_then() {
    constexpr int uses = 12;
    for (int i = 0; i < uses; i++) {
        const auto pause = static_cast<LONGLONG>(4'990 + engine::the().draw(700));
        LARGE_INTEGER time;
        time.QuadPart = -pause * 10'000;
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        open_of().send(1);
        if (i % 4 == 3) {
            EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        }
    }
    settle_pnp();
    EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], uses);
    EXPECT_EQ(nic().sent, static_cast<uint64_t>(uses));
    EXPECT_EQ(count(suspend().calls, "D2"), count(suspend().calls, "D0"));
}

TEST(SelectiveSuspend, NothingIsLostAroundTheTimeOut) {
    for (uint64_t seed = 1; seed <= 30; seed++)
        EXPECT_EXIT(
            {
                with_prepared_stack(able, use_it_now_and_then, seed);
                std::exit(HasFailure() ? 1 : 0);
            },
            testing::ExitedWithCode(0), "")
            << "seed " << seed;
}

TEST(SelectiveSuspend, SendsWaitWhileTheMiniportTakesItsTime) {
    with_prepared_stack(
        [] {
            able();
            suspend().completes = false;
        },
        [] {
            sleep_ms(8'000);
            open_of().send(2);
            sleep_ms(1'000);
            EXPECT_EQ(suspend().calls.back(), "cancel");
            EXPECT_EQ(nic().sent, 0u);
            EXPECT_EQ(open_of().sends_out, 2);
            NdisMIdleNotificationComplete(nic().handle);
            settle_pnp();
            EXPECT_EQ(suspend().calls, sleeps_and_wakes);
            EXPECT_EQ(nic().sent, 2u);
            suspend().completes = true;
        });
}

TEST(SelectiveSuspend, AnOidRequestWakesItAndIsAnsweredThen) {
    with_prepared_stack(able, [] {
        sleep_ms(8'000);
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(suspend().calls, sleeps_and_wakes);
        EXPECT_EQ(nic().packet_filter, static_cast<uint32_t>(NDIS_PACKET_TYPE_DIRECTED));
        EXPECT_EQ(nic().most_oids_inside, 1);
    });
}

TEST(SelectiveSuspend, WhatNdisAnswersItselfLetsItSleep) {
    with_prepared_stack(able, [] {
        sleep_ms(8'000);
        ULONG size = 0;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, &size, sizeof(size)),
                  NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_EQ(suspend().calls, sleeps);
    });
}

TEST(SelectiveSuspend, AWakeSignalOfTheHardwareWakesIt) {
    with_prepared_stack(able, [] {
        sleep_ms(8'000);
        nic().indicate_link(false);
        settle_pnp();
        EXPECT_EQ(suspend().calls, sleeps_and_wakes);
        sleep_ms(8'000);
        nic().indicate(1, broadcast);
        settle_pnp();
        EXPECT_EQ(suspend().calls.back(), "D0");
        EXPECT_EQ(count(suspend().calls, "cancel"), 2);
    });
}

TEST(SelectiveSuspend, TheMiniportMayCompleteByItself) {
    with_prepared_stack(able, [] {
        sleep_ms(8'000);
        NdisMIdleNotificationComplete(nic().handle);
        settle_pnp();
        EXPECT_EQ(suspend().calls, (Calls{"idle", "selective", "D2", "D0"}));
        EXPECT_EQ(view().power_state, 0u);
    });
}

TEST(SelectiveSuspend, AVetoBeginsTheWatchAnew) {
    with_prepared_stack(
        [] {
            able();
            suspend().answer = NDIS_STATUS_BUSY;
        },
        [] {
            sleep_ms(14'000);
            EXPECT_EQ(suspend().calls, (Calls{"idle", "idle"}));
            EXPECT_GE(suspend().idle_at[1] - suspend().idle_at[0], 5 * engine::second);
            open_of().send(1);
            EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
        });
}

TEST(SelectiveSuspend, ANotificationThatIsCancelledBeforeItIsConfirmedLeavesTheAdapterUp) {
    with_prepared_stack(
        [] {
            able();
            suspend().confirms = false;
        },
        [] {
            sleep_ms(8'000);
            EXPECT_EQ(suspend().calls, Calls{"idle"});
            EXPECT_EQ(view().power_state, 0u);
            open_of().send(1);  // held back: the driver said NDIS_STATUS_PENDING
            sleep_ms(100);
            EXPECT_EQ(suspend().calls, (Calls{"idle", "cancel"}));
            EXPECT_EQ(nic().sent, 1u);
        });
}

TEST(SelectiveSuspend, AConfirmationMayComeLater) {
    with_prepared_stack(
        [] {
            able();
            suspend().confirms = false;
        },
        [] {
            sleep_ms(8'000);
            NdisMIdleNotificationConfirm(nic().handle, NdisDeviceStateD3);
            EXPECT_EQ(suspend().calls, (Calls{"idle", "selective", "D3"}));  // before it returns
            EXPECT_EQ(view().power_state, 3u);
        });
}

TEST(SelectiveSuspend, SuccessIsNoAnswer) {
    EXPECT_EXIT(with_prepared_stack(
                    [] {
                        able();
                        suspend().answer = NDIS_STATUS_SUCCESS;
                    },
                    [] { sleep_ms(8'000); }),
                testing::ExitedWithCode(3), "did not return NDIS_STATUS_PENDING");
}

TEST(SelectiveSuspend, ConfirmingWhatWasCompletedStopsTheMachine) {
    EXPECT_EXIT(with_prepared_stack(able,
                                    [] {
                                        sleep_ms(8'000);
                                        open_of().send(1);
                                        sleep_ms(100);
                                        NdisMIdleNotificationConfirm(nic().handle, NdisDeviceStateD2);
                                    }),
                testing::ExitedWithCode(3), "NdisMIdleNotificationConfirm without an idle notification");
}

TEST(SelectiveSuspend, ControlOperationsWakeItFirst) {
    with_prepared_stack(able, [] {
        sleep_ms(8'000);
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        EXPECT_EQ(suspend().calls, sleeps_and_wakes);
        EXPECT_EQ(nic().calls.back(), "pause");
        sleep_ms(20'000);  // a paused adapter is not asked
        EXPECT_EQ(suspend().calls, sleeps_and_wakes);
        ASSERT_TRUE(restart_adapter(guid_a).has_value());
        sleep_ms(8'000);
        EXPECT_EQ(count(suspend().calls, "idle"), 2);
        ASSERT_TRUE(sleep_system().has_value());
        EXPECT_EQ(suspend().calls.back(), "D3");
        EXPECT_EQ(count(suspend().calls, "D0"), 2);
        wake_system();
        sleep_ms(8'000);
        EXPECT_EQ(count(suspend().calls, "idle"), 3);
    });  // halts it from its sleep
}

TEST(SelectiveSuspend, ACheckForHangLetsItSleep) {
    with_prepared_stack(
        [] {
            able();
            behaviour().has_reset = true;
        },
        [] {
            sleep_ms(8'000);
            EXPECT_EQ(suspend().calls, sleeps);
            const int checks = count(nic().calls, "check");
            sleep_ms(20'000);
            EXPECT_EQ(suspend().calls, sleeps);
            EXPECT_EQ(count(nic().calls, "check"), checks);
        });
}

TEST(SelectiveSuspend, SendsThatWaitAreCancelledById) {
    with_prepared_stack(
        [] {
            able();
            suspend().completes = false;
        },
        [] {
            sleep_ms(8'000);
            open_of().send(2);
            NdisCancelSendNetBufferLists(open_of().handle, nullptr);  // they carry no id
            EXPECT_EQ(open_of().send_results[NDIS_STATUS_SEND_ABORTED], 2);
            sleep_ms(10);
            NdisMIdleNotificationComplete(nic().handle);
            settle_pnp();
            EXPECT_EQ(nic().sent, 0u);
            suspend().completes = true;
        });
}

TEST(SelectiveSuspend, DirectRequestsWaitToo) {
    with_prepared_stack(
        [] {
            able();
            behaviour().pend_direct = true;
        },
        [] {
            sleep_ms(8'000);
            NDIS_OID_REQUEST request{};
            request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
            request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
            request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
            request.RequestType = NdisRequestMethod;
            request.DATA.METHOD_INFORMATION.Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS + 1;
            EXPECT_EQ(NdisDirectOidRequest(open_of().handle, &request), NDIS_STATUS_PENDING);
            settle_pnp();
            EXPECT_EQ(suspend().calls, sleeps_and_wakes);
            ASSERT_EQ(nic().direct, &request);
            nic().complete_direct(NDIS_STATUS_SUCCESS);
        });
}

}  // namespace
}  // namespace ndiskit::ndis
