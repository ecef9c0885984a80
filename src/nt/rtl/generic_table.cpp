// Generic tables over splay trees. An element is its RTL_SPLAY_LINKS, its entry in the list that keeps the
// order of insertion, and the caller's data. Memory comes from and goes back to the caller's routines.
#include <cstring>

#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/rtl/table_search.h"

namespace {

using namespace ndiskit::nt;

struct Element {
    RTL_SPLAY_LINKS links;
    LIST_ENTRY order;
};
static_assert(sizeof(Element) == sizeof(RTL_SPLAY_LINKS) + sizeof(LIST_ENTRY));

Element* element_of(RTL_SPLAY_LINKS* links) { return reinterpret_cast<Element*>(links); }
PVOID data_of(RTL_SPLAY_LINKS* links) { return element_of(links) + 1; }

using Place = rtl::Place<RTL_SPLAY_LINKS>;

Place find(RTL_GENERIC_TABLE& table, PVOID key) { return rtl::find_place(table, table.TableRoot, key, data_of); }

void forget_order(RTL_GENERIC_TABLE& table) {
    table.OrderedPointer = &table.InsertOrderList;
    table.WhichOrderedElement = 0;
}

void link(RTL_GENERIC_TABLE& table, RTL_SPLAY_LINKS* node, const Place& place) {
    *node = {node, nullptr, nullptr};
    if (place.result != TableEmptyTree) {
        node->Parent = place.node;
        (place.result == TableInsertAsLeft ? place.node->LeftChild : place.node->RightChild) = node;
    }
    InsertTailList(&table.InsertOrderList, &element_of(node)->order);
    ++table.NumberGenericTableElements;
}

RTL_SPLAY_LINKS* first(const RTL_GENERIC_TABLE& table) {
    RTL_SPLAY_LINKS* node = table.TableRoot;
    while (node && node->LeftChild) node = node->LeftChild;
    return node;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinitializegenerictable
void NTAPI RtlInitializeGenericTable(PRTL_GENERIC_TABLE table, PRTL_GENERIC_COMPARE_ROUTINE compare,
                                     PRTL_GENERIC_ALLOCATE_ROUTINE allocate, PRTL_GENERIC_FREE_ROUTINE free,
                                     PVOID context) {
    *table = {};
    InitializeListHead(&table->InsertOrderList);
    forget_order(*table);
    table->CompareRoutine = compare;
    table->AllocateRoutine = allocate;
    table->FreeRoutine = free;
    table->TableContext = context;
}

// As the AVL one, which alone has a page.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtllookupelementgenerictablefullavl
PVOID NTAPI RtlLookupElementGenericTableFull(PRTL_GENERIC_TABLE table, PVOID key, PVOID* node_or_parent,
                                             TABLE_SEARCH_RESULT* result) {
    const Place place = find(*table, key);
    *node_or_parent = place.node;
    *result = place.result;
    // A parent stays where it is: the place beside it is free only as long as nothing turns.
    if (place.result != TableFoundNode) return nullptr;
    table->TableRoot = RtlSplay(place.node);
    return data_of(place.node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtllookupelementgenerictable
PVOID NTAPI RtlLookupElementGenericTable(PRTL_GENERIC_TABLE table, PVOID key) {
    PVOID node;
    TABLE_SEARCH_RESULT result;
    return RtlLookupElementGenericTableFull(table, key, &node, &result);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinsertelementgenerictablefullavl
PVOID NTAPI RtlInsertElementGenericTableFull(PRTL_GENERIC_TABLE table, PVOID data, CLONG size,
                                             PBOOLEAN is_new, PVOID node_or_parent,
                                             TABLE_SEARCH_RESULT result) {
    Place place{static_cast<RTL_SPLAY_LINKS*>(node_or_parent), result};
    const bool found = result == TableFoundNode;
    if (is_new) *is_new = FALSE;
    if (!found) {
        auto* const element = static_cast<Element*>(
            call_driver(table->AllocateRoutine, table, static_cast<CLONG>(sizeof(Element) + size)));
        if (!element) return nullptr;
        std::memcpy(element + 1, data, size);
        link(*table, &element->links, place);
        place.node = &element->links;
        if (is_new) *is_new = TRUE;
    }
    table->TableRoot = RtlSplay(place.node);
    return data_of(place.node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinsertelementgenerictable
PVOID NTAPI RtlInsertElementGenericTable(PRTL_GENERIC_TABLE table, PVOID data, CLONG size, PBOOLEAN is_new) {
    const Place place = find(*table, data);
    return RtlInsertElementGenericTableFull(table, data, size, is_new, place.node, place.result);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtldeleteelementgenerictable
BOOLEAN NTAPI RtlDeleteElementGenericTable(PRTL_GENERIC_TABLE table, PVOID key) {
    const Place place = find(*table, key);
    if (place.result != TableFoundNode) return FALSE;
    table->TableRoot = RtlDelete(place.node);
    RemoveEntryList(&element_of(place.node)->order);
    --table->NumberGenericTableElements;
    forget_order(*table);
    call_driver(table->FreeRoutine, table, place.node);
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlenumerategenerictable
PVOID NTAPI RtlEnumerateGenericTable(PRTL_GENERIC_TABLE table, BOOLEAN restart) {
    if (!table->TableRoot) return nullptr;
    RTL_SPLAY_LINKS* const node = restart ? first(*table) : RtlRealSuccessor(table->TableRoot);
    if (!node) return nullptr;
    table->TableRoot = RtlSplay(node);
    return data_of(node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlenumerategenerictablewithoutsplaying
PVOID NTAPI RtlEnumerateGenericTableWithoutSplaying(PRTL_GENERIC_TABLE table, PVOID* restart_key) {
    auto* const last = static_cast<RTL_SPLAY_LINKS*>(*restart_key);
    RTL_SPLAY_LINKS* const node = last ? RtlRealSuccessor(last) : first(*table);
    if (!node) return nullptr;
    *restart_key = node;
    return data_of(node);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlgetelementgenerictable
PVOID NTAPI RtlGetElementGenericTable(PRTL_GENERIC_TABLE table, ULONG index) {
    if (index >= table->NumberGenericTableElements) return nullptr;
    // From the element that was asked for last: callers ask for one after the other. 0 is the list's head.
    if (index + 1 < table->WhichOrderedElement) forget_order(*table);
    for (; table->WhichOrderedElement < index + 1; ++table->WhichOrderedElement)
        table->OrderedPointer = table->OrderedPointer->Flink;
    return data_of(&CONTAINING_RECORD(table->OrderedPointer, Element, order)->links);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlnumbergenerictableelements
ULONG NTAPI RtlNumberGenericTableElements(PRTL_GENERIC_TABLE table) {
    return table->NumberGenericTableElements;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlisgenerictableempty
BOOLEAN NTAPI RtlIsGenericTableEmpty(PRTL_GENERIC_TABLE table) { return table->TableRoot == nullptr; }

}  // extern "C"
