#!/usr/bin/env python3
"""Portolan as Docker Hub, ghcr.io and quay.io: the walks of the document that this project began with, by curl and skopeo.

usage: dialect_test.py PORTOLAN [unittest arguments]
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from serving import Serving  # noqa: E402  (needs the path above)
from world import Client, World, digest_of  # noqa: E402

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"

UBUNTU = ["10.04", "12.04", "12.04.5", "12.10", "13.04", "13.10", "14.04"]
# Positions 100, 200, 300 and 400 are those of the document.
HEDGEDOC = ["amd64-1.7.0-ls1", "arm32v7-1.7.0-ls1", "arm64v8-1.7.0-ls1", "amd64-version-1.7.0",
            *(f"a{i}" for i in range(95)), "amd64-version-1.8.1", *(f"b{i}" for i in range(99)), "arm32v7-1.9.1",
            *(f"c{i}" for i in range(99)), "1.9.3-ls56", *(f"d{i}" for i in range(99)), "1.9.5-ls73",
            *(f"e{i}" for i in range(43))]
CREATOR = ["8f2ef3e55d91258eca4eaef9222505bd401ff86d-1473632019-15-1", "v0.2.0a1", *(f"v{i}" for i in range(70))]


class Answer:
    """What curl shows of an answer."""

    def __init__(self, text):
        head, _, self.body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.status = int(lines[0].split()[1])
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:]]
        self.names = [name for name, _ in self.fields]

    def field(self, name):
        return dict(self.fields).get(name)

    def json(self):
        return json.loads(self.body)


class DialectCase(unittest.TestCase):
    """A registry that stands in for another, with that one's tags."""

    dialect = ""
    seeds = {}
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)
        tags = cls.world.home / "tags"
        tags.write_text("".join(f"{name} {tag}\n" for name, list_ in cls.seeds.items() for tag in list_))
        cls.serving = cls.enterClassContext(Serving(
            PORTOLAN, *(["--dialect", cls.dialect] if cls.dialect else []), "--seed-tags", tags, *cls.arguments))

    def curl(self, path, *arguments):
        url = path if path.startswith("http") else self.serving.url + path
        done = subprocess.run(["curl", "-si", "--max-time", "20", url, *arguments], capture_output=True, text=False,
                              check=True)
        return Answer(done.stdout.decode())

    def token(self, path):
        return self.curl(path).json()["token"]

    def skopeo(self, repository):
        """list-tags: what it printed, and its requests as --debug shows them."""
        done = subprocess.run(
            ["skopeo", "--debug", "list-tags", "--tls-verify=false", f"docker://{self.serving.address}/{repository}"],
            env=self.world.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        requests = re.findall(r'msg="GET http://[^/]+(/[^"]*)"', done.stderr)
        return json.loads(done.stdout), requests, done.stderr


class Hub(DialectCase):
    dialect = "hub@2023-03"
    seeds = {"library/ubuntu": UBUNTU}

    def test_curl(self):
        base = self.curl("/v2/")
        self.assertEqual(base.status, 401)
        self.assertEqual(base.names, ["content-type", "docker-distribution-api-version", "www-authenticate", "date",
                                      "content-length", "strict-transport-security"])
        self.assertEqual(base.field("content-length"), "87")
        self.assertEqual(base.field("www-authenticate"),
                         f'Bearer realm="{self.serving.url}/token",service="registry.docker.io"')
        self.assertEqual(base.body, '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n')

        token = self.curl("/token?scope=repository%3Alibrary%2Fubuntu%3Apull&service=registry.docker.io").json()
        self.assertEqual(list(token), ["token", "access_token", "expires_in", "issued_at"])
        self.assertEqual(token["token"], token["access_token"])
        self.assertEqual(token["expires_in"], 300)
        bearer = ["-H", f"Authorization: Bearer {token['token']}"]

        everything = self.curl("/v2/library/ubuntu/tags/list", *bearer)
        self.assertEqual(everything.json(), {"name": "library/ubuntu", "tags": UBUNTU})
        self.assertIsNone(everything.field("link"))
        page = self.curl("/v2/library/ubuntu/tags/list?n=2", *bearer)
        self.assertEqual(page.field("link"), '</v2/library/ubuntu/tags/list?last=12.04&n=2>; rel="next"')
        self.assertEqual(page.body, '{"name":"library/ubuntu","tags":["10.04","12.04"]}\n')
        self.assertEqual(page.field("content-length"), "51")
        page = self.curl("/v2/library/ubuntu/tags/list?last=12.04&n=2", *bearer)
        self.assertEqual(page.field("link"), '</v2/library/ubuntu/tags/list?last=12.10&n=2>; rel="next"')
        self.assertEqual(page.field("content-length"), "53")

    def test_skopeo(self):
        tags, requests, log = self.skopeo("library/ubuntu")
        self.assertEqual(tags["Tags"], UBUNTU)
        self.assertEqual(requests, ["/v2/", "/token?scope=repository%3Alibrary%2Fubuntu%3Apull&service=registry.docker.io",
                                    "/v2/library/ubuntu/tags/list"])
        self.assertNotIn("Increasing token expiration", log)

    def test_skopeo_pulls(self):
        folder = self.world.home / "pulled"
        done = subprocess.run(["skopeo", "copy", "-q", "--src-tls-verify=false",
                               f"docker://{self.serving.address}/library/ubuntu:14.04", f"dir:{folder}"],
                              env=self.world.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((folder / "manifest.json").exists())


class Ghcr(DialectCase):
    dialect = "ghcr@2023-03"
    seeds = {"linuxserver/hedgedoc": HEDGEDOC}

    def test_curl(self):
        self.assertEqual(self.curl("/v2/").field("www-authenticate"),
                         f'Bearer realm="{self.serving.url}/token",service="ghcr.io",scope="repository:user/image:pull"')
        token = self.curl("/token?scope=repository%3Alinuxserver%2Fhedgedoc%3Apull&service=ghcr.io")
        self.assertEqual(list(token.json()), ["token"])
        self.assertEqual(token.field("content-length"), "73")
        bearer = ["-H", f"Authorization: Bearer {token.json()['token']}"]
        page = self.curl("/v2/linuxserver/hedgedoc/tags/list?n=0", *bearer)
        self.assertEqual(page.names, ["content-type", "docker-distribution-api-version", "link", "date",
                                      "content-length", "x-github-request-id"])
        self.assertEqual(page.field("link"),
                         '</v2/linuxserver/hedgedoc/tags/list?last=amd64-version-1.8.1&n=0>; rel="next"')
        self.assertEqual(page.json()["tags"], HEDGEDOC[:100])

    def test_skopeo(self):
        tags, requests, log = self.skopeo("linuxserver/hedgedoc")
        self.assertEqual(tags["Tags"], HEDGEDOC)
        cursors = ["amd64-version-1.8.1", "arm32v7-1.9.1", "1.9.3-ls56", "1.9.5-ls73"]
        self.assertEqual(requests, ["/v2/", "/token?scope=repository%3Alinuxserver%2Fhedgedoc%3Apull&service=ghcr.io",
                                    "/v2/linuxserver/hedgedoc/tags/list",
                                    *(f"/v2/linuxserver/hedgedoc/tags/list?last={cursor}&n=0" for cursor in cursors)])
        self.assertIn("Increasing token expiration to: 60 seconds", log)


class Quay(DialectCase):
    dialect = "quay@2023-03"
    seeds = {"ansible/creator-ee": CREATOR}

    def test_curl(self):
        base = self.curl("/v2/")
        self.assertEqual(base.names, ["date", "content-type", "content-length", "server", "www-authenticate",
                                      "docker-distribution-api-version"])
        self.assertEqual((base.status, base.field("content-type"), base.body), (401, "text/html; charset=utf-8", "true"))
        token = self.curl("/v2/auth?scope=repository%3Aansible%2Fcreator-ee%3Apull&service=quay.io")
        self.assertEqual(token.names, ["date", "content-type", "content-length", "server", "cache-control",
                                       "x-frame-options", "strict-transport-security"])
        self.assertEqual(token.field("content-length"), "841")
        bearer = ["-H", f"Authorization: Bearer {token.json()['token']}"]
        for arguments in (bearer, []):  # a public repository needs no token
            page = self.curl("/v2/ansible/creator-ee/tags/list?n=100", *arguments)
            self.assertEqual(page.names, ["date", "content-type", "content-length", "server", "link", "x-frame-options",
                                          "strict-transport-security"])
            self.assertEqual(page.json()["tags"], CREATOR[:50])
            link = re.fullmatch(r'<(/v2/ansible/creator-ee/tags/list\?n=50&next_page=([\w-]{118,119}(%3D)+))>; rel="next"',
                                page.field("link"))
            self.assertIsNotNone(link, page.field("link"))
            rest = self.curl(link[1], *arguments)
            self.assertEqual(rest.json()["tags"], CREATOR[50:])
            self.assertIsNone(rest.field("link"))

    def test_skopeo(self):
        tags, requests, log = self.skopeo("ansible/creator-ee")
        self.assertEqual(tags["Tags"], CREATOR)
        self.assertEqual(requests[:3], ["/v2/", "/v2/auth?scope=repository%3Aansible%2Fcreator-ee%3Apull&service=quay.io",
                                        "/v2/ansible/creator-ee/tags/list"])
        self.assertEqual(len(requests), 4)
        self.assertTrue(requests[3].startswith("/v2/ansible/creator-ee/tags/list?n=50&next_page="), requests[3])
        self.assertIn("Increasing token expiration to: 60 seconds", log)

    def test_our_own_client(self):
        done = subprocess.run([PORTOLAN, "list-tags", "--tls-verify=false", f"{self.serving.address}/ansible/creator-ee"],
                              env=self.world.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(json.loads(done.stdout)["Tags"]), sorted(CREATOR))


class SeveralHosts(DialectCase):
    seeds = {"library/ubuntu": UBUNTU, "linuxserver/hedgedoc": HEDGEDOC[:5], "mirror/app": ["one", "two"]}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        config = pathlib.Path(folder.name) / "config.yaml"
        config.write_text("""
hosts:
  - names: [registry-1.docker.io, auth.docker.io]
    dialect: hub
    token_realm: http://auth.docker.io/token
  - {names: [ghcr.io], dialect: ghcr}
  - {path: mirror, dialect: quay}
""")
        cls.arguments = ("--config", config)
        super().setUpClass()

    def at(self, url, *arguments):
        address = self.serving.url.split("://")[1]
        return self.curl(url, "--connect-to", f"::{address}", *arguments)

    def test_each_host_has_its_ways(self):
        challenge = self.at("http://registry-1.docker.io/v2/").field("www-authenticate")
        self.assertEqual(challenge, 'Bearer realm="http://auth.docker.io/token",service="registry.docker.io"')
        token = self.at("http://auth.docker.io/token?scope=repository:library/ubuntu:pull").json()["token"]
        tags = self.at("http://registry-1.docker.io/v2/library/ubuntu/tags/list?n=2", "-H", f"Authorization: Bearer {token}")
        self.assertEqual(tags.json()["tags"], UBUNTU[:2])
        self.assertIn('service="ghcr.io"', self.at("http://ghcr.io/v2/").field("www-authenticate"))
        # A token of one counts for the other no more than a stranger's.
        self.assertEqual(self.at("http://ghcr.io/v2/library/ubuntu/tags/list", "-H", f"Authorization: Bearer {token}").status,
                         401)
        self.assertEqual(self.curl("/v2/").status, 200, "all others have our own ways")

    def test_a_path_has_its_ways(self):
        self.assertEqual(self.curl("/v2/mirror/app/tags/list").field("server"), "nginx/1.20.1")
        self.assertEqual(self.curl("/mirror/v2/auth?scope=repository:mirror/app:pull").status, 200)
        tags, requests, _ = self.skopeo("mirror/app")
        self.assertEqual(tags["Tags"], ["one", "two"])
        self.assertEqual(requests[-1], "/v2/mirror/app/tags/list")


class BlobsElsewhere(DialectCase):
    dialect = "hub@2026"
    seeds = {}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        config = pathlib.Path(folder.name) / "config.yaml"
        config.write_text("blob_listen: 127.0.0.1:0\n")
        cls.arguments = ("--config", config)
        super().setUpClass()

    def test_clients_are_sent_there_and_bring_no_token(self):
        back = self.world.home / "back"
        for source, target in ((f"oci:{self.world.image}:latest", f"docker://{self.serving.address}/team/app:1"),
                               (f"docker://{self.serving.address}/team/app:1", f"dir:{back}")):
            done = subprocess.run(["skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false",
                                   source, target],
                                  env=self.world.environment, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        token = self.token("/token?scope=repository:team/app:pull")
        manifest = json.loads((back / "manifest.json").read_text())
        digest = manifest["layers"][0]["digest"]
        bearer = ["-H", f"Authorization: Bearer {token}"]
        sent = self.curl(f"/v2/team/app/blobs/{digest}", *bearer)
        self.assertEqual(sent.status, 307)
        self.assertNotEqual(sent.field("location").split("/")[2], self.serving.url.split("/")[2])
        there = subprocess.run(["curl", "-s", sent.field("location")], capture_output=True, check=True).stdout
        self.assertEqual(digest_of(there), digest)
        self.assertEqual(self.curl(sent.field("location"), *bearer).status, 400)


class FaultsOnPurpose(DialectCase):
    dialect = "hub@2023-03"
    seeds = {"library/ubuntu": UBUNTU}
    arguments = ("--fault", "/v2/**/tags/list times=1 status=429 retry-after=0")

    def operate(self, method, body=None):
        client = Client(self.serving.metrics.split("://")[1])
        self.addCleanup(client.close)
        return client.request(method, "/faults", body)

    def test_clients_survive_and_faults_are_changed_meanwhile(self):
        list_tags = [PORTOLAN, "list-tags", "--tls-verify=false", f"{self.serving.address}/library/ubuntu"]
        done = subprocess.run(list_tags, env=self.world.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        status, _, told = self.operate("GET")
        self.assertEqual((status, told.decode().split(":")[0]), (200, "1 times of 3"), "429, 401, then the list")

        status, _, told = self.operate("PUT", b"cut=nothing\n")
        self.assertEqual(status, 400)
        self.assertIn(b"line 1", told)
        self.assertEqual(self.operate("PUT", b"/v2/**/tags/list link=loop\n")[0], 200)
        done = subprocess.run(list_tags, env=self.world.environment, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0, "a Link that leads back is an error, and no endless walk")
        self.assertEqual(self.operate("DELETE")[0], 200)
        self.assertEqual(self.operate("GET")[2], b"")


if __name__ == "__main__":
    unittest.main()
