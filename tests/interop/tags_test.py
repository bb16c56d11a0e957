#!/usr/bin/env python3
"""tags, which-tags and untag, against Portolan's own registry and Debian's docker-registry: the same answers from both.

usage: tags_test.py PORTOLAN [unittest arguments]
"""

import concurrent.futures
import http.server
import json
import os
import pathlib
import sys
import threading
import unittest
import urllib.parse
import urllib.request

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


class FakeVendor(http.server.BaseHTTPRequestHandler):
    """Docker Hub's, Quay's and GitHub's APIs, with two tags a page, over the same images."""

    def log_message(self, *_):
        pass

    def answer(self, status, value, **fields):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, text in fields.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        login = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(login)
        self.answer(200, {"access_token": "hub-token"})

    def do_DELETE(self):
        self.server.seen.append(("DELETE", self.path, self.headers["Authorization"]))
        self.answer(204, {})

    def do_GET(self):
        self.server.seen.append(("GET", self.path, self.headers["Authorization"]))
        url = urllib.parse.urlsplit(self.path)
        page = int(urllib.parse.parse_qs(url.query).get("page", ["1"])[0])
        some = self.server.rows[(page - 1) * 2:page * 2]
        more = len(self.server.rows) > page * 2
        here = f"http://{self.headers['Host']}{url.path}?page={page + 1}"
        if url.path.startswith("/v2/repositories/"):
            self.answer(200, {"count": len(self.server.rows), "next": here if more else None, "results": [
                {"name": row["tag"], "digest": row["digest"], "media_type": row["media_type"], "full_size": row["size"],
                 "tag_last_pushed": "2026-06-01T10:00:00.123Z", "images": [
                     {"os": each["platform"].split("/")[0], "architecture": each["platform"].split("/")[1],
                      "variant": None, "digest": each["digest"], "size": row["size"]} for each in row["platforms"]]}
                for row in some]})
        elif url.path.startswith("/api/v1/repository/"):
            self.answer(200, {"page": page, "has_additional": more, "tags": [
                {"name": row["tag"], "start_ts": 1780308000, "manifest_digest": row["digest"], "size": None}
                for row in some]})
        elif url.path.startswith("/users/"):
            self.answer(200, [{"id": 100 + page * 10 + i, "name": row["digest"], "created_at": "2026-06-01T10:00:00Z",
                               "metadata": {"container": {"tags": [row["tag"]]}}} for i, row in enumerate(some)],
                        **({"Link": f'<{here}>; rel="next"'} if more else {}))
        else:
            self.answer(404, {"message": "Not Found"})


class Vendors(unittest.TestCase):
    """Three vendors' APIs beside one registry: what they tell is what it tells, and when tags were pushed."""

    @classmethod
    def setUpClass(cls):
        cls.registry = cls.enterClassContext(Serving(PORTOLAN))
        client = Pusher(cls.registry.address)
        for i in range(5):
            client.push("team/app", f"1.{i}", b"x" * (i + 1) * 100, f"2026-01-0{i + 1}T10:00:00Z")
        client.close()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeVendor)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.shutdown)
        cls.name = f"{cls.registry.address}/team/app"

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.server.seen = []
        self.server.rows = self.document("--source", "v2")["tags"]

    def run_with(self, kind, *arguments):
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.world.environment["PORTOLAN_TAG_APIS"] = f"{self.registry.address}={kind}:{base}"
        return self.world.run(PORTOLAN, *arguments)

    def document(self, *arguments, kind="none"):
        result = self.run_with(kind, "tags", "--tls-verify=false", self.name, "-o", "json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return json.loads(result.stdout)

    def test_they_agree(self):
        self.world.environment["GITHUB_TOKEN"] = "secret"
        for kind in ("docker-hub", "quay", "github"):
            for source in ("vendor", "auto"):
                with self.subTest(kind=kind, source=source):
                    told = self.document("--source", source, "--complete", kind=kind)
                    self.assertEqual(told["source"], kind)
                    self.assertEqual([dict(row, pushed=None) for row in told["tags"]], self.server.rows)
                    self.assertEqual({row["pushed"] for row in told["tags"]}, {"2026-06-01T10:00:00Z"})

    def test_a_cached_listing_is_a_request_a_page(self):
        before = self.registry_requests()
        self.assertGreater(before, 0)
        self.document(kind="quay")
        self.assertEqual(len(self.server.seen), 3)
        self.assertEqual(self.registry_requests() - before, 0)

    def registry_requests(self):
        with urllib.request.urlopen(self.registry.metrics + "/metrics", timeout=10) as answer:
            return sum(float(line.split()[-1]) for line in answer.read().decode().splitlines()
                       if line.startswith("portolan_http_requests_total"))

    def test_a_vendor_that_has_gone_is_no_failure(self):
        self.world.environment["PORTOLAN_TAG_APIS"] = f"{self.registry.address}=quay:http://127.0.0.1:1"
        result = self.world.run(PORTOLAN, "tags", "--tls-verify=false", self.name, "-o", "json")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertIn(b"own API", result.stderr)
        self.assertEqual(json.loads(result.stdout)["source"], "v2")

    def test_untag_by_a_vendor(self):
        self.world.environment["GITHUB_TOKEN"] = "secret"
        # The fake forgets nothing, and the registry was not asked: what is checked afterwards says so.
        result = self.run_with("github", "untag", "--tls-verify=false", "--source", "vendor", f"{self.name}:1.3")
        self.assertEqual(result.returncode, 7, result.stderr.decode())
        deletion = [each for each in self.server.seen if each[0] == "DELETE"]
        self.assertEqual([each[2] for each in deletion], ["Bearer secret"])
        self.assertTrue(deletion[0][1].endswith("/versions/121"), deletion)


if __name__ == "__main__":
    unittest.main(verbosity=2)
