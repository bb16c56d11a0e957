// Many short texts in two blocks of memory.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portolan::repo {

/// A sequence of names: a hundred thousand tags cost two growing buffers instead of as many
/// allocations. A value; moving it is cheap. The views that it gives are valid until it is changed
/// or destroyed.
class Names {
 public:
  /// For range-for and algorithms; gives string_views by value.
  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using reference = std::string_view;
    using pointer = void;

    Iterator() = default;
    Iterator(const Names* names, std::size_t index) : names_(names), index_(index) {}
    reference operator*() const { return (*names_)[index_]; }
    reference operator[](difference_type by) const { return (*names_)[index_ + by]; }
    Iterator& operator++() { return *this += 1; }
    Iterator& operator--() { return *this += -1; }
    Iterator operator++(int) { return std::exchange(*this, *this + 1); }
    Iterator operator--(int) { return std::exchange(*this, *this + -1); }
    Iterator& operator+=(difference_type by) {
      index_ += static_cast<std::size_t>(by);
      return *this;
    }
    Iterator& operator-=(difference_type by) { return *this += -by; }
    friend Iterator operator+(Iterator it, difference_type by) { return it += by; }
    friend Iterator operator+(difference_type by, Iterator it) { return it += by; }
    friend Iterator operator-(Iterator it, difference_type by) { return it += -by; }
    friend difference_type operator-(const Iterator& a, const Iterator& b) {
      return static_cast<difference_type>(a.index_) - static_cast<difference_type>(b.index_);
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;
    friend auto operator<=>(const Iterator& a, const Iterator& b) { return a.index_ <=> b.index_; }

   private:
    const Names* names_ = nullptr;
    std::size_t index_ = 0;
  };

  Names() = default;
  Names(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) Add(name);
  }

  /// Makes room for so many bytes of text, to save copying while growing. A hint: what a peer says
  /// of its size is capped by the caller.
  void ReserveText(std::size_t bytes) { text_.reserve(bytes); }
  void Add(std::string_view name) {
    text_ += name;
    ends_.push_back(text_.size());
  }
  /// Keeps the first `size` names; `size` must not be greater than size().
  void Truncate(std::size_t size) {
    ends_.resize(size);
    text_.resize(size == 0 ? 0 : ends_.back());
  }
  void Clear() { Truncate(0); }

  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  /// Bytes of all names together.
  std::size_t text_size() const { return text_.size(); }
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(begin, ends_[index] - begin);
  }
  Iterator begin() const { return Iterator(this, 0); }
  Iterator end() const { return Iterator(this, size()); }

  friend bool operator==(const Names&, const Names&) = default;

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

/// Some consecutive names of a Names, which must outlive it and not be changed meanwhile but by
/// Add.
class NamesView {
 public:
  NamesView() = default;
  NamesView(const Names& names, std::size_t first, std::size_t size)
      : names_(&names), first_(first), size_(size) {}
  /// All of `names`.
  NamesView(const Names& names)
      : NamesView(names, 0, names.size()) {}  // NOLINT(google-explicit-constructor)

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view operator[](std::size_t index) const { return (*names_)[first_ + index]; }
  Names::Iterator begin() const { return Names::Iterator(names_, first_); }
  Names::Iterator end() const { return Names::Iterator(names_, first_ + size_); }

 private:
  const Names* names_ = nullptr;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace portolan::repo
