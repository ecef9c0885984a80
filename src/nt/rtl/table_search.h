// The search in a generic table by the driver's comparison, which both of its forms, AVL and splay, share.
#pragma once

#include "nt/abi.h"
#include "nt/image/call_gate.h"

namespace ndiskit::nt::rtl {

template <class Node>
struct Place {
    Node* node = nullptr;  // the match, or the parent of what would be new
    TABLE_SEARCH_RESULT result = TableEmptyTree;
};

// From `root` down; `data_of` gives what the driver keeps at a node.
template <class Table, class Node>
Place<Node> find_place(Table& table, Node* root, PVOID key, PVOID (*data_of)(Node*)) {
    Place<Node> place;
    for (Node* node = root; node;) {
        place.node = node;
        switch (call_driver(table.CompareRoutine, &table, key, data_of(node))) {
            case GenericLessThan:
                place.result = TableInsertAsLeft;
                node = node->LeftChild;
                break;
            case GenericGreaterThan:
                place.result = TableInsertAsRight;
                node = node->RightChild;
                break;
            default:
                place.result = TableFoundNode;
                return place;
        }
    }
    return place;
}

}  // namespace ndiskit::nt::rtl
