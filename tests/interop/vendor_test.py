#!/usr/bin/env python3
"""tags, which-tags and untag against Portolan's own registry as Docker Hub, ghcr.io and quay.io, by V2 and by the vendor's API.

usage: vendor_test.py PORTOLAN [unittest arguments]
"""

import base64
import json
import os
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from serving import Serving  # noqa: E402  (needs the path above)
from world import OCI_IMAGE, Client, World, digest_of  # noqa: E402

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
RULES = """
pull_limit: 0
auth:
  rules:
    - {users: [ada], allow: [all]}
    - {users: [bob, anonymous], repositories: ["team/**"], allow: [pull]}
"""


class Pusher(Client):
    """Pushes as an account, with a token for each repository."""

    def __init__(self, address, token_path, service, login):
        super().__init__(address)
        self._token_path = token_path
        self._service = service
        self._basic = "Basic " + base64.b64encode(login.encode()).decode()
        self._tokens = {}

    def request(self, method, target, body=None, headers=None):
        repository = re.match(r"/v2/(.+)/(blobs|manifests)/", target)[1]
        if repository not in self._tokens:
            query = urllib.parse.urlencode({"service": self._service, "scope": f"repository:{repository}:pull,push"})
            status, _, text = super().request("GET", f"{self._token_path}?{query}", None, {"Authorization": self._basic})
            assert status == 200, (status, text)
            self._tokens[repository] = json.loads(text)["token"]
        return super().request(method, target, body,
                               {"Authorization": f"Bearer {self._tokens[repository]}", **(headers or {})})

    def push_blob(self, repository, content):
        status, headers, body = self.request("POST", f"/v2/{repository}/blobs/uploads/", b"")
        assert status == 202, (status, body)
        location = urllib.parse.urlsplit(headers.get("Location") or headers["location"])
        query = f"{location.query}&" if location.query else ""
        status, _, body = self.request("PUT", f"{location.path}?{query}digest={digest_of(content)}", content)
        assert status == 201, (status, body)
        return {"mediaType": "application/octet-stream", "digest": digest_of(content), "size": len(content)}

    def push(self, repository, tags, layer, created, architecture="amd64", **annotations):
        """An image with these tags, or by its digest alone."""
        config = json.dumps({"architecture": architecture, "os": "linux", "created": created, "config": {},
                             "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        manifest = {"schemaVersion": 2, "mediaType": OCI_IMAGE,
                    "config": dict(self.push_blob(repository, config),
                                   mediaType="application/vnd.oci.image.config.v1+json"),
                    "layers": [dict(self.push_blob(repository, layer),
                                    mediaType="application/vnd.oci.image.layer.v1.tar")]}
        for tag in tags or [None]:
            pushed = self.push_manifest(repository, tag, manifest)[0]
        return pushed


class VendorCase(unittest.TestCase):
    """What must be the same in all three. Each test has a repository of its own."""

    dialect = ""
    kind = ""
    token_path = ""
    service = ""
    seeds = {}

    @classmethod
    def setUpClass(cls):
        if not cls.dialect:
            raise unittest.SkipTest("only as a vendor")
        world = World()
        cls.addClassCleanup(world.close)
        root = world.home / "root"
        for user in ("ada", "bob"):
            world.must(PORTOLAN, "user", "add", "--root", root, "--password-stdin", user, input=f"{user}-secret".encode())
        cls.keys = {user: world.must(PORTOLAN, "token", "create", "--root", root, user).decode().split()[-1]
                    for user in ("ada", "bob")}
        config = world.home / "config.yaml"
        config.write_text(RULES)
        tags = world.home / "tags"
        tags.write_text("".join(f"{name} {tag}\n" for name, some in cls.seeds.items() for tag in some))
        cls.registry = cls.enterClassContext(
            Serving(PORTOLAN, "--dialect", cls.dialect, "--config", config, "--seed-tags", tags, root=root))
        cls.client = Pusher(cls.registry.address, cls.token_path, cls.service, f"ada:{cls.keys['ada']}")
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.world.environment["PORTOLAN_TAG_APIS"] = f"{self.registry.address}={self.kind}:{self.registry.url}"
        self.use("team/" + self._testMethodName.replace("_", ""))
        self.log_in("ada")

    def use(self, repository):
        self.repository = repository
        self.name = f"{self.registry.address}/{repository}"

    def log_in(self, user):
        """As users do: the registry's credentials are kept, and the vendor's token is in the environment."""
        self.world.must(PORTOLAN, "login", "--tls-verify=false", "--username", user, "--password-stdin",
                        self.registry.address, input=self.keys[user].encode())

    def portolan(self, command, *arguments):
        return self.world.run(PORTOLAN, command, "--tls-verify=false", *arguments)

    def must(self, command, *arguments):
        result = self.portolan(command, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(result.stderr, b"", "nothing is to be said")
        return result.stdout.decode()

    def document(self, source, *arguments):
        return json.loads(self.must("tags", self.name, "--source", source, "-o", "json", *arguments))

    def tags(self):
        return {row["tag"]: row["digest"] for row in self.document("v2")["tags"]}

    def push_versions(self):
        """Images, tags that share a digest, an index, what has no tag."""
        push = self.client.push
        one = push(self.repository, ["1.9"], b"one" * 100, "2026-01-01T10:00:00Z")
        two = push(self.repository, ["1.10", "latest"], b"two" * 1000, "2026-02-01T10:00:00Z")
        arm = push(self.repository, None, b"arm" * 5000, "2026-03-01T10:00:00Z", "arm64")
        push(self.repository, None, b"nobody's", "2026-03-02T10:00:00Z")
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
            dict(one, platform={"os": "linux", "architecture": "amd64"}),
            dict(arm, platform={"os": "linux", "architecture": "arm64", "variant": "v8"})]}
        multi = self.client.push_manifest(self.repository, "multi", index, OCI_INDEX)[0]
        return {"one": one["digest"], "two": two["digest"], "arm": arm["digest"], "multi": multi["digest"]}

    def test_listings_agree(self):
        self.push_versions()
        for arguments in ([], ["--sort", "name"], ["--sort", "semver"], ["--sort", "created"], ["--sort", "size"],
                          ["--sort", "size", "--reverse", "--limit", "2"], ["--limit", "2"],
                          ["--platform", "linux/arm64"], ["--platform", "linux/amd64"], ["--platform", "all"],
                          ["--match", "1.*"], ["--semver", "^1"], ["--digest-of", "latest"], ["--digest-of", "1.9"],
                          ["--digest-of", "multi"], ["--sort", "created", "--limit", "1", "--platform", "linux/amd64"]):
            with self.subTest(arguments=arguments):
                told = self.document("vendor", "--complete", *arguments)
                self.assertEqual(told["source"], self.kind)
                expected = self.document("v2", *arguments)
                self.assertEqual(expected["source"], "v2")
                self.assertGreater(len(expected["tags"]), 0)
                self.assertEqual([dict(row, pushed=None) for row in told["tags"]], expected["tags"])
                self.assertNotIn(None, [row["pushed"] for row in told["tags"]])
                lines = self.must("tags", self.name, "--complete", "--source", "vendor", "-o", "ndjson", *arguments)
                self.assertEqual([json.loads(line)["digest"] for line in lines.splitlines()],
                                 [row["digest"] for row in expected["tags"]])
                by_v2 = self.must("tags", self.name, "--source", "v2", *arguments).splitlines()
                by_vendor = self.must("tags", self.name, "--source", "vendor", "--complete", *arguments).splitlines()
                self.assertEqual([line.split()[:2] for line in by_vendor], [line.split()[:2] for line in by_v2])
                self.assertEqual(self.document("auto", "--complete", *arguments), told)

    def test_what_was_pushed_just_now_is_new(self):
        self.push_versions()
        names = ["1.9", "1.10", "latest", "multi"]
        self.assertEqual([row["tag"] for row in self.document("vendor", "--since", "1h")["tags"]], names)
        self.assertEqual(self.document("vendor", "--since", "2100-01-01")["tags"], [])
        # V2 knows when images were made.
        self.assertEqual([row["tag"] for row in self.document("v2", "--since", "2026-01-15")["tags"]], ["1.10", "latest"])

    def test_which_tags(self):
        digests = self.push_versions()
        for reference in (":latest", ":1.9", *(f"@{digests[name]}" for name in ("one", "two", "arm", "multi"))):
            for output in ("json", "text", "table"):
                with self.subTest(reference=reference, output=output):
                    answers = [self.must("which-tags", self.name + reference, "--source", source, "-o", output)
                               for source in ("vendor", "v2")]
                    self.assertEqual(answers[0], answers[1])
        self.assertEqual(self.must("which-tags", f"{self.name}@{digests['two']}", "--source", "vendor", "-o", "text"),
                         "1.10\nlatest\n")
        nothing = self.portolan("which-tags", f"{self.name}@{digest_of(b'nothing')}", "--source", "vendor")
        self.assertEqual(nothing.returncode, 2, nothing.stderr.decode())

    def test_several_pages(self):
        """More than two pages of each API: of tags, and of versions."""
        self.client.push(self.repository, ["t000"], b"many", "2026-01-01T10:00:00Z")
        status, _, text = self.client.request("GET", f"/v2/{self.repository}/manifests/t000", None, {"Accept": OCI_IMAGE})
        self.assertEqual(status, 200, text)
        manifest = json.loads(text)
        for number in range(1, 205):
            self.client.push_manifest(self.repository, f"t{number:03}", dict(manifest, annotations={"n": str(number)}))
        for number in range(20):
            self.client.push_manifest(self.repository, f"u{number:03}", manifest)
        expected = self.tags()
        self.assertEqual(len(expected), 225)
        self.assertEqual({row["tag"]: row["digest"] for row in self.document("vendor")["tags"]}, expected)
        self.assertEqual(len(self.must("which-tags", f"{self.name}:u003", "--source", "vendor", "-o", "text").split()), 21)

    def test_untag_never_takes_another(self):
        self.push_versions()
        before = self.tags()
        dry = self.must("untag", f"{self.name}:latest", "--dry-run")
        self.assertIn("would stay: 1.10", dry)
        self.assertEqual(self.tags(), before)
        for tag in ("latest", "1.9"):
            for source in ("vendor", "auto"):
                self.untag_of_what_others_need(tag, source, before)

    def untag_of_what_others_need(self, tag, source, before):
        """The tag goes alone."""
        if tag not in before:
            return
        self.must("untag", f"{self.name}:{tag}", "--source", source)
        del before[tag]
        self.assertEqual(self.tags(), before)
        self.assertEqual({row["tag"]: row["digest"] for row in self.document("vendor")["tags"]}, before)

    def test_untag_of_a_lonely_tag(self):
        self.push_versions()
        for source in ("vendor", "auto"):
            self.client.push(self.repository, ["lonely"], source.encode(), "2026-05-01T10:00:00Z")
            before = self.tags()
            self.must("untag", f"{self.name}:lonely", "--source", source)
            del before["lonely"]
            self.assertEqual(self.tags(), before)
            again = self.portolan("untag", f"{self.name}:lonely", "--source", source, "-o", "json")
            self.assertEqual(again.returncode, 2, again.stderr.decode())

    def test_who_may_not_delete(self):
        self.push_versions()
        self.log_in("bob")
        before = self.tags()
        for source in ("vendor", "auto"):
            refused = self.portolan("untag", f"{self.name}:multi", "--source", source)
            self.assertEqual(refused.returncode, 3, refused.stderr.decode())
            self.assertEqual(self.tags(), before)

    def test_what_is_hidden(self):
        self.use("own/" + self._testMethodName.replace("_", ""))
        self.push_versions()
        self.assertEqual(len(self.document("vendor")["tags"]), 4)
        self.log_in("bob")
        for source in ("vendor", "auto", "v2"):
            hidden = self.portolan("tags", self.name, "--source", source)
            self.assertIn(hidden.returncode, (2, 3), hidden.stderr.decode())
            self.assertEqual(hidden.stdout, b"")


