// Splay trees over the caller's RTL_SPLAY_LINKS. A root is its own parent. Whatever is used is turned up to
// the root, so that what is used often is found soon.
#include "nt/abi.h"

namespace {

using Node = RTL_SPLAY_LINKS;

bool is_root(const Node* node) { return node->Parent == node; }
bool is_left(const Node* node) { return node->Parent->LeftChild == node; }

Node*& link_to(Node* node) { return is_left(node) ? node->Parent->LeftChild : node->Parent->RightChild; }

Node* leftmost(Node* node) {
    while (node && node->LeftChild) node = node->LeftChild;
    return node;
}
Node* rightmost(Node* node) {
    while (node && node->RightChild) node = node->RightChild;
    return node;
}

// Turns the node over its parent.
void rotate(Node* node) {
    Node* const down = node->Parent;
    const bool left = is_left(node);
    if (is_root(down)) {
        node->Parent = node;
    } else {
        link_to(down) = node;
        node->Parent = down->Parent;
    }
    Node*& inner = left ? node->RightChild : node->LeftChild;
    (left ? down->LeftChild : down->RightChild) = inner;
    if (inner) inner->Parent = down;
    inner = down;
    down->Parent = node;
}

// Puts `heir`, which may be null, into the place of the node; gives the parent, null when the node was root.
Node* replace(Node* node, Node* heir) {
    if (is_root(node)) {
        if (heir) heir->Parent = heir;
        return nullptr;
    }
    link_to(node) = heir;
    if (heir) heir->Parent = node->Parent;
    return node->Parent;
}

// Takes the node out. Gives its parent, null when it was the root; `root` follows when that changes.
Node* unlink(Node* node, Node*& root) {
    if (node->LeftChild && node->RightChild) {
        // The one before it takes its place; that one has no right child.
        Node* const heir = rightmost(node->LeftChild);
        Node* const parent = heir->Parent == node ? heir : heir->Parent;
        if (parent != heir) {
            replace(heir, heir->LeftChild);
            heir->LeftChild = node->LeftChild;
            heir->LeftChild->Parent = heir;
        }
        heir->RightChild = node->RightChild;
        heir->RightChild->Parent = heir;
        if (root == node) root = heir;
        replace(node, heir);
        return parent;
    }
    Node* const heir = node->LeftChild ? node->LeftChild : node->RightChild;
    if (root == node) root = heir;
    return replace(node, heir);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlsplay
PRTL_SPLAY_LINKS NTAPI RtlSplay(PRTL_SPLAY_LINKS node) {
    while (!is_root(node)) {
        Node* const parent = node->Parent;
        if (!is_root(parent)) rotate(is_left(node) == is_left(parent) ? parent : node);
        rotate(node);
    }
    return node;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtldelete
PRTL_SPLAY_LINKS NTAPI RtlDelete(PRTL_SPLAY_LINKS node) {
    Node* root = node;
    Node* const parent = unlink(node, root);
    if (parent) return RtlSplay(parent);
    return root;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtldeletenosplay
void NTAPI RtlDeleteNoSplay(PRTL_SPLAY_LINKS node, PRTL_SPLAY_LINKS* root) { unlink(node, *root); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlsubtreesuccessor
PRTL_SPLAY_LINKS NTAPI RtlSubtreeSuccessor(PRTL_SPLAY_LINKS node) { return leftmost(node->RightChild); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlsubtreepredecessor
PRTL_SPLAY_LINKS NTAPI RtlSubtreePredecessor(PRTL_SPLAY_LINKS node) { return rightmost(node->LeftChild); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrealsuccessor
PRTL_SPLAY_LINKS NTAPI RtlRealSuccessor(PRTL_SPLAY_LINKS node) {
    if (node->RightChild) return leftmost(node->RightChild);
    while (!is_root(node) && !is_left(node)) node = node->Parent;
    return is_root(node) ? nullptr : node->Parent;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrealpredecessor
PRTL_SPLAY_LINKS NTAPI RtlRealPredecessor(PRTL_SPLAY_LINKS node) {
    if (node->LeftChild) return rightmost(node->LeftChild);
    while (!is_root(node) && is_left(node)) node = node->Parent;
    return is_root(node) ? nullptr : node->Parent;
}

}  // extern "C"
