#include "portolan/oci/manifest.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::oci {
namespace {

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;
const std::string kDescriptor = R"({"mediaType":"t/l","digest":")" + kDigest + R"(","size":3})";
const std::string kConfig =
    R"("config":{"mediaType":"t/c","digest":")" + kDigest + R"(","size":2})";

// An image with these members after the required ones.
std::string Image(const std::string& more = R"("layers":[])") {
  return R"({"schemaVersion":2,)" + kConfig + (more.empty() ? "" : "," + more) + "}";
}
std::string Index(const std::string& more = R"("manifests":[])") {
  return R"({"schemaVersion":2,)" + more + "}";
}
// An image whose one layer has these members.
std::string Layer(const std::string& members) { return Image(R"("layers":[{)" + members + "}]"); }

struct Row {
  const char* name;
  std::string content;
  std::string type;
  std::string want;  // the message
};

void ExpectRefused(const Row& row) {
  SCOPED_TRACE(row.name);
  const Result<Manifest> manifest = Manifest::Parse(row.content, row.type);
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code, ErrorCode::kManifestInvalid);
  EXPECT_EQ(manifest.error().message, "invalid manifest: " + row.want);
}

TEST(ManifestTest, ReadsAnImage) {
  const std::string content = R"({
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "artifactType": "application/x.sbom",
    "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": ")" +
                              kDigest + R"(", "size": 2, "data": "e30="},
    "layers": [
      {"mediaType": "l/1", "digest": ")" +
                              kDigest + R"(", "size": 9007199254740993,
       "annotations": {"z": "1", "a": "\u00e9\n"}},
      {"size": 0, "digest": "sha512:)" +
                              kHex + kHex + R"(", "mediaType": "l/2", "artifactType": "x/y",
       "urls": ["https://example.com/layer"]}
    ],
    "subject": {"mediaType": "m/s", "digest": ")" +
                              kDigest + R"(", "size": 9223372036854775807},
    "annotations": {"second": "2", "first": "1"},
    "unknown": {"layers": [1, {"config": null}], "x": true, "y": 1.5, "z": -1}
  })";
  const Result<Manifest> manifest =
      Manifest::Parse(content, "application/vnd.oci.image.manifest.v1+json; charset=utf-8");
  ASSERT_TRUE(manifest) << manifest.error().message;
  const Digest digest = *Digest::Parse(kDigest);
  Manifest want;
  want.kind = Manifest::Kind::kImage;
  want.media_type = kImageManifestType;
  want.artifact_type = "application/x.sbom";
  want.config = Descriptor{.media_type = std::string(kEmptyType), .digest = digest, .size = 2};
  want.layers.push_back({.media_type = "l/1",
                         .digest = digest,
                         .size = 9007199254740993U,
                         .annotations = {{"z", "1"}, {"a", "é\n"}}});
  want.layers.push_back({.media_type = "l/2",
                         .digest = *Digest::Parse("sha512:" + kHex + kHex),
                         .size = 0,
                         .artifact_type = "x/y",
                         .has_urls = true});
  want.subject = Descriptor{.media_type = "m/s", .digest = digest, .size = 9223372036854775807U};
  want.annotations = {{"second", "2"}, {"first", "1"}};
  EXPECT_EQ(*manifest, want);
}

TEST(ManifestTest, ReadsAnIndex) {
  const std::string content = R"({"schemaVersion":2,"manifests":[
    {"mediaType":"m/1","digest":")" +
                              kDigest + R"(","size":7,
     "platform":{"architecture":"arm","os":"linux","variant":"v7","os.features":["x"]}},
    {"mediaType":"m/2","digest":")" +
                              kDigest + R"(","size":8,"platform":null}
  ]})";
  const Result<Manifest> manifest = Manifest::Parse(content, kImageIndexType);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->kind, Manifest::Kind::kIndex);
  EXPECT_EQ(manifest->media_type, kImageIndexType);
  EXPECT_EQ(manifest->config, std::nullopt);
  ASSERT_EQ(manifest->manifests.size(), 2U);
  EXPECT_EQ(manifest->manifests[0].platform,
            (Platform{.os = "linux", .architecture = "arm", .variant = "v7"}));
  EXPECT_EQ(manifest->manifests[1].platform, std::nullopt);
  EXPECT_EQ(manifest->manifests[1].size, 8U);
}

