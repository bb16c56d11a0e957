#!/usr/bin/env python3
"""`portolan probe` against our registry in every dialect, Debian's docker-registry, and a registry that means harm.

usage: probe_test.py PORTOLAN [unittest arguments]
"""

import contextlib
import http.server
import json
import os
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import Registry  # noqa: E402  (needs the path above)
from serving import Serving  # noqa: E402
from world import Client, World, digest_of  # noqa: E402

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"
DIALECTS = ("hub@2023-03", "hub@2026", "ghcr@2023-03", "ghcr@2026", "quay@2023-03", "quay@2024-06",
            "ecr", "gar", "acr", "gitlab", "harbor", "artifactory", "nexus", "zot")
# In the order of making, which is not that of their names.
TAGS = [f"t{i * 7 % 150:03}" for i in range(150)]


def push_parts(client):
    """Pushes an image's blobs to team/app; gives its manifest."""
    blobs = []
    for content in (b"{}", b"layer"):
        digest = digest_of(content)
        _, headers, _ = client.request("POST", "/v2/team/app/blobs/uploads/")
        where = "/" + headers["Location"].split("/", 3)[3]
        status, _, body = client.request("PUT", f"{where}&digest={digest}", content)
        assert status == 201, body
        blobs.append({"mediaType": "application/octet-stream", "digest": digest, "size": len(content)})
    return {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": dict(blobs[0], mediaType="application/vnd.oci.image.config.v1+json"), "layers": blobs[1:]}


class ProbeCase(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def probe(self, target, *options, delay="0"):
        report = json.loads(self.world.must(PORTOLAN, "probe", "--tls-verify=false", "--delay", delay, "-o", "json",
                                            *options, target))
        self.values = {finding["name"]: finding.get("value") for finding in report["findings"]}
        self.notes = {finding["name"]: finding.get("note") for finding in report["findings"]}
        self.profiles = {profile["profile"]: profile for profile in report["profiles"]}
        return report

    def assert_exactly(self, profile, report):
        self.assertEqual(self.profiles[profile]["differences"], [])
        self.assertTrue(report["verdict"]["exact"], report["verdict"])
        # Nothing else fits better; as well only the same registry at another time, and what is named for it.
        best = report["profiles"][0]
        self.assertEqual(best["agreeing"], self.profiles[profile]["agreeing"])
        alike = {"zot", "portolan"} if profile in ("zot", "portolan") else {profile.split("@")[0]}
        self.assertIn(best["profile"].split("@")[0], alike)


class EveryDialect(ProbeCase):
    def test_is_found_to_be_itself(self):
        config = self.world.home / "config.yaml"
        config.write_text("auth:\n  rules:\n    - users: [anonymous]\n      repositories: [team/app]\n      allow: [pull]\n")
        seed = self.world.home / "tags.txt"
        seed.write_text("\n".join(f"team/app {tag}" for tag in TAGS) + "\n")
        for dialect in DIALECTS:
            with self.subTest(dialect), Serving(PORTOLAN, "--config", config, "--dialect", dialect,
                                                     "--seed-tags", seed) as serving:
                report = self.probe(f"{serving.address}/team/app")
                self.assert_exactly(dialect, report)
                self.assertLessEqual(len(report["exchanges"]), 60)
                self.assertNotIn("eyJ", json.dumps(report), "a token was printed")


class Profiles(ProbeCase):
    """What was found is written, and served by another: the answers are the same."""

    def setUp(self):
        super().setUp()
        self.profile = self.world.home / "profile.json"
        self.config = self.world.home / "config.yaml"
        self.config.write_text("auth:\n  rules:\n    - users: [anonymous]\n      repositories: [team/app]\n      allow: [pull]\n")
        self.seed = self.world.home / "tags.txt"
        self.seed.write_text("\n".join(f"team/app {tag}" for tag in TAGS) + "\n")

    def served(self, dialect):
        return Serving(PORTOLAN, "--config", self.config, "--dialect", dialect, "--seed-tags", self.seed)

    def values_of(self, address, *options):
        self.probe(f"{address}/team/app", *options)
        # The port is another each time; who may see the catalog is decided by rules.
        return {name: value for name, value in self.values.items() if name not in ("challenge.realm", "catalog")}

    def test_every_dialect_comes_back(self):
        for dialect in DIALECTS:
            with self.subTest(dialect):
                with self.served(dialect) as serving:
                    first = self.values_of(serving.address, "--write-profile", self.profile)
                with self.served(self.profile) as serving:
                    self.assertEqual(self.values_of(serving.address), first)

    def test_a_docker_registry_comes_back_but_for_what_is_said(self):
        with Registry() as registry, contextlib.closing(Client(registry.address)) as client:
            config = push_parts(client)
            for tag in TAGS:
                client.push_manifest("team/app", tag, config)
            first = self.values_of(registry.address, "--write-profile", self.profile)
        with self.served(self.profile) as serving:
            second = self.values_of(serving.address)
            said = serving.process.stderr
        differing = {name for name in first if first[name] != second[name]}
        # The first two are warnings of the server; the others are not seen in what a registry is like.
        self.assertLessEqual(differing, {"list.order", "cursor.unknown", "error.repository", "manifest.no-accept", "referrers",
                                         "discover"}, said)

    def test_what_is_changed_in_it_is_served(self):
        with self.served("quay@2024-06") as serving:
            self.values_of(serving.address, "--write-profile", self.profile)
        profile = json.loads(self.profile.read_text())
        changed = {"page.default": "7", "page.largest": "9", "page.zero": "as without n", "link.parameters": "last,n",
                   "token.lifetime": "120 s", "referrers": "404 NAME_UNKNOWN", "link.default-n": "7"}
        profile["answers"].update(changed)
        self.profile.write_text(json.dumps(profile))
        with self.served(self.profile) as serving:
            values = self.values_of(serving.address)
        self.assertEqual({name: values[name] for name in changed}, changed)

    def test_a_client_goes_by_it(self):
        with self.served("quay@2023-03") as serving:
            self.values_of(serving.address, "--write-profile", self.profile)
            plain = self.world.run(PORTOLAN, "list-tags", "--debug", "--tls-verify=false", f"{serving.address}/team/app")
            probed = self.world.run(PORTOLAN, "list-tags", "--debug", "--tls-verify=false", "--profile", self.profile,
                                    f"{serving.address}/team/app")
        self.assertEqual((plain.returncode, probed.returncode), (0, 0), probed.stderr)
        self.assertEqual(json.loads(plain.stdout)["Tags"], json.loads(probed.stdout)["Tags"])
        self.assertIn(b"tags/list?n=1000", plain.stderr)
        self.assertIn(b"tags/list?n=50", probed.stderr)
        self.assertNotIn(b"tags/list?n=1000", probed.stderr)


class Pushes(ProbeCase):
    """With --push alone it writes, into the repository that is named, and takes away what it can."""

    RULES = "auth:\n  rules:\n    - users: [anonymous]\n      repositories: [team/app]\n      allow: [pull, create, overwrite, delete]\n"

    def probed(self, *arguments):
        config = self.world.home / "config.yaml"
        config.write_text(self.RULES)
        seed = self.world.home / "tags.txt"
        seed.write_text("\n".join(f"team/app {tag}" for tag in TAGS) + "\n")
        with Serving(PORTOLAN, "--config", config, "--seed-tags", seed, *arguments) as serving:
            before = self.tags_of(serving)
            report = self.probe(f"{serving.address}/team/app", "--push")
            after = self.tags_of(serving)
        # Where nothing is deleted the probe's own tag stays, and nothing else changes.
        marks = [tag for tag in after if tag.startswith("portolan-probe-")]
        self.assertEqual(sorted(set(after) - set(marks)), sorted(before))
        self.assertEqual(len(marks), 0 if self.values["delete.manifest"] == "202" else 1)
        self.assertLessEqual(len(report["exchanges"]), 100)
        return report

    def tags_of(self, serving):
        listed = self.world.must(PORTOLAN, "list-tags", "--tls-verify=false", f"{serving.address}/team/app")
        return json.loads(listed)["Tags"]

    def test_our_own_registry(self):
        self.assert_exactly("portolan", self.probed())
        self.assertEqual(self.values["push.chunk-gap"], "416 SIZE_INVALID")
        self.assertEqual(self.values["push.left"], "2 things")  # the blobs, while the manifest can be restored

    def test_dialects(self):
        for dialect in DIALECTS:
            with self.subTest(dialect):
                self.assert_exactly(dialect, self.probed("--dialect", dialect))
                self.assertEqual(self.values["push.start"], "202")

    def test_a_docker_registry(self):
        with Registry() as registry:
            report = self.probe(f"{registry.address}/scratch/pad", "--push")
            self.assert_exactly("distribution@2.8", report)
            self.assertEqual(self.values["push.manifest"], "201")

    def test_few_requests_are_enough_to_take_away_what_was_pushed(self):
        config = self.world.home / "config.yaml"
        config.write_text(self.RULES)
        for most in range(12, 60, 4):
            with self.subTest(most), Serving(PORTOLAN, "--config", config) as serving:
                self.probe(f"{serving.address}/team/app", "--push", "--max-requests", str(most))
                listed = self.world.run(PORTOLAN, "list-tags", "--tls-verify=false", f"{serving.address}/team/app")
                tags = json.loads(listed.stdout)["Tags"] if listed.returncode == 0 else []
                self.assertEqual(tags, [])

    def test_who_may_not_push_is_told(self):
        self.RULES = self.RULES.replace("pull, create, overwrite, delete", "pull")
        config = self.world.home / "config.yaml"
        config.write_text(self.RULES)
        with Serving(PORTOLAN, "--config", config) as serving:
            self.probe(f"{serving.address}/team/app", "--push")
        self.assertRegex(self.values["push.start"], "^40[13] ")
        self.assertIsNone(self.values["push.manifest"])

    def test_needs_a_repository_and_writes_nowhere_without_the_flag(self):
        with Serving(PORTOLAN) as serving:
            refused = self.world.run(PORTOLAN, "probe", "--push", "--tls-verify=false", serving.address)
            self.assertEqual(refused.returncode, 64, refused.stderr)
            self.assertIn(b"needs HOST/REPO", refused.stderr)
            report = self.probe(f"{serving.address}/team/app")
        self.assertEqual({exchange["method"] for exchange in report["exchanges"]} - {"GET", "HEAD"}, set())
        self.assertNotIn("push.start", self.values)


class OwnRegistry(ProbeCase):
    def test_is_known_and_its_repository_found(self):
        with Serving(PORTOLAN) as serving, contextlib.closing(Client(serving.address)) as client:
            for tag in "abcdef":
                client.push_image("team/app", tag, b"layer")
            report = self.probe(serving.address)
            self.assertEqual(report["repository"], "team/app")
            self.assert_exactly("portolan", report)


class DockerRegistry(ProbeCase):
    def test_is_distribution_2_8(self):
        with Registry() as registry, contextlib.closing(Client(registry.address)) as client:
            config = push_parts(client)
            for tag in "abcdef":
                client.push_manifest("team/app", tag, config)
            report = self.probe(registry.address)
            self.assert_exactly("distribution@2.8", report)


class Hostile(http.server.BaseHTTPRequestHandler):
    """Links without end, redirects to elsewhere, an endless body, and silence."""

    protocol_version = "HTTP/1.1"
    credentials_elsewhere = []
    pages = 0

    def do_GET(self):
        kind = type(self)
        if "elsewhere" in self.path:
            kind.credentials_elsewhere.append(self.headers.get("Authorization"))
        if self.path == "/v2/":
            return self._answer(200, b"{}")
        if self.path.startswith("/v2/a/tags/list"):
            kind.pages += 1
            tags = json.dumps({"name": "a", "tags": [f"p{kind.pages}"]}).encode()
            return self._answer(200, tags, Link=f'</v2/a/tags/list?n=1&last=p{kind.pages}>; rel="next"')
        if "manifests" in self.path and self.headers.get("Accept"):
            return self._answer(307, b"", Location=f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere{self.path}")
        if "manifests" in self.path or "elsewhere" in self.path:
            return self._endless()
        time.sleep(self.server.stall)

    do_HEAD = do_GET

    def _answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _endless(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def log_message(self, *_):
        pass


class HostileRegistry(ProbeCase):
    def test_ends_soon_and_says_what_it_did_not_find_out(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
        server.stall = 90
        server.daemon_threads = True
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        begin = time.monotonic()
        report = self.probe(f"localhost:{server.server_address[1]}/a", "--deadline", "5s", "--creds", "u:p")
        self.assertLess(time.monotonic() - begin, 100)
        self.assertLessEqual(len(report["exchanges"]), 60)
        self.assertIsNone(self.values["blob.get"])
        self.assertTrue(self.notes["blob.get"])
        self.assertEqual(set(Hostile.credentials_elsewhere) - {None}, set())

    def test_a_closed_port_is_an_error(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            result = self.world.run(PORTOLAN, "probe", "--tls-verify=false",
                                    f"localhost:{closed.getsockname()[1]}/a")
        self.assertEqual(result.returncode, 5, result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
