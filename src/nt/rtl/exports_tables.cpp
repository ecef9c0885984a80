// The rows of the tables of the run-time library: AVL and splay trees, hash tables, one-time initialization.
// Trees and hash tables serve at any IRQL at which their memory may be touched.
#include "nt/abi.h"
#include "nt/exports.h"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"RtlInitializeGenericTableAvl", reinterpret_cast<const void*>(RtlInitializeGenericTableAvl), MaxIrql::dispatch},
    {"RtlLookupElementGenericTableAvl", reinterpret_cast<const void*>(RtlLookupElementGenericTableAvl), MaxIrql::dispatch},
    {"RtlLookupElementGenericTableFullAvl", reinterpret_cast<const void*>(RtlLookupElementGenericTableFullAvl), MaxIrql::dispatch},
    {"RtlLookupFirstMatchingElementGenericTableAvl", reinterpret_cast<const void*>(RtlLookupFirstMatchingElementGenericTableAvl), MaxIrql::dispatch},
    {"RtlInsertElementGenericTableAvl", reinterpret_cast<const void*>(RtlInsertElementGenericTableAvl), MaxIrql::dispatch},
    {"RtlInsertElementGenericTableFullAvl", reinterpret_cast<const void*>(RtlInsertElementGenericTableFullAvl), MaxIrql::dispatch},
    {"RtlDeleteElementGenericTableAvl", reinterpret_cast<const void*>(RtlDeleteElementGenericTableAvl), MaxIrql::dispatch},
    {"RtlEnumerateGenericTableAvl", reinterpret_cast<const void*>(RtlEnumerateGenericTableAvl), MaxIrql::dispatch},
    {"RtlEnumerateGenericTableWithoutSplayingAvl", reinterpret_cast<const void*>(RtlEnumerateGenericTableWithoutSplayingAvl), MaxIrql::dispatch},
    {"RtlEnumerateGenericTableLikeADirectory", reinterpret_cast<const void*>(RtlEnumerateGenericTableLikeADirectory), MaxIrql::dispatch},
    {"RtlGetElementGenericTableAvl", reinterpret_cast<const void*>(RtlGetElementGenericTableAvl), MaxIrql::dispatch},
    {"RtlNumberGenericTableElementsAvl", reinterpret_cast<const void*>(RtlNumberGenericTableElementsAvl), MaxIrql::dispatch},
    {"RtlIsGenericTableEmptyAvl", reinterpret_cast<const void*>(RtlIsGenericTableEmptyAvl), MaxIrql::dispatch},
    {"RtlInitializeGenericTable", reinterpret_cast<const void*>(RtlInitializeGenericTable), MaxIrql::dispatch},
    {"RtlLookupElementGenericTable", reinterpret_cast<const void*>(RtlLookupElementGenericTable), MaxIrql::dispatch},
    {"RtlLookupElementGenericTableFull", reinterpret_cast<const void*>(RtlLookupElementGenericTableFull), MaxIrql::dispatch},
    {"RtlInsertElementGenericTable", reinterpret_cast<const void*>(RtlInsertElementGenericTable), MaxIrql::dispatch},
    {"RtlInsertElementGenericTableFull", reinterpret_cast<const void*>(RtlInsertElementGenericTableFull), MaxIrql::dispatch},
    {"RtlDeleteElementGenericTable", reinterpret_cast<const void*>(RtlDeleteElementGenericTable), MaxIrql::dispatch},
    {"RtlEnumerateGenericTable", reinterpret_cast<const void*>(RtlEnumerateGenericTable), MaxIrql::dispatch},
    {"RtlEnumerateGenericTableWithoutSplaying", reinterpret_cast<const void*>(RtlEnumerateGenericTableWithoutSplaying), MaxIrql::dispatch},
    {"RtlGetElementGenericTable", reinterpret_cast<const void*>(RtlGetElementGenericTable), MaxIrql::dispatch},
    {"RtlNumberGenericTableElements", reinterpret_cast<const void*>(RtlNumberGenericTableElements), MaxIrql::dispatch},
    {"RtlIsGenericTableEmpty", reinterpret_cast<const void*>(RtlIsGenericTableEmpty), MaxIrql::dispatch},
    {"RtlSplay", reinterpret_cast<const void*>(RtlSplay), MaxIrql::dispatch},
    {"RtlDelete", reinterpret_cast<const void*>(RtlDelete), MaxIrql::dispatch},
    {"RtlDeleteNoSplay", reinterpret_cast<const void*>(RtlDeleteNoSplay), MaxIrql::dispatch},
    {"RtlSubtreeSuccessor", reinterpret_cast<const void*>(RtlSubtreeSuccessor), MaxIrql::dispatch},
    {"RtlSubtreePredecessor", reinterpret_cast<const void*>(RtlSubtreePredecessor), MaxIrql::dispatch},
    {"RtlRealSuccessor", reinterpret_cast<const void*>(RtlRealSuccessor), MaxIrql::dispatch},
    {"RtlRealPredecessor", reinterpret_cast<const void*>(RtlRealPredecessor), MaxIrql::dispatch},
    {"RtlCreateHashTable", reinterpret_cast<const void*>(RtlCreateHashTable), MaxIrql::dispatch},
    {"RtlDeleteHashTable", reinterpret_cast<const void*>(RtlDeleteHashTable), MaxIrql::dispatch},
    {"RtlInsertEntryHashTable", reinterpret_cast<const void*>(RtlInsertEntryHashTable), MaxIrql::dispatch},
    {"RtlRemoveEntryHashTable", reinterpret_cast<const void*>(RtlRemoveEntryHashTable), MaxIrql::dispatch},
    {"RtlLookupEntryHashTable", reinterpret_cast<const void*>(RtlLookupEntryHashTable), MaxIrql::dispatch},
    {"RtlGetNextEntryHashTable", reinterpret_cast<const void*>(RtlGetNextEntryHashTable), MaxIrql::dispatch},
    {"RtlInitEnumerationHashTable", reinterpret_cast<const void*>(RtlInitEnumerationHashTable), MaxIrql::dispatch},
    {"RtlEnumerateEntryHashTable", reinterpret_cast<const void*>(RtlEnumerateEntryHashTable), MaxIrql::dispatch},
    {"RtlEndEnumerationHashTable", reinterpret_cast<const void*>(RtlEndEnumerationHashTable), MaxIrql::dispatch},
    {"RtlInitWeakEnumerationHashTable", reinterpret_cast<const void*>(RtlInitWeakEnumerationHashTable), MaxIrql::dispatch},
    {"RtlWeaklyEnumerateEntryHashTable", reinterpret_cast<const void*>(RtlWeaklyEnumerateEntryHashTable), MaxIrql::dispatch},
    {"RtlEndWeakEnumerationHashTable", reinterpret_cast<const void*>(RtlEndWeakEnumerationHashTable), MaxIrql::dispatch},
    {"RtlExpandHashTable", reinterpret_cast<const void*>(RtlExpandHashTable), MaxIrql::dispatch},
    {"RtlContractHashTable", reinterpret_cast<const void*>(RtlContractHashTable), MaxIrql::dispatch},
    {"RtlRunOnceInitialize", reinterpret_cast<const void*>(RtlRunOnceInitialize), MaxIrql::any},
    {"RtlRunOnceBeginInitialize", reinterpret_cast<const void*>(RtlRunOnceBeginInitialize), MaxIrql::apc},
    {"RtlRunOnceComplete", reinterpret_cast<const void*>(RtlRunOnceComplete), MaxIrql::apc},
    {"RtlRunOnceExecuteOnce", reinterpret_cast<const void*>(RtlRunOnceExecuteOnce), MaxIrql::apc},
    // clang-format on
};

std::span<const Export> rtl_table_exports() { return rows; }

}  // namespace ndiskit::nt