TEST(ManifestTest, AcceptsWhatClientsSend) {
  const std::string docker_image = R"("mediaType":")" + std::string(kDockerManifestType) + '"';
  const std::string docker_list = R"("mediaType":")" + std::string(kDockerManifestListType) + '"';
  struct AcceptedRow {
    const char* name;
    std::string content;
    std::string type;
    std::string_view want;
    Manifest::Kind kind;
  };
  const AcceptedRow rows[] = {
      {"OCI image", Image(), std::string(kImageManifestType), kImageManifestType,
       Manifest::Kind::kImage},
      {"no layers member", Image(""), std::string(kImageManifestType), kImageManifestType,
       Manifest::Kind::kImage},
      {"layers null", Image(R"("layers":null)"), std::string(kImageManifestType),
       kImageManifestType, Manifest::Kind::kImage},
      {"manifests null in an image", Image(R"("manifests":null)"), std::string(kImageManifestType),
       kImageManifestType, Manifest::Kind::kImage},
      {"subject and annotations null", Image(R"("subject":null,"annotations":null)"),
       std::string(kImageManifestType), kImageManifestType, Manifest::Kind::kImage},
      {"empty index", Index(), std::string(kImageIndexType), kImageIndexType,
       Manifest::Kind::kIndex},
      {"index with manifests null", Index(R"("manifests":null)"), std::string(kImageIndexType),
       kImageIndexType, Manifest::Kind::kIndex},
      {"Docker image", Image(docker_image), std::string(kDockerManifestType), kDockerManifestType,
       Manifest::Kind::kImage},
      {"Docker list", Index(docker_list + R"(,"manifests":[])"),
       std::string(kDockerManifestListType), kDockerManifestListType, Manifest::Kind::kIndex},
      {"type from the text", Image(docker_image), "", kDockerManifestType, Manifest::Kind::kImage},
      {"type from the text, parameters only", Image(docker_image), " ;charset=utf-8",
       kDockerManifestType, Manifest::Kind::kImage},
      {"type in another case", Image(), "Application/VND.oci.image.manifest.v1+JSON",
       kImageManifestType, Manifest::Kind::kImage},
      {"white space around", " \r\n\t" + Image() + " \r\n\t", std::string(kImageManifestType),
       kImageManifestType, Manifest::Kind::kImage},
      {"unknown type in its own case", R"({"mediaType":"a/B"})", "a/B", "a/B",
       Manifest::Kind::kOther},
      {"unknown type in its own case, from the text", R"({"mediaType":"a/B"})", "", "a/B",
       Manifest::Kind::kOther},
      {"unknown type", "{}", "application/x.y+json", "application/x.y+json",
       Manifest::Kind::kOther},
      {"unknown type with other meanings",
       R"({"layers":5,"config":"x","manifests":{},"artifactType":[],"annotations":{"a":1},
           "schemaVersion":"3","Subject":1,"MEDIATYPE":{}})",
       "a/b", "a/b", Manifest::Kind::kOther},
  };
  for (const AcceptedRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Manifest> manifest = Manifest::Parse(row.content, row.type);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(manifest->media_type, row.want);
    EXPECT_EQ(manifest->kind, row.kind);
  }
}

TEST(ManifestTest, UnderstandsSubjectsOfUnknownTypes) {
  const std::string content = R"({"mediaType":"x/artifact","artifactType":"x/sbom",
    "annotations":{"a":"1","b":2,"c":"3"},"layers":[{}],"subject":)" +
                              kDescriptor + "}";
  const Result<Manifest> manifest = Manifest::Parse(content, "x/artifact");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->subject->size, 3U);
  EXPECT_EQ(manifest->ReferrerType(), "x/sbom");
  EXPECT_EQ(manifest->annotations, (Annotations{{"a", "1"}, {"c", "3"}}));
  EXPECT_TRUE(manifest->layers.empty());
  ExpectRefused({"bad subject", R"({"subject":{"mediaType":"a/b","size":1}})", "x/artifact",
                 "subject needs a digest"});
}

