// Generic tables over both kinds of trees, splay links, hash tables, one-time initialization.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "nt/abi.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

template <class Table>
RTL_GENERIC_COMPARE_RESULTS NTAPI compare(Table*, PVOID a, PVOID b) {
    const int x = *static_cast<int*>(a), y = *static_cast<int*>(b);
    return x < y ? GenericLessThan : x > y ? GenericGreaterThan : GenericEqual;
}
int live = 0;
bool out_of_memory = false;
template <class Table>
PVOID NTAPI allocate(Table*, CLONG size) {
    if (out_of_memory) return nullptr;
    ++live;
    return std::malloc(static_cast<size_t>(size));
}
template <class Table>
void NTAPI release(Table*, PVOID memory) {
    --live;
    std::free(memory);
}

struct Avl {
    RTL_AVL_TABLE table;
    Avl() { RtlInitializeGenericTableAvl(&table, compare, allocate, release, nullptr); }
    int* insert(int key, BOOLEAN* is_new = nullptr) {
        return static_cast<int*>(RtlInsertElementGenericTableAvl(&table, &key, sizeof key, is_new));
    }
    bool remove(int key) { return RtlDeleteElementGenericTableAvl(&table, &key); }
    int* find(int key) { return static_cast<int*>(RtlLookupElementGenericTableAvl(&table, &key)); }
    int* enumerate(bool restart) { return static_cast<int*>(RtlEnumerateGenericTableAvl(&table, restart)); }
    int* get(ULONG i) { return static_cast<int*>(RtlGetElementGenericTableAvl(&table, i)); }
    ULONG count() { return RtlNumberGenericTableElementsAvl(&table); }
    bool empty() { return RtlIsGenericTableEmptyAvl(&table); }
    int* walk(PVOID& key) {
        return static_cast<int*>(RtlEnumerateGenericTableWithoutSplayingAvl(&table, &key));
    }
};

struct Generic {
    RTL_GENERIC_TABLE table;
    Generic() { RtlInitializeGenericTable(&table, compare, allocate, release, nullptr); }
    int* insert(int key, BOOLEAN* is_new = nullptr) {
        return static_cast<int*>(RtlInsertElementGenericTable(&table, &key, sizeof key, is_new));
    }
    bool remove(int key) { return RtlDeleteElementGenericTable(&table, &key); }
    int* find(int key) { return static_cast<int*>(RtlLookupElementGenericTable(&table, &key)); }
    int* enumerate(bool restart) { return static_cast<int*>(RtlEnumerateGenericTable(&table, restart)); }
    int* get(ULONG i) { return static_cast<int*>(RtlGetElementGenericTable(&table, i)); }
    ULONG count() { return RtlNumberGenericTableElements(&table); }
    bool empty() { return RtlIsGenericTableEmpty(&table); }
    int* walk(PVOID& key) { return static_cast<int*>(RtlEnumerateGenericTableWithoutSplaying(&table, &key)); }
};

template <class T>
std::vector<int> content(T& table) {
    std::vector<int> keys;
    PVOID key = nullptr;
    while (const int* data = table.walk(key)) keys.push_back(*data);
    return keys;
}

template <class T>
class GenericTables : public testing::Test {};
using Kinds = testing::Types<Avl, Generic>;
TYPED_TEST_SUITE(GenericTables, Kinds);

TYPED_TEST(GenericTables, HoldWhatASetWouldHold) {
    live = 0;
    TypeParam table;
    EXPECT_TRUE(table.empty());
    std::set<int> model;
    uint32_t random = 1;
    for (int i = 0; i < 4000; ++i) {
        random = random * 1664525 + 1013904223;
        const int key = static_cast<int>(random >> 16) % 300;
        if (random & 0x8000) {
            BOOLEAN is_new = 2;
            ASSERT_EQ(*table.insert(key, &is_new), key);
            ASSERT_EQ(is_new, model.insert(key).second);
        } else {
            ASSERT_EQ(table.remove(key), model.erase(key) == 1);
        }
        ASSERT_EQ(table.find(key) != nullptr, model.contains(key));
        if (i % 100 == 0) ASSERT_EQ(content(table), std::vector<int>(model.begin(), model.end()));
    }
    EXPECT_EQ(table.count(), model.size());
    EXPECT_EQ(live, static_cast<int>(model.size()));
    std::vector<int> seen;
    for (int* data = table.enumerate(true); data; data = table.enumerate(false)) seen.push_back(*data);
    EXPECT_EQ(seen, std::vector<int>(model.begin(), model.end()));
    for (const int key : model) EXPECT_TRUE(table.remove(key));
    EXPECT_TRUE(table.empty());
    EXPECT_EQ(table.enumerate(true), nullptr);
    EXPECT_EQ(live, 0);
}

