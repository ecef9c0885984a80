// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsecurepoolvalidate
#include "nt/pool/secure_pool.h"

#include <gtest/gtest.h>

#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

TEST(SecurePool, IsNotThereWithoutASecureKernel) {
    test::on_sim([] {
        HANDLE pool = &pool;
        char block[16] = {};
        EXPECT_EQ(ExCreatePool(1, 'tset', nullptr, &pool), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(pool, nullptr);
        EXPECT_FALSE(ExSecurePoolValidate(pool, 'tset', block, 1));
        EXPECT_EQ(ExSecurePoolUpdate(pool, 'tset', block, 1, 0, 1, block), STATUS_INVALID_HANDLE);
    });
}

TEST(SecurePoolDeath, DestroyingWhatWasNotCreatedBugChecks) {
    EXPECT_DEATH(test::on_sim([] { ExDestroyPool(nullptr); }), "BAD_POOL_CALLER");
}

}  // namespace
}  // namespace ndiskit::nt