TEST(ManifestTest, RefusesWhatIsNotJson) {
  const std::string type(kImageManifestType);
  std::string deep = "1";
  for (int i = 0; i < 32; ++i) deep = "[" + deep + "]";
  const Row rows[] = {
      {"empty", "", type, "it ends too early"},
      {"cut off", R"({"schemaVersion":2)", type, "it ends too early"},
      {"two texts", Image() + "{}", type, "it is not JSON in UTF-8 (extra data near byte 152)"},
      {"a list", "[]", type, "it is not a JSON object"},
      {"a text", R"("x")", type, "it is not a JSON object"},
      {"a number", "1 ", type, "it is not a JSON object"},
      {"null", "null", type, "it is not a JSON object"},
      {"true", "true", type, "it is not a JSON object"},
      {"not UTF-8", "{\"a\":\"\xff\"}", type, "it is not JSON in UTF-8 (syntax error near byte 6)"},
      {"UTF-8 of a surrogate", "{\"a\":\"\xed\xa0\x80\"}", type,
       "it is not JSON in UTF-8 (syntax error near byte 6)"},
      {"half a surrogate pair", R"({"a":"\ud800"})", type,
       "it is not JSON in UTF-8 (syntax error near byte 12)"},
      {"comment", "{/**/}", type, "it is not JSON in UTF-8 (syntax error near byte 1)"},
      {"too deep", R"({"x":)" + deep + "}", type, "it is nested deeper than 32"},
      {"very deep", std::string(1'000'000, '['), type, "it is not a JSON object"},
      {"very deep inside", R"({"x":)" + std::string(1'000'000, '['), type,
       "it is nested deeper than 32"},
  };
  for (const Row& row : rows) ExpectRefused(row);
  EXPECT_TRUE(Manifest::Parse(Image(R"("x":)" + deep.substr(1, deep.size() - 2)), type));
}

TEST(ManifestTest, RefusesTextsThatMeanTwoThings) {
  const std::string image(kImageManifestType);
  const std::string index(kImageIndexType);
  const Row rows[] = {
      {"duplicate member", Image(R"("layers":[],"layers":[])"), image,
       "the member \"layers\" is there twice"},
      {"duplicate in other spelling", Image(R"("layers":[],"l\u0061yers":[])"), image,
       "the member \"layers\" is there twice"},
      {"duplicate of no interest", Image(R"("x":1,"y":2,"x":1)"), image,
       "the member \"x\" is there twice"},
      {"duplicate inside of no interest", Image(R"("x":[0,{"y":1,"y":2}])"), image,
       "the member \"y\" of x[1] is there twice"},
      {"duplicate digest",
       Layer(R"("mediaType":"a/b","digest":")" + kDigest + R"(","size":1,"digest":")" + kDigest +
             '"'),
       image, "the member \"digest\" of layers[0] is there twice"},
      {"duplicate annotation", Image(R"("annotations":{"a":"1","a":"2"})"), image,
       "the member \"a\" of annotations is there twice"},
      {"duplicate empty name", Image(R"("":1,"":2)"), image, "the member \"\" is there twice"},
      {"duplicate in an unknown type", R"({"a":1,"a":2})", "a/b",
       "the member \"a\" is there twice"},
      {"Layers", Image(R"("Layers":[])"), image, "Layers differs from \"layers\" only in case"},
      {"layerſ, which folds to layers", Image("\"layer\u017f\":[]"), image,
       "layer\u017f differs from \"layers\" only in case"},
      {"SIZE", Layer(R"("SIZE":1)"), image, "layers[0].SIZE differs from \"size\" only in case"},
      {"Config null", Image(R"("Config":null)"), image,
       "Config differs from \"config\" only in case"},
      {"manifests in an image", Image(R"("manifests":[])"), image,
       "it has both manifests and config: it must be an image or an index"},
      {"layers in an index", Index(R"("manifests":[],"layers":[])"), index,
       "it has both manifests and layers: it must be an image or an index"},
      {"config in an index", Index(R"("manifests":[],)" + kConfig), index,
       "it has both manifests and config: it must be an image or an index"},
      {"image as an index", Image(), index, "it needs a list of manifests"},
      {"index as an image", Index(), image, "it needs a config"},
      {"other mediaType", Image(R"("mediaType":"a/b")"), image,
       "mediaType is \"a/b\", but the Content-Type is "
       "\"application/vnd.oci.image.manifest.v1+json\""},
      {"mediaType in another case, no Content-Type",
       R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.Index.v1+json","manifests":[]})",
       "",
       "mediaType is \"application/vnd.oci.image.Index.v1+json\", but the Content-Type is "
       "\"application/vnd.oci.image.index.v1+json\""},
      {"other mediaType of an unknown type", R"({"mediaType":"a/b"})", "c/d",
       "mediaType is \"a/b\", but the Content-Type is \"c/d\""},
      {"mediaType that steers a terminal", R"({"mediaType":"\u001b[2J"})", "c/d",
       "mediaType is \"\\x1b[2J\", but the Content-Type is \"c/d\""},
      {"no type at all", "{}", "",
       "neither the Content-Type nor the member mediaType says what it is"},
      {"no media type", "{}", "json", "\"json\" is not a media type"},
      {"half a media type", "{}", "application/", "\"application/\" is not a media type"},
      {"two slashes", "{}", "a/b/c", "\"a/b/c\" is not a media type"},
      {"a header in the media type", R"({"mediaType":"a/b\r\nX: y"})", "",
       "\"a/b\\x0d\\x0aX: y\" is not a media type"},
      {"endless media type", "{}", "a/" + std::string(128, 'b'),
       "\"a/" + std::string(128, 'b') + "\" is not a media type"},
  };
  for (const Row& row : rows) ExpectRefused(row);
}