TYPED_TEST(GenericTables, KeepOneOfEqualElements) {
    TypeParam table;
    BOOLEAN is_new;
    int* const first = table.insert(7, &is_new);
    EXPECT_TRUE(is_new);
    EXPECT_EQ(table.insert(7, &is_new), first);
    EXPECT_FALSE(is_new);
    out_of_memory = true;
    EXPECT_EQ(table.insert(8, &is_new), nullptr);
    EXPECT_FALSE(is_new);
    out_of_memory = false;
    EXPECT_EQ(table.count(), 1u);
    table.remove(7);
}

TEST(AvlTable, StaysShallow) {
    Avl table;
    for (int i = 0; i < 1000; ++i) table.insert(i);
    EXPECT_LE(table.table.DepthOfTree, 14u);  // 1.44 log2 n
    for (int i = 0; i < 990; ++i) EXPECT_TRUE(table.remove(i));
    EXPECT_LE(table.table.DepthOfTree, 4u);
    EXPECT_EQ(table.table.DeleteCount, 990u);
    for (int i = 990; i < 1000; ++i) table.remove(i);
    EXPECT_EQ(table.table.DepthOfTree, 0u);
}

TEST(AvlTable, GetsElementsByTheirIndex) {
    Avl table;
    for (const int key : {30, 10, 20}) table.insert(key);
    EXPECT_EQ(*table.get(2), 30);
    EXPECT_EQ(*table.get(0), 10);
    EXPECT_EQ(*table.get(1), 20);
    EXPECT_EQ(table.get(3), nullptr);
    table.remove(10);
    EXPECT_EQ(*table.get(0), 20);
    table.remove(20), table.remove(30);
}

TEST(GenericTable, GetsElementsInTheOrderOfInsertion) {
    Generic table;
    for (const int key : {30, 10, 20}) table.insert(key);
    EXPECT_EQ(*table.get(0), 30);
    EXPECT_EQ(*table.get(2), 20);
    EXPECT_EQ(*table.get(1), 10);
    EXPECT_EQ(table.get(3), nullptr);
    table.remove(30);
    EXPECT_EQ(*table.get(0), 10);
    table.remove(10), table.remove(20);
}

TEST(AvlTable, AnEnumerationSurvivesTheDeletionOfItsElement) {
    Avl table;
    for (int key = 0; key < 6; ++key) table.insert(key);
    EXPECT_EQ(*table.enumerate(true), 0);
    EXPECT_EQ(*table.enumerate(false), 1);
    table.remove(1);
    EXPECT_EQ(*table.enumerate(false), 2);
    for (int key = 0; key < 6; ++key) table.remove(key);
}

NTSTATUS NTAPI even(PRTL_AVL_TABLE, PVOID data, PVOID last) {
    const int key = *static_cast<int*>(data);
    if (key > *static_cast<int*>(last)) return static_cast<NTSTATUS>(0xC0000273);  // STATUS_NO_MORE_MATCHES
    return key % 2 ? STATUS_NO_MATCH : STATUS_SUCCESS;
}

TEST(AvlTable, EnumeratesLikeADirectory) {
    Avl table;
    for (int key = 0; key < 20; ++key) table.insert(key);
    int from = 4, last = 12;
    PVOID restart = nullptr;
    ULONG deleted = 0;
    std::vector<int> seen;
    for (BOOLEAN next = FALSE;; next = TRUE) {
        auto* data = static_cast<int*>(RtlEnumerateGenericTableLikeADirectory(&table.table, even, &last, next,
                                                                              &restart, &deleted, &from));
        if (!data) break;
        seen.push_back(from = *data);
        table.remove(from);  // goes on from the key
    }
    EXPECT_EQ(seen, (std::vector<int>{4, 6, 8, 10, 12}));
    for (int key = 0; key < 20; ++key) table.remove(key);
}

