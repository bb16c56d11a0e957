#!/usr/bin/env python3
"""tags, which-tags and untag, against Portolan's own registry and Debian's docker-registry: the same answers from both.

usage: tags_test.py PORTOLAN [unittest arguments]
"""

import concurrent.futures
import json
import os
import pathlib
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import Registry  # noqa: E402  (needs the path above)
from serving import Serving  # noqa: E402
from world import OCI_IMAGE, Client, World, digest_of  # noqa: E402

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


class Pusher(Client):
    """Blobs in two requests, which every registry understands."""

    def push_blob(self, repository, content):
        status, headers, body = self.request("POST", f"/v2/{repository}/blobs/uploads/", b"")
        assert status == 202, (status, body)
        location = urllib.parse.urlsplit(headers["Location"])
        digest = digest_of(content)
        query = f"{location.query}&digest={digest}" if location.query else f"digest={digest}"
        status, _, body = self.request("PUT", f"{location.path}?{query}", content)
        assert status == 201, (status, body)
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(content)}

    def push(self, repository, tag, layer, created, architecture="amd64"):
        config = json.dumps({"architecture": architecture, "os": "linux", "created": created, "config": {},
                             "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        parts = [dict(self.push_blob(repository, config), mediaType="application/vnd.oci.image.config.v1+json"),
                 dict(self.push_blob(repository, layer), mediaType="application/vnd.oci.image.layer.v1.tar")]
        manifest = {"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": parts[0], "layers": parts[1:]}
        pushed = self.push_manifest(repository, tag, manifest)[0]
        return pushed, len(config) + len(layer)


class TagsCase(unittest.TestCase):
    """What every registry must do. Each test has a repository of its own."""

    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("only with a registry")

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.client = Pusher(self.registry.address)
        self.addCleanup(self.client.close)
        self.repository = "tags/" + self._testMethodName.replace("_", "")
        self.name = f"{self.registry.address}/{self.repository}"

    def portolan(self, command, *arguments):
        return self.world.run(PORTOLAN, command, "--tls-verify=false", *arguments)

    def must(self, command, *arguments):
        result = self.portolan(command, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()

    def rows(self, *arguments):
        return {row["tag"]: row for row in json.loads(self.must("tags", self.name, "-o", "json", *arguments))["tags"]}

    def push_versions(self):
        one, self.one_size = self.client.push(self.repository, "1.9", b"one" * 100, "2026-01-01T10:00:00Z")
        two, self.two_size = self.client.push(self.repository, "1.10", b"two" * 1000, "2026-02-01T10:00:00.5Z")
        self.client.push(self.repository, "latest", b"two" * 1000, "2026-02-01T10:00:00.5Z")
        arm, self.arm_size = self.client.push(self.repository, None, b"arm" * 5000, "2026-03-01T10:00:00Z", "arm64")
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
            dict(one, platform={"os": "linux", "architecture": "amd64"}),
            dict(arm, platform={"os": "linux", "architecture": "arm64", "variant": "v8"})]}
        self.client.push_manifest(self.repository, "multi", index, OCI_INDEX)
        return one, two, arm

    def test_what_tags_point_to(self):
        one, two, _ = self.push_versions()
        rows = self.rows()
        self.assertEqual(list(rows), ["1.9", "1.10", "latest", "multi"])
        self.assertEqual(rows["1.9"], {
            "tag": "1.9", "digest": one["digest"], "media_type": OCI_IMAGE, "size": self.one_size,
            "created": "2026-01-01T10:00:00Z", "pushed": None, "platform": "linux/amd64",
            "platforms": [{"platform": "linux/amd64", "digest": one["digest"]}]})
        self.assertEqual(rows["latest"]["digest"], two["digest"])
        self.assertEqual([each["platform"] for each in rows["multi"]["platforms"]], ["linux/amd64", "linux/arm64/v8"])
        inspected = json.loads(self.world.must("skopeo", "inspect", "--tls-verify=false", "--no-tags",
                                               f"docker://{self.name}:1.10"))
        self.assertEqual(rows["1.10"]["digest"], inspected["Digest"])
        self.assertEqual(self.rows("--platform", "linux/arm64")["multi"]["size"], self.arm_size)
        self.assertEqual(self.rows("--platform", "all")["multi"]["size"], self.one_size + self.arm_size)
        self.assertEqual(list(self.rows("--sort", "created", "--since", "2026-01-15")), ["1.10", "latest"])
        self.assertEqual(list(self.rows("--sort", "size", "--limit", "1")), ["1.10"])

    def test_the_cache_is_what_the_registry_says(self):
        self.push_versions()
        cold = self.must("tags", self.name)
        self.assertEqual(self.must("tags", self.name), cold)
        self.assertEqual(self.must("tags", self.name, "--max-age", "1h"), cold)
        self.assertEqual(self.must("tags", self.name, "--no-cache"), cold)
        # Every file of the cache damaged in every way that a disk has: the answer is the same.
        for path in (self.world.home / ".cache/portolan").rglob("*"):
            if path.is_file() and path.name != "key":
                content = path.read_bytes()
                path.write_bytes(content.replace(b"sha256", b"sha257").replace(b'"created"', b'"creates"'))
        self.assertEqual(self.must("tags", self.name), cold)
        # A tag that moved is seen, and with --max-age it is not.
        moved, _ = self.client.push(self.repository, "latest", b"three", "2026-04-01T10:00:00Z")
        self.assertEqual(self.must("tags", self.name, "--max-age", "1h"), cold)
        self.assertIn(f"latest  {moved['digest']}", self.must("tags", self.name))

    def test_several_at_once_share_a_cache(self):
        self.push_versions()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            outputs = set(pool.map(lambda _: self.must("tags", self.name), range(24)))
        self.assertEqual(len(outputs), 1)

    def test_which_tags(self):
        one, _, arm = self.push_versions()
        self.assertEqual(self.must("which-tags", f"{self.name}:latest", "-o", "text"), "1.10\nlatest\n")
        found = json.loads(self.must("which-tags", f"{self.name}@{one['digest']}", "-o", "json"))["tags"]
        self.assertEqual([(each["tag"], each["match"]) for each in found], [("1.9", "same"), ("multi", "contains")])
        self.assertEqual(self.must("which-tags", f"{self.name}@{arm['digest']}").split()[3:],
                         ["multi", "contains", "linux/arm64/v8"])
        none = self.portolan("which-tags", f"{self.name}@{digest_of(b'nothing')}")
        self.assertEqual(none.returncode, 2)

    def test_untag_never_takes_another(self):
        self.push_versions()
        before = self.rows()
        dry = self.must("untag", f"{self.name}:latest", "--dry-run")
        self.assertIn("would stay: 1.10", dry)
        self.assertEqual(self.rows(), before)
        self.untag_a_tag_with_siblings(before)

    def test_untag_of_a_lonely_tag(self):
        self.push_versions()
        self.client.push(self.repository, "lonely", b"alone", "2026-05-01T10:00:00Z")
        before = self.rows()
        self.must("untag", f"{self.name}:lonely", "--by-digest")
        del before["lonely"]
        self.assertEqual(self.rows(), before)
        again = self.portolan("untag", f"{self.name}:lonely", "--by-digest", "-o", "json")
        self.assertEqual(again.returncode, 2, again.stderr.decode())
        self.assertEqual(json.loads(again.stderr)["error"]["code"], "MANIFEST_UNKNOWN")


class Ours(TagsCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = cls.enterClassContext(Serving(PORTOLAN))

    def untag_a_tag_with_siblings(self, before):
        self.assertIn("stays: 1.10", self.must("untag", f"{self.name}:latest"))
        del before["latest"]
        self.assertEqual(self.rows(), before)
        # The image stays while the index needs it.
        self.must("untag", f"{self.name}:1.9")
        del before["1.9"]
        self.assertEqual(self.rows(), before)


class DockerRegistry(TagsCase):
    """Version 2 deletes digests only."""

    @classmethod
    def setUpClass(cls):
        cls.registry = cls.enterClassContext(Registry())

    def untag_a_tag_with_siblings(self, before):
        refused = self.portolan("untag", f"{self.name}:latest", "--by-digest")
        self.assertEqual(refused.returncode, 1, refused.stderr.decode())
        self.assertIn(b"1.10", refused.stderr)
        self.assertEqual(self.rows(), before)
        # No other tag has this digest, but an index needs it.
        refused = self.portolan("untag", f"{self.name}:1.9", "--by-digest")
        self.assertEqual(refused.returncode, 1, refused.stderr.decode())
        self.assertIn(b"multi", refused.stderr)
        self.assertEqual(self.rows(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