TEST(ManifestTest, RefusesWrongMembers) {
  const std::string image(kImageManifestType);
  const std::string index(kImageIndexType);
  const Row rows[] = {
      {"no schemaVersion", "{" + kConfig + "}", image, "schemaVersion must be 2"},
      {"schemaVersion 1", R"({"schemaVersion":1,)" + kConfig + "}", image,
       "schemaVersion must be 2"},
      {"schemaVersion 2^63", R"({"schemaVersion":9223372036854775808})", image,
       "schemaVersion must be 2"},
      {"schemaVersion 2.0", R"({"schemaVersion":2.0,)" + kConfig + "}", image,
       "schemaVersion must be a whole number"},
      {"Docker's image without mediaType", Image(), std::string(kDockerManifestType),
       "mediaType must be \"application/vnd.docker.distribution.manifest.v2+json\""},
      {"Docker's list without mediaType", Index(), std::string(kDockerManifestListType),
       "mediaType must be \"application/vnd.docker.distribution.manifest.list.v2+json\""},
      {"schema 1", R"({"schemaVersion":1})", std::string(kDockerSchema1Type),
       "Docker schema 1 is not supported"},
      {"signed schema 1", R"({"schemaVersion":1})", std::string(kDockerSignedSchema1Type),
       "Docker schema 1 is not supported"},
      {"schema 1 by its version", R"({"schemaVersion":1,"name":"x"})", "",
       "Docker schema 1 is not supported"},
      {"mediaType is a number", Image(R"("mediaType":1)"), image, "mediaType must be a text"},
      {"config is a text", R"({"schemaVersion":2,"config":"x"})", image,
       "config must be an object"},
      {"config null", R"({"schemaVersion":2,"config":null})", image, "it needs a config"},
      {"layers is an object", Image(R"("layers":{})"), image, "layers must be a list"},
      {"layer is a text", Image(R"("layers":[)" + kDescriptor + R"(,"x"])"), image,
       "layers[1] must be an object"},
      {"layer null", Image(R"("layers":[null])"), image, "layers[0] must be an object"},
      {"layer is a list", Image(R"("layers":[[]])"), image, "layers[0] must be an object"},
      {"manifests is true", Index(R"("manifests":true)"), index, "manifests must be a list"},
      {"subject is a list", Image(R"("subject":[])"), image, "subject must be an object"},
      {"artifactType is an object", Image(R"("artifactType":{})"), image,
       "artifactType must be a text"},
      {"annotations is a list", Image(R"("annotations":[])"), image,
       "annotations must be an object"},
      {"annotation is a number", Image(R"("annotations":{"a":1})"), image,
       "annotations.a must be a text"},
      {"annotation null", Image(R"("annotations":{"a":null})"), image,
       "annotations.a must be a text"},
      {"annotation is an object", Image(R"("annotations":{"a":{}})"), image,
       "annotations.a must be a text"},
      {"annotation that steers a terminal", Image(R"("annotations":{"\u001b":1})"), image,
       "annotations.\\x1b must be a text"},
      {"no media type", Layer(R"("digest":")" + kDigest + R"(","size":1)"), image,
       "layers[0] needs a mediaType"},
      {"empty media type", Layer(R"("mediaType":"","digest":")" + kDigest + R"(","size":1)"), image,
       "layers[0] needs a mediaType"},
      {"no digest", Layer(R"("mediaType":"a/b","size":1)"), image, "layers[0] needs a digest"},
      {"no size", Layer(R"("mediaType":"a/b","digest":")" + kDigest + '"'), image,
       "layers[0] needs a size"},
      {"size null", Layer(R"("mediaType":"a/b","digest":")" + kDigest + R"(","size":null)"), image,
       "layers[0] needs a size"},
      {"bad digest", Layer(R"("mediaType":"a/b","digest":"sha256:x","size":1)"), image,
       "layers[0].digest: invalid digest \"sha256:x\": after the colon only the digits 0-9 and a-f "
       "(lower case) are allowed"},
      {"digest is a path", Layer(R"("digest":"../../etc/passwd")"), image,
       "layers[0].digest: invalid digest \"../../etc/passwd\": it has no colon; a digest looks "
       "like "
       "sha256:1a2b…"},
      {"negative size", Layer(R"("size":-1)"), image, "layers[0].size must not be negative"},
      {"size 1.5", Layer(R"("size":1.5)"), image, "layers[0].size must be a whole number"},
      {"size 1e3", Layer(R"("size":1e3)"), image, "layers[0].size must be a whole number"},
      {"size is a text", Layer(R"("size":"1")"), image, "layers[0].size must be a whole number"},
      {"size 2^63", Layer(R"("size":9223372036854775808)"), image,
       "layers[0].size must not be more than 9223372036854775807"},
      {"size 2^64", Layer(R"("size":18446744073709551616)"), image,
       "layers[0].size must be a whole number"},
      {"size -2^64", Layer(R"("size":-18446744073709551616)"), image,
       "layers[0].size must be a whole number"},
      {"urls is a text", Layer(R"("urls":"x")"), image, "layers[0].urls must be a list"},
      {"url is a number", Layer(R"("urls":["x",1])"), image, "layers[0].urls[1] must be a text"},
      {"platform is a text", Index(R"("manifests":[{"platform":"x"}])"), index,
       "manifests[0].platform must be an object"},
      {"os is a number", Index(R"("manifests":[{"platform":{"os":1}}])"), index,
       "manifests[0].platform.os must be a text"},
  };
  for (const Row& row : rows) ExpectRefused(row);
}