TEST(AvlTable, FindsThePlaceOfWhatIsNotThere) {
    Avl table;
    int key = 5;
    PVOID place;
    TABLE_SEARCH_RESULT result;
    EXPECT_EQ(RtlLookupElementGenericTableFullAvl(&table.table, &key, &place, &result), nullptr);
    EXPECT_EQ(result, TableEmptyTree);
    EXPECT_NE(RtlInsertElementGenericTableFullAvl(&table.table, &key, sizeof key, nullptr, place, result),
              nullptr);
    key = 3;
    EXPECT_EQ(RtlLookupElementGenericTableFullAvl(&table.table, &key, &place, &result), nullptr);
    EXPECT_EQ(result, TableInsertAsLeft);
    RtlInsertElementGenericTableFullAvl(&table.table, &key, sizeof key, nullptr, place, result);
    EXPECT_EQ(content(table), (std::vector<int>{3, 5}));
    table.remove(3), table.remove(5);
}

TEST(GenericTable, FindsThePlaceOfWhatIsNotThere) {
    Generic table;
    for (const int key : {10, 20, 30, 40}) table.insert(key);
    int key = 25;
    PVOID place;
    TABLE_SEARCH_RESULT result;
    EXPECT_EQ(RtlLookupElementGenericTableFull(&table.table, &key, &place, &result), nullptr);
    RtlInsertElementGenericTableFull(&table.table, &key, sizeof key, nullptr, place, result);
    EXPECT_EQ(content(table), (std::vector<int>{10, 20, 25, 30, 40}));
    for (const int old : {10, 20, 25, 30, 40}) table.remove(old);
}

TEST(SplayLinks, TurnANodeToTheRoot) {
    RTL_SPLAY_LINKS a = {}, b = {}, c = {};
    // c over b over a
    c = {&c, &b, nullptr};
    b = {&c, &a, nullptr};
    a = {&b, nullptr, nullptr};
    EXPECT_EQ(RtlSplay(&a), &a);
    EXPECT_EQ(a.Parent, &a);
    EXPECT_EQ(RtlRealSuccessor(&a), &b);
    EXPECT_EQ(RtlRealSuccessor(&b), &c);
    EXPECT_EQ(RtlRealSuccessor(&c), nullptr);
    EXPECT_EQ(RtlRealPredecessor(&c), &b);
    EXPECT_EQ(RtlSubtreeSuccessor(&a), &b);
    EXPECT_EQ(RtlSubtreePredecessor(&a), nullptr);
    RTL_SPLAY_LINKS* root = &a;
    RtlDeleteNoSplay(&a, &root);
    EXPECT_EQ(root->Parent, root);
    root = RtlDelete(root);
    ASSERT_NE(root, nullptr);
    EXPECT_EQ(RtlDelete(root), nullptr);
}

struct Item {
    RTL_DYNAMIC_HASH_TABLE_ENTRY entry;
    int value;
};
Item& item_of(PRTL_DYNAMIC_HASH_TABLE_ENTRY entry) { return *CONTAINING_RECORD(entry, Item, entry); }

TEST(HashTable, FindsWhatWasInsertedWhileItGrowsAndShrinks) {
    PRTL_DYNAMIC_HASH_TABLE table = nullptr;
    ASSERT_TRUE(RtlCreateHashTable(&table, 0, 0));
    EXPECT_EQ(table->TableSize, 128u);
    std::vector<Item> items(1000);
    for (size_t i = 0; i < items.size(); ++i) {
        items[i].value = static_cast<int>(i);
        EXPECT_TRUE(RtlInsertEntryHashTable(table, &items[i].entry, i, nullptr));
        if (i % 2) EXPECT_TRUE(RtlExpandHashTable(table));
    }
    EXPECT_EQ(table->TableSize, 628u);
    EXPECT_EQ(table->NumEntries, 1000u);
    auto all_there = [&] {
        for (size_t i = 2; i < items.size(); ++i) {
            PRTL_DYNAMIC_HASH_TABLE_ENTRY found = RtlLookupEntryHashTable(table, i, nullptr);
            ASSERT_NE(found, nullptr) << i;
            EXPECT_EQ(item_of(found).value, static_cast<int>(i));
        }
    };
    all_there();
    while (RtlContractHashTable(table)) {
    }
    EXPECT_EQ(table->TableSize, 128u);
    EXPECT_LE(table->NonEmptyBuckets, 128u);
    all_there();
    for (Item& item : items) EXPECT_TRUE(RtlRemoveEntryHashTable(table, &item.entry, nullptr));
    EXPECT_EQ(table->NumEntries, 0u);
    EXPECT_EQ(table->NonEmptyBuckets, 0u);
    EXPECT_EQ(RtlLookupEntryHashTable(table, 5, nullptr), nullptr);
    RtlDeleteHashTable(table);
}

