#include "portolan/wire/link.h"

#include <array>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

struct Row {
  const char* name;
  std::vector<std::string_view> lines;
  std::vector<Link> links;
  std::optional<std::string> next;
};

constexpr const char* kQuayPath =
    "/v2/ansible/creator-ee/tags/list?n=50&next_page=gAAAAABkIoNDsbasB-22vQs84yeAQtwR_OWx%3D";

const Row kRegistries[] = {
    {"Docker Hub",
     {R"(</v2/library/ubuntu/tags/list?last=12.04&n=2>; rel="next")"},
     {{"/v2/library/ubuntu/tags/list?last=12.04&n=2", "next"}},
     "/v2/library/ubuntu/tags/list?last=12.04&n=2"},
    {"GHCR, n=0",
     {R"(</v2/linuxserver/hedgedoc/tags/list?last=amd64-version-1.8.1&n=0>; rel="next")"},
     {{"/v2/linuxserver/hedgedoc/tags/list?last=amd64-version-1.8.1&n=0", "next"}},
     "/v2/linuxserver/hedgedoc/tags/list?last=amd64-version-1.8.1&n=0"},
    {"Quay, %3D stays",
     {R"(</v2/ansible/creator-ee/tags/list?n=50&next_page=gAAAAABkIoNDsbasB-22vQs84yeAQtwR_OWx%3D>; rel="next")"},
     {{kQuayPath, "next"}},
     kQuayPath},
    {"ECR, absolute and opaque",
     {R"(<https://1.dkr.ecr.us-east-1.amazonaws.com/v2/a/tags/list?last=ukD72mdD%2FmC8b5xV3susmJzz==&n=1000>; rel="next")"},
     {{"https://1.dkr.ecr.us-east-1.amazonaws.com/v2/a/tags/"
       "list?last=ukD72mdD%2FmC8b5xV3susmJzz==&n=1000",
       "next"}},
     "https://1.dkr.ecr.us-east-1.amazonaws.com/v2/a/tags/"
     "list?last=ukD72mdD%2FmC8b5xV3susmJzz==&n=1000"},
    {"ACR",
     {R"(</v2/a/tags/list?last=v1&n=100&orderby=>; rel="next")"},
     {{"/v2/a/tags/list?last=v1&n=100&orderby=", "next"}},
     "/v2/a/tags/list?last=v1&n=100&orderby="},
    {"GitHub API, several",
     {R"(<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next", <https://a/x?page=9>; rel="last")"},
     {{"https://a/x?page=1", "prev"},
      {"https://a/x?page=3", "next"},
      {"https://a/x?page=9", "last"}},
     "https://a/x?page=3"},
};

const Row kForms[] = {
    {"no lines", {}, {}, std::nullopt},
    {"empty line", {"", " , "}, {}, std::nullopt},
    {"comma in brackets", {R"(</a,b;c>; rel="next")"}, {{"/a,b;c", "next"}}, "/a,b;c"},
    {"comma in quotes",
     {R"(</a>; title="x, <y>; \" z"; rel="next", </b>)"},
     {{"/a", "next"}, {"/b", ""}},
     "/a"},
    {"no rel", {"</a>"}, {{"/a", ""}}, "/a"},
    {"no rel, other parameter", {"</a>;type=x"}, {{"/a", ""}}, "/a"},
    {"next before no rel", {"</a>, </b>;rel=next"}, {{"/a", ""}, {"/b", "next"}}, "/b"},
    {"only another relation", {"</a>;rel=prev"}, {{"/a", "prev"}}, std::nullopt},
    {"unquoted", {"</a>;rel=next"}, {{"/a", "next"}}, "/a"},
    {"several relations", {R"(</a>; rel="prev  next")"}, {{"/a", "prev  next"}}, "/a"},
    {"a relation that only begins so",
     {R"(</a>; rel="nextish xnext")"},
     {{"/a", "nextish xnext"}},
     std::nullopt},
    {"upper case", {"</A>; REL=NEXT"}, {{"/A", "next"}}, "/A"},
    {"spaces", {"  </a>  ;  rel = \"next\"  ,  </b>"}, {{"/a", "next"}, {"/b", ""}}, "/a"},
    {"first rel counts", {"</a>; rel=next; rel=prev"}, {{"/a", "next"}}, "/a"},
    {"no brackets", {R"(/a?n=1; rel="next")"}, {{"/a?n=1", "next"}}, "/a?n=1"},
    {"no brackets, several", {"/a; rel=prev, /b"}, {{"/a", "prev"}, {"/b", ""}}, "/b"},
    {"several lines", {"</a>; rel=prev", "</b>; rel=next"}, {{"/a", "prev"}, {"/b", "next"}}, "/b"},
    {"empty target", {"<>; rel=next"}, {{"", "next"}}, std::nullopt},
    {"empty target first", {"<>; rel=next, </b>; rel=next"}, {{"", "next"}, {"/b", "next"}}, "/b"},
    {"nothing but a parameter", {"; rel=next"}, {}, std::nullopt},
    {"bracket not closed", {"</a; rel=next", "</b>"}, {{"/b", ""}}, "/b"},
    {"quote not closed", {R"(</a>; rel="next, </b>)"}, {{"/a", "next, </b>"}}, std::nullopt},
    {"parameter without value", {"</a>; rel; rel=next"}, {{"/a", ""}}, "/a"},
    {"text between", {"</a> x; rel=next"}, {{"/a", "next"}}, "/a"},
    {"trailing marks", {"</a>;;,;rel=next,,"}, {{"/a", ""}}, "/a"},
    {"byte for byte", {"< /a%2f%2F\\>;rel=next"}, {{" /a%2f%2F\\", "next"}}, " /a%2f%2F\\"},
};

void Check(const Row& row) {
  SCOPED_TRACE(row.name);
  const std::vector<Link> got = ParseLinks(row.lines);
  ASSERT_EQ(got.size(), row.links.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].target, row.links[i].target);
    EXPECT_EQ(got[i].rel, row.links[i].rel);
  }
  EXPECT_EQ(NextTarget(row.lines), row.next);
}

TEST(ParseLinks, UnderstandsEveryRegistry) {
  for (const Row& row : kRegistries) Check(row);
}

TEST(ParseLinks, UnderstandsEveryForm) {
  for (const Row& row : kForms) Check(row);
}

TEST(ParseLinks, LimitsWhatItReturns) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "</a>,";
  const std::array<std::string_view, 2> lines = {text, text};
  EXPECT_EQ(ParseLinks(lines).size(), 64U);
}

// With a quadratic parser each of these takes minutes.
TEST(ParseLinks, TakesLinearTime) {
  for (const std::string_view piece : {"<", "<a>;", "a=\"", "\";", ";", ",", "<a>;b=\"\\"}) {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += piece;
    const std::array<std::string_view, 1> lines = {text};
    EXPECT_LE(ParseLinks(lines).size(), 64U);
  }
}

}  // namespace
}  // namespace portolan::wire