class HubCase(VendorCase):
    kind = "docker-hub"
    token_path = "/token"
    service = "registry.docker.io"

    def test_what_hub_counts_is_not_read(self):
        """What is left then: no date, and Docker Hub's sizes, which are those of the layers."""
        self.push_versions()
        told, expected = self.document("vendor")["tags"], self.document("v2", "--no-cache")["tags"]
        self.assertEqual([dict(row, created=None, pushed=None, size=None) for row in told],
                         [dict(row, created=None, size=None) for row in expected])
        self.assertEqual({row["created"] for row in told}, {None})
        self.assertEqual({row["tag"]: row["size"] for row in told},
                         {"1.9": 300, "1.10": 3000, "latest": 3000, "multi": 300})

    def test_strangers_and_wrong_passwords(self):
        self.push_versions()
        self.assertEqual(len(self.document("vendor", "--no-creds")["tags"]), 4)
        refused = self.portolan("untag", f"{self.name}:1.9", "--source", "vendor", "--no-creds")
        self.assertEqual(refused.returncode, 3, refused.stderr.decode())
        # What is public needs no login; what is hidden asks for one, and says that it is wrong.
        self.assertEqual(len(self.document("vendor", "--creds", "ada:wrong")["tags"]), 4)
        self.use("own/wrong")
        self.client.push(self.repository, ["1"], b"own", "2026-01-01T10:00:00Z")
        wrong = self.portolan("tags", self.name, "--source", "vendor", "--creds", "ada:wrong")
        self.assertEqual(wrong.returncode, 3, wrong.stderr.decode())
        self.assertIn(b"login to", wrong.stderr)