TEST(ManifestTest, HelpsWithSchema1) {
  const Result<Manifest> manifest = Manifest::Parse("{}", kDockerSchema1Type);
  ASSERT_FALSE(manifest);
  EXPECT_NE(manifest.error().hint.find("push it again"), std::string::npos);
}

std::string ManyLayers(int count) {
  std::string layers = R"("layers":[)";
  for (int i = 0; i < count; ++i) layers += (i == 0 ? "" : ",") + kDescriptor;
  return Image(layers + "]");
}

TEST(ManifestTest, ReadsAHundredThousandDescriptors) {
  // The config is one of them.
  const Result<Manifest> manifest = Manifest::Parse(ManyLayers(99'999), kImageManifestType);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->layers.size(), 99'999U);
  ExpectRefused({"one more", ManyLayers(100'000), std::string(kImageManifestType),
                 "layers[99999] is one descriptor too many: at most 100000 are allowed"});
}

TEST(ManifestTest, ReadsMegabytesOfTextAndNames) {
  const std::string escapes = [] {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += "\\n\\u00e9";
    return text;
  }();
  std::string annotations = R"("long":")" + escapes + '"';
  for (int i = 0; i < 50'000; ++i) annotations += ",\"" + std::to_string(i) + R"(":"x")";
  const Result<Manifest> manifest =
      Manifest::Parse(Image(R"("annotations":{)" + annotations + "}"), kImageManifestType);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->annotations.size(), 50'001U);
  EXPECT_EQ(manifest->annotations[0].second.size(), 600'000U);
  EXPECT_EQ(manifest->annotations[50'000].first, "49999");
}

TEST(ManifestTest, KnowsTheTypeOfAReferrer) {
  const std::string artifact = R"("artifactType":"x/sbom")";
  EXPECT_EQ(Manifest::Parse(Image(artifact), kImageManifestType)->ReferrerType(), "x/sbom");
  EXPECT_EQ(Manifest::Parse(Image(), kImageManifestType)->ReferrerType(), "t/c");
  EXPECT_EQ(Manifest::Parse(Index(), kImageIndexType)->ReferrerType(), "");
  EXPECT_EQ(
      Manifest::Parse(Index(R"("manifests":[],)" + artifact), kImageIndexType)->ReferrerType(),
      "x/sbom");
}

TEST(ManifestTest, KnowsWhatNeedNotBeInTheRegistry) {
  struct TypeRow {
    const char* type;
    bool want;
  };
  const TypeRow rows[] = {
      {"application/vnd.oci.image.layer.nondistributable.v1.tar", true},
      {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true},
      {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", true},
      {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true},
      {"application/vnd.oci.image.layer.v1.tar+gzip", false},
      {"application/vnd.docker.image.rootfs.diff.tar.gzip", false},
      {"", false},
  };
  for (const TypeRow& row : rows) EXPECT_EQ(IsNonDistributable(row.type), row.want) << row.type;
}

}  // namespace
}  // namespace portolan::oci
