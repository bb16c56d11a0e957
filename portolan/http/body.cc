#include "portolan/http/body.h"

#include <utility>

#include <fmt/format.h>

namespace portolan::http {
namespace {

class TextBody final : public BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}

  async::Task<Result<std::string_view>> Next() override {
    if (std::exchange(given_, true)) co_return std::string_view();
    co_return std::string_view(text_);
  }

 private:
  std::string text_;
  bool given_ = false;
};

}  // namespace

std::unique_ptr<BodyReader> NewTextBody(std::string text) {
  return std::make_unique<TextBody>(std::move(text));
}

async::Task<Result<std::string>> ReadAll(BodyReader& body, std::size_t max_size) {
  std::string text;
  for (;;) {
    PORTOLAN_CO_TRY(const std::string_view piece, co_await body.Next());
    if (piece.empty()) co_return text;
    if (piece.size() > max_size - text.size()) {
      co_return Fail(
          ErrorCode::kTooLarge,
          fmt::format("the answer is larger than the {} bytes that are read of it", max_size));
    }
    text += piece;
  }
}

async::Task<std::string> ReadStart(BodyReader& body, std::size_t max_size) {
  std::string text;
  while (text.size() < max_size) {
    const Result<std::string_view> piece = co_await body.Next();
    if (!piece || piece->empty()) break;
    text += piece->substr(0, max_size - text.size());
  }
  co_return text;
}

}  // namespace portolan::http
