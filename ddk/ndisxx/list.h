// A doubly linked list of objects that carry their own links. It owns nothing and has no lock.
#pragma once

#include <ndis.h>

namespace ndisxx {

template <class T, LIST_ENTRY T::*link>
class List {
  public:
    List() noexcept { InitializeListHead(&head_); }
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    bool empty() const noexcept { return head_.Flink == &head_; }
    void push_back(T& object) noexcept { InsertTailList(&head_, &(object.*link)); }
    static void remove(T& object) noexcept {
        RemoveEntryList(&(object.*link));
        InitializeListHead(&(object.*link));
    }
    // Null when the list is empty.
    T* pop_front() noexcept {
        if (empty()) return nullptr;
        T& first = object_of(head_.Flink);
        remove(first);
        return &first;
    }

    class Iterator {
      public:
        explicit Iterator(LIST_ENTRY* entry) noexcept : entry_(entry), next_(entry->Flink) {}
        T& operator*() const noexcept { return object_of(entry_); }
        // The object just visited may have been removed.
        Iterator& operator++() noexcept {
            entry_ = next_;
            next_ = entry_->Flink;
            return *this;
        }
        bool operator!=(const Iterator& other) const noexcept { return entry_ != other.entry_; }

      private:
        LIST_ENTRY* entry_;
        LIST_ENTRY* next_;
    };
    Iterator begin() noexcept { return Iterator(head_.Flink); }
    Iterator end() noexcept { return Iterator(&head_); }

  private:
    static T& object_of(LIST_ENTRY* entry) noexcept {
        const auto offset = reinterpret_cast<ULONG_PTR>(&(static_cast<T*>(nullptr)->*link));
        return *reinterpret_cast<T*>(reinterpret_cast<UCHAR*>(entry) - offset);
    }

    LIST_ENTRY head_;
};

}  // namespace ndisxx
