// Text that must never be printed.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace portolan {

/// A password or token. Printing it gives `***`; its text is had only by asking for it by name, at
/// the one place that puts it on the wire or into a file. Overwritten when destroyed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) { Wipe(text); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other) { return *this = Secret(other); }
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { Wipe(other.text_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe(text_);
      text_ = std::move(other.text_);
      Wipe(other.text_);
    }
    return *this;
  }
  ~Secret() { Wipe(text_); }

  bool empty() const { return text_.empty(); }
  /// The text itself. Search for this name to find every place where a secret leaves the program.
  const std::string& Reveal() const { return text_; }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  // The whole capacity: a short string that was moved from is empty, but its characters are still
  // in its buffer.
  static void Wipe(std::string& text) noexcept {
    text.resize(text.capacity());
    volatile char* bytes = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
    text.clear();
  }

  std::string text_;
};

/// What a log or a message shows of a secret.
inline std::string_view ToString(const Secret& secret) { return secret.empty() ? "" : "***"; }

}  // namespace portolan