TEST(HashTable, GivesAllEntriesOfOneSignature) {
    RTL_DYNAMIC_HASH_TABLE memory, *table = &memory;
    ASSERT_TRUE(RtlCreateHashTable(&table, 0, 0));
    Item items[6];
    for (int i = 0; i < 6; ++i) {
        items[i].value = i;
        RtlInsertEntryHashTable(table, &items[i].entry, i % 2 ? 77 : 78, nullptr);
    }
    RTL_DYNAMIC_HASH_TABLE_CONTEXT context = {};
    std::set<int> values;
    for (auto* entry = RtlLookupEntryHashTable(table, 77, &context); entry;
         entry = RtlGetNextEntryHashTable(table, &context))
        values.insert(item_of(entry).value);
    EXPECT_EQ(values, (std::set<int>{1, 3, 5}));
    RtlDeleteHashTable(table);
}

TEST(HashTable, EnumeratesEachEntryOnceThoughEntriesGo) {
    RTL_DYNAMIC_HASH_TABLE memory, *table = &memory;
    ASSERT_TRUE(RtlCreateHashTable(&table, 0, 0));
    std::vector<Item> items(300);
    for (size_t i = 0; i < items.size(); ++i) {
        items[i].value = static_cast<int>(i);
        RtlInsertEntryHashTable(table, &items[i].entry, i * 4096, nullptr);
    }
    RTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator;
    ASSERT_TRUE(RtlInitEnumerationHashTable(table, &enumerator));
    EXPECT_FALSE(RtlExpandHashTable(table));  // not while somebody enumerates
    std::map<int, int> seen;
    while (auto* entry = RtlEnumerateEntryHashTable(table, &enumerator)) {
        ++seen[item_of(entry).value];
        RtlRemoveEntryHashTable(table, entry, nullptr);
    }
    RtlEndEnumerationHashTable(table, &enumerator);
    EXPECT_EQ(seen.size(), 300u);
    for (const auto& [value, times] : seen) EXPECT_EQ(times, 1) << value;
    EXPECT_TRUE(RtlExpandHashTable(table));
    RtlDeleteHashTable(table);
}

ULONG NTAPI initialize_good(PRTL_RUN_ONCE, PVOID parameter, PVOID* context) {
    ++*static_cast<int*>(parameter);
    *context = parameter;
    return TRUE;
}
ULONG NTAPI initialize_bad(PRTL_RUN_ONCE, PVOID parameter, PVOID*) {
    ++*static_cast<int*>(parameter);
    return FALSE;
}

TEST(HashTable, AWeakEnumerationLetsTheTableGrow) {
    PRTL_DYNAMIC_HASH_TABLE table = nullptr;
    ASSERT_TRUE(RtlCreateHashTable(&table, 0, 0));
    RTL_DYNAMIC_HASH_TABLE_ENTRY entries[50];
    for (ULONG_PTR i = 0; i < 50; ++i) RtlInsertEntryHashTable(table, &entries[i], i + 1, nullptr);
    RTL_DYNAMIC_HASH_TABLE_ENUMERATOR strong, weak;
    ASSERT_TRUE(RtlInitEnumerationHashTable(table, &strong));
    EXPECT_FALSE(RtlExpandHashTable(table));
    RtlEndEnumerationHashTable(table, &strong);
    ASSERT_TRUE(RtlInitWeakEnumerationHashTable(table, &weak));
    EXPECT_TRUE(RtlExpandHashTable(table));
    std::set<RTL_DYNAMIC_HASH_TABLE_ENTRY*> seen;
    while (auto* entry = RtlWeaklyEnumerateEntryHashTable(table, &weak)) seen.insert(entry);
    EXPECT_EQ(seen.size(), 50u);  // nothing moved behind it
    RtlEndWeakEnumerationHashTable(table, &weak);
    for (auto& entry : entries) RtlRemoveEntryHashTable(table, &entry, nullptr);
    EXPECT_EQ(table->NonEmptyBuckets, 0u);
    RtlDeleteHashTable(table);
}

// Keys that differ in their last digit are equal to it.
RTL_GENERIC_COMPARE_RESULTS NTAPI compare_tens(RTL_AVL_TABLE* table, PVOID a, PVOID b) {
    const int x = *static_cast<int*>(a) / 10, y = *static_cast<int*>(b) / 10;
    return x < y ? GenericLessThan : x > y ? GenericGreaterThan : GenericEqual;
}