class Hub(HubCase):
    dialect = "hub@2023-03"


class Hub2026(HubCase):
    dialect = "hub@2026"
    seeds = {"team/long": [f"t{number:04}" for number in range(1150)]}

    def test_strangers_see_the_first_thousand(self):
        self.use("team/long")
        cut = self.portolan("tags", self.name, "--source", "vendor", "--no-creds", "-o", "json")
        self.assertEqual(cut.returncode, 7, "it is not the whole list")
        self.assertEqual(len(json.loads(cut.stdout)["tags"]), 1000)
        self.assertIn(b"without a login", cut.stderr)
        # V2 tells of the others; a login tells of all.
        whole = self.portolan("tags", self.name, "--no-creds", "-o", "json")
        self.assertEqual(whole.returncode, 0, whole.stderr.decode())
        self.assertEqual([row["tag"] for row in json.loads(whole.stdout)["tags"]], self.seeds[self.repository])
        self.assertEqual([row["tag"] for row in self.document("vendor")["tags"]], self.seeds[self.repository])


class Ghcr(VendorCase):
    dialect = "ghcr@2023-03"
    kind = "github"
    token_path = "/token"
    service = "ghcr.io"

    def untag_of_what_others_need(self, tag, source, before):
        """GitHub deletes versions, so what is needed elsewhere stays."""
        refused = self.portolan("untag", f"{self.name}:{tag}", "--source", source)
        self.assertEqual(refused.returncode, 1, refused.stderr.decode())
        self.assertIn({"latest": b"1.10", "1.9": b"multi"}[tag], refused.stderr)
        self.assertEqual(self.tags(), before)

    def test_a_token_is_needed(self):
        self.push_versions()
        self.world.must(PORTOLAN, "logout", "--all")
        refused = self.portolan("tags", self.name, "--source", "vendor")
        self.assertEqual(refused.returncode, 3)
        self.assertIn(b"GITHUB_TOKEN", refused.stderr)
        self.assertEqual(self.document("auto")["source"], "v2")
        self.world.environment["GITHUB_TOKEN"] = self.keys["ada"]
        self.assertEqual(self.document("auto")["source"], "github")
        self.world.environment["GITHUB_TOKEN"] = "wrong"
        wrong = self.portolan("tags", self.name, "--source", "vendor")
        self.assertEqual(wrong.returncode, 3)
        self.assertIn(b"Bad credentials", wrong.stderr)
        self.assertIn(b"the token or password that this API was shown", wrong.stderr)
        self.assertNotIn(b"portolan login", wrong.stderr)
        # Listing goes on by V2, with a word about it.
        instead = self.portolan("tags", self.name, "-o", "json")
        self.assertEqual((instead.returncode, json.loads(instead.stdout)["source"]), (0, "v2"))
        self.assertIn(b"Bad credentials", instead.stderr)


class QuayCase(VendorCase):
    kind = "quay"
    token_path = "/v2/auth"
    service = "quay.io"

    def log_in(self, user):
        super().log_in(user)
        self.world.environment["QUAY_TOKEN"] = self.keys[user]

    def test_without_a_token_and_with_a_wrong_one(self):
        self.push_versions()
        del self.world.environment["QUAY_TOKEN"]
        self.assertEqual(len(self.document("vendor")["tags"]), 4)
        refused = self.portolan("untag", f"{self.name}:1.9", "--source", "vendor")
        self.assertEqual(refused.returncode, 3, refused.stderr.decode())
        self.assertIn(b"QUAY_TOKEN", refused.stderr)
        # Quay takes a token that does not count as none.
        self.world.environment["QUAY_TOKEN"] = "wrong"
        self.assertEqual(len(self.document("vendor")["tags"]), 4)
        refused = self.portolan("untag", f"{self.name}:1.9", "--source", "vendor")
        self.assertEqual(refused.returncode, 3, refused.stderr.decode())


class OldQuay(QuayCase):
    dialect = "quay@2023-03"


class Quay(QuayCase):
    dialect = "quay@2024-06"


if __name__ == "__main__":
    unittest.main(verbosity=2)
