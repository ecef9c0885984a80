// Generic tables over AVL trees. The caller's data of an element lies behind its RTL_BALANCED_LINKS; memory
// comes from and goes back to the caller's routines, so that the table itself never allocates and serves at
// any IRQL. The table's own BalancedRoot is the parent of the root, which is its right child: every node has
// a parent, and a walk upwards ends at BalancedRoot.
#include <cstring>
#include <utility>

#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/rtl/table_search.h"

namespace {

using namespace ndiskit::nt;
using Node = RTL_BALANCED_LINKS;

PVOID data_of(Node* node) { return node ? node + 1 : nullptr; }

Node*& child(Node* node, CHAR side) { return side > 0 ? node->RightChild : node->LeftChild; }
CHAR side_of(const Node* node) { return node->Parent->RightChild == node ? 1 : -1; }

Node* outermost(Node* node, CHAR side) {
    while (node && child(node, side)) node = child(node, side);
    return node;
}

// The next node to that side in order; null behind the last.
Node* neighbour(const RTL_AVL_TABLE& table, Node* node, CHAR side) {
    if (Node* below = child(node, side)) return outermost(below, static_cast<CHAR>(-side));
    while (node->Parent != &table.BalancedRoot && side_of(node) == side) node = node->Parent;
    return node->Parent == &table.BalancedRoot ? nullptr : node->Parent;
}
Node* next(const RTL_AVL_TABLE& table, Node* node) { return neighbour(table, node, 1); }

Node* first(const RTL_AVL_TABLE& table) { return outermost(table.BalancedRoot.RightChild, -1); }

// Turns the node over its parent.
void rotate(Node* node) {
    Node* const down = node->Parent;
    const CHAR side = side_of(node);
    Node*& inner = child(node, static_cast<CHAR>(-side));
    child(down->Parent, side_of(down)) = node;
    node->Parent = down->Parent;
    child(down, side) = inner;
    if (inner) inner->Parent = down;
    inner = down;
    down->Parent = node;
}

// Balances a node that is two levels deeper on `side`; true when its subtree has become one level shorter.
bool restore(Node* node, CHAR side) {
    const auto other = static_cast<CHAR>(-side);
    Node* const heavy = child(node, side);
    if (heavy->Balance != other) {
        const bool shorter = heavy->Balance == side;
        rotate(heavy);
        node->Balance = shorter ? CHAR{0} : side;
        heavy->Balance = shorter ? CHAR{0} : other;
        return shorter;
    }
    Node* const middle = child(heavy, other);
    rotate(middle);
    rotate(middle);
    node->Balance = middle->Balance == side ? other : CHAR{0};
    heavy->Balance = middle->Balance == other ? side : CHAR{0};
    middle->Balance = 0;
    return true;
}

// A new leaf has made the subtrees above it deeper.
void grown(RTL_AVL_TABLE& table, Node* leaf) {
    for (Node *below = leaf, *at = leaf->Parent; at != &table.BalancedRoot; below = at, at = at->Parent) {
        const CHAR side = side_of(below);
        if (at->Balance == -side) {
            at->Balance = 0;
            return;
        }
        if (at->Balance == side) {
            restore(at, side);
            return;
        }
        at->Balance = side;
    }
    ++table.DepthOfTree;
}

// The subtree of `at` on `side` has become one level shorter.
void shrunk(RTL_AVL_TABLE& table, Node* at, CHAR side) {
    while (at != &table.BalancedRoot) {
        Node* const above = at->Parent;
        const CHAR above_side = side_of(at);
        if (at->Balance == side) {
            at->Balance = 0;
        } else if (at->Balance == 0) {
            at->Balance = static_cast<CHAR>(-side);
            return;
        } else if (!restore(at, static_cast<CHAR>(-side))) {
            return;
        }
        at = above;
        side = above_side;
    }
    --table.DepthOfTree;
}

void unlink(RTL_AVL_TABLE& table, Node* node) {
    // A node with two children gives its place to the next one, which has no left child.
    Node* const gone = node->LeftChild && node->RightChild ? outermost(node->RightChild, -1) : node;
    Node* const below = gone->LeftChild ? gone->LeftChild : gone->RightChild;
    const CHAR side = side_of(gone);
    child(gone->Parent, side) = below;
    if (below) below->Parent = gone->Parent;
    shrunk(table, gone->Parent, side);
    if (gone == node) return;
    child(node->Parent, side_of(node)) = gone;
    *gone = *node;
    if (gone->LeftChild) gone->LeftChild->Parent = gone;
    if (gone->RightChild) gone->RightChild->Parent = gone;
}

using Place = rtl::Place<Node>;

Place find(RTL_AVL_TABLE& table, PVOID key) {
    return rtl::find_place(table, table.BalancedRoot.RightChild, key, data_of);
}

void forget_order(RTL_AVL_TABLE& table) {
    table.OrderedPointer = nullptr;
    table.WhichOrderedElement = 0;
}

void link(RTL_AVL_TABLE& table, Node* node, const Place& place) {
    *node = {};
    node->Parent = place.result == TableEmptyTree ? &table.BalancedRoot : place.node;
    child(node->Parent, place.result == TableInsertAsLeft ? CHAR{-1} : CHAR{1}) = node;
    ++table.NumberGenericTableElements;
    forget_order(table);
    grown(table, node);
}

// Where a directory-like enumeration starts from a key; `skip` says whether to leave the node out.
Node* first_from_key(RTL_AVL_TABLE& table, PVOID key, bool& skip) {
    const Place place = find(table, key);
    if (place.result == TableFoundNode) return place.node;
    skip = false;
    return place.result == TableInsertAsRight ? next(table, place.node) : place.node;
}

void remove_node(RTL_AVL_TABLE& table, Node* node) {
    // An enumeration that stands on the node goes on behind the one before it.
    if (table.RestartKey == node) table.RestartKey = neighbour(table, node, -1);
    ++table.DeleteCount;
    --table.NumberGenericTableElements;
    unlink(table, node);
    forget_order(table);
    call_driver(table.FreeRoutine, &table, node);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinitializegenerictableavl
void NTAPI RtlInitializeGenericTableAvl(PRTL_AVL_TABLE table, PRTL_AVL_COMPARE_ROUTINE compare,
                                        PRTL_AVL_ALLOCATE_ROUTINE allocate, PRTL_AVL_FREE_ROUTINE free,
                                        PVOID context) {
    *table = {};
    table->BalancedRoot.Parent = &table->BalancedRoot;
    table->CompareRoutine = compare;
    table->AllocateRoutine = allocate;
    table->FreeRoutine = free;
    table->TableContext = context;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtllookupelementgenerictablefullavl
PVOID NTAPI RtlLookupElementGenericTableFullAvl(PRTL_AVL_TABLE table, PVOID key, PVOID* node_or_parent,
                                                TABLE_SEARCH_RESULT* result) {
    const Place place = find(*table, key);
    *node_or_parent = place.node;
    *result = place.result;
    return place.result == TableFoundNode ? data_of(place.node) : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtllookupelementgenerictableavl
PVOID NTAPI RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE table, PVOID key) {
    const Place place = find(*table, key);
    return place.result == TableFoundNode ? data_of(place.node) : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtllookupfirstmatchingelementgenerictableavl
PVOID NTAPI RtlLookupFirstMatchingElementGenericTableAvl(PRTL_AVL_TABLE table, PVOID key,
                                                         PVOID* restart_key) {
    *restart_key = nullptr;
    const Place place = find(*table, key);
    if (place.result != TableFoundNode) return nullptr;
    Node* match = place.node;
    for (Node* before; (before = neighbour(*table, match, -1));) {
        if (call_driver(table->CompareRoutine, table, key, data_of(before)) != GenericEqual) break;
        match = before;
    }
    *restart_key = match;
    return data_of(match);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinsertelementgenerictablefullavl
PVOID NTAPI RtlInsertElementGenericTableFullAvl(PRTL_AVL_TABLE table, PVOID data, CLONG size, PBOOLEAN is_new,
                                                PVOID node_or_parent, TABLE_SEARCH_RESULT result) {
    auto* node = static_cast<Node*>(node_or_parent);
    const bool found = result == TableFoundNode;
    if (is_new) *is_new = FALSE;
    if (!found) {
        const Place place{node, result};
        node = static_cast<Node*>(
            call_driver(table->AllocateRoutine, table, static_cast<CLONG>(sizeof(Node) + size)));
        if (!node) return nullptr;
        std::memcpy(node + 1, data, size);
        link(*table, node, place);
        if (is_new) *is_new = TRUE;
    }
    return data_of(node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinsertelementgenerictableavl
PVOID NTAPI RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE table, PVOID data, CLONG size, PBOOLEAN is_new) {
    const Place place = find(*table, data);
    return RtlInsertElementGenericTableFullAvl(table, data, size, is_new, place.node, place.result);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtldeleteelementgenerictableavl
BOOLEAN NTAPI RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE table, PVOID key) {
    const Place place = find(*table, key);
    if (place.result != TableFoundNode) return FALSE;
    remove_node(*table, place.node);
    return TRUE;
}

// Deletes the node that a lookup found, without looking for it again.
void NTAPI RtlDeleteElementGenericTableAvlEx(PRTL_AVL_TABLE table, PVOID node) {
    remove_node(*table, static_cast<Node*>(node));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlenumerategenerictablewithoutsplayingavl
PVOID NTAPI RtlEnumerateGenericTableWithoutSplayingAvl(PRTL_AVL_TABLE table, PVOID* restart_key) {
    auto* const last = static_cast<Node*>(*restart_key);
    Node* const node = last ? next(*table, last) : first(*table);
    if (node) *restart_key = node;
    return data_of(node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlenumerategenerictableavl
PVOID NTAPI RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE table, BOOLEAN restart) {
    PVOID key = restart ? nullptr : table->RestartKey;
    const PVOID data = RtlEnumerateGenericTableWithoutSplayingAvl(table, &key);
    table->RestartKey = static_cast<Node*>(key);
    return data;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlenumerategenerictablelikeadirectory
PVOID NTAPI RtlEnumerateGenericTableLikeADirectory(PRTL_AVL_TABLE table, PRTL_AVL_MATCH_FUNCTION match,
                                                   PVOID match_data, ULONG next_flag, PVOID* restart_key,
                                                   PULONG delete_count, PVOID key) {
    bool skip = next_flag != 0;
    // What was deleted since may be the node of the restart key.
    auto* node = *delete_count == table->DeleteCount ? static_cast<Node*>(*restart_key) : nullptr;
    if (!node) node = first_from_key(*table, key, skip);
    if (node && skip) node = next(*table, node);
    for (; node && match; node = next(*table, node)) {
        const NTSTATUS status = call_driver(match, table, data_of(node), match_data);
        if (status == STATUS_SUCCESS) break;
        if (status != STATUS_NO_MATCH) node = nullptr;  // STATUS_NO_MORE_MATCHES
        if (!node) break;
    }
    *restart_key = node;
    *delete_count = table->DeleteCount;
    return data_of(node);
}

// In the order of the tree: an AVL table keeps no other.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlgetelementgenerictableavl
PVOID NTAPI RtlGetElementGenericTableAvl(PRTL_AVL_TABLE table, ULONG index) {
    if (index >= table->NumberGenericTableElements) return nullptr;
    // From the element that was asked for last, when that is nearer: callers ask for one after the other.
    auto* node = static_cast<Node*>(table->OrderedPointer);
    ULONG at = node ? table->WhichOrderedElement - 1 : 0;
    if (!node || index < at) node = first(*table), at = 0;
    for (; at < index; ++at) node = next(*table, node);
    table->OrderedPointer = node;
    table->WhichOrderedElement = index + 1;
    return data_of(node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlnumbergenerictableelementsavl
ULONG NTAPI RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE table) {
    return table->NumberGenericTableElements;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlisgenerictableemptyavl
BOOLEAN NTAPI RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE table) {
    return table->NumberGenericTableElements == 0;
}

}  // extern "C"