TEST(AvlTable, FindsTheFirstOfSeveralMatches) {
    Avl table;
    for (int key : {10, 23, 21, 27, 25, 22, 30, 24}) table.insert(key);
    table.table.CompareRoutine = compare_tens;  // as of names without their case
    int key = 20, missing = 40;
    PVOID restart = nullptr;
    auto* found =
        static_cast<int*>(RtlLookupFirstMatchingElementGenericTableAvl(&table.table, &key, &restart));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(*found, 21);
    EXPECT_EQ(*table.walk(restart), 22);  // the enumeration goes on behind it
    EXPECT_EQ(RtlLookupFirstMatchingElementGenericTableAvl(&table.table, &missing, &restart), nullptr);
    table.table.CompareRoutine = compare<RTL_AVL_TABLE>;
    for (int each : {10, 21, 22, 23, 24, 25, 27, 30}) table.remove(each);
}

TEST(RunOnce, CallsTheRoutineUntilItHasSucceeded) {
    test::on_sim([] {
        RTL_RUN_ONCE once;
        RtlRunOnceInitialize(&once);
        alignas(8) int calls = 0;
        PVOID context = nullptr;
        EXPECT_EQ(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_CHECK_ONLY, &context), STATUS_UNSUCCESSFUL);
        EXPECT_FALSE(NT_SUCCESS(RtlRunOnceExecuteOnce(&once, initialize_bad, &calls, &context)));
        EXPECT_EQ(RtlRunOnceExecuteOnce(&once, initialize_good, &calls, &context), STATUS_SUCCESS);
        EXPECT_EQ(RtlRunOnceExecuteOnce(&once, initialize_good, &calls, &context), STATUS_SUCCESS);
        EXPECT_EQ(calls, 2);
        EXPECT_EQ(context, &calls);
        EXPECT_EQ(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_CHECK_ONLY, &context), STATUS_SUCCESS);
    });
}

TEST(RunOnce, OneOfSeveralAttemptsWins) {
    RTL_RUN_ONCE once = {};
    PVOID context;
    alignas(8) int mine, other;
    EXPECT_EQ(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context), STATUS_PENDING);
    EXPECT_EQ(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context), STATUS_PENDING);
    EXPECT_FALSE(NT_SUCCESS(RtlRunOnceBeginInitialize(&once, 0, &context)));
    EXPECT_EQ(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, &mine), STATUS_SUCCESS);
    EXPECT_EQ(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, &other), STATUS_UNSUCCESSFUL);
    EXPECT_EQ(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context), STATUS_SUCCESS);
    EXPECT_EQ(context, &mine);
}

RTL_RUN_ONCE shared;
int finished;
void NTAPI waits(PVOID) {
    PVOID context = nullptr;
    EXPECT_EQ(RtlRunOnceBeginInitialize(&shared, 0, &context), STATUS_SUCCESS);
    EXPECT_EQ(context, &shared);
    ++finished;
}

TEST(RunOnce, OthersWaitForTheFirst) {
    test::on_sim([] {
        PVOID context;
        ASSERT_EQ(RtlRunOnceBeginInitialize(&shared, 0, &context), STATUS_PENDING);
        HANDLE threads[2];
        PVOID bodies[2];
        for (int i = 0; i < 2; ++i) {
            ASSERT_EQ(PsCreateSystemThread(&threads[i], 0, nullptr, nullptr, nullptr, waits, nullptr),
                      STATUS_SUCCESS);
            ObReferenceObjectByHandle(threads[i], 0, nullptr, KernelMode, &bodies[i], nullptr);
        }
        LARGE_INTEGER a_while = {.QuadPart = -10000};
        KeDelayExecutionThread(KernelMode, FALSE, &a_while);
        EXPECT_EQ(finished, 0);
        EXPECT_EQ(RtlRunOnceComplete(&shared, 0, &shared), STATUS_SUCCESS);
        for (int i = 0; i < 2; ++i) {
            KeWaitForSingleObject(bodies[i], Executive, KernelMode, FALSE, nullptr);
            ObfDereferenceObject(bodies[i]);
            ZwClose(threads[i]);
        }
        EXPECT_EQ(finished, 2);
    });
}

}  // namespace
}  // namespace ndiskit::nt
