// Memory for C++ objects of a driver: made in nonpaged pool with a tag, constructed in place, and owned by an
// `Owned` that destroys and frees it. Constructors must not fail; what can fail goes into an `initialize`
// that returns an NDIS_STATUS.
#pragma once

#include <ndis.h>

inline void* operator new(size_t, void* place) noexcept { return place; }

namespace ndisxx {

template <class T>
struct RemoveReference {
    using Type = T;
};
template <class T>
struct RemoveReference<T&> {
    using Type = T;
};
template <class T>
constexpr typename RemoveReference<T>::Type&& move(T&& value) noexcept {
    return static_cast<typename RemoveReference<T>::Type&&>(value);
}

// A T in nonpaged pool, constructed from the arguments; null when there is no memory.
template <class T, class... Arguments>
T* create(NDIS_HANDLE owner, ULONG tag, Arguments&&... arguments) noexcept {
    void* place = NdisAllocateMemoryWithTagPriority(owner, sizeof(T), tag, NormalPoolPriority);
    return place ? new (place) T(static_cast<Arguments&&>(arguments)...) : nullptr;
}

template <class T>
void destroy(T* object) noexcept {
    if (!object) return;
    object->~T();
    NdisFreeMemory(object, 0, 0);
}

// Sole owner of an object made by `create`.
template <class T>
class Owned {
  public:
    Owned() = default;
    explicit Owned(T* object) noexcept : object_(object) {}
    Owned(Owned&& other) noexcept : object_(other.release()) {}
    Owned& operator=(Owned&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~Owned() { destroy(object_); }

    T* get() const noexcept { return object_; }
    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    T* release() noexcept {
        T* object = object_;
        object_ = nullptr;
        return object;
    }
    void reset(T* object = nullptr) noexcept {
        destroy(object_);
        object_ = object;
    }

  private:
    T* object_ = nullptr;
};

}  // namespace ndisxx
