#!/usr/bin/env python3
"""Portolan's registry, used by Debian's skopeo, podman and buildah, by curl and by Portolan itself.

usage: serve_test.py PORTOLAN [unittest arguments]
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import Certificates, Registry  # noqa: E402  (needs the path above)
from serving import Serving  # noqa: E402
from world import OCI_IMAGE, Client, World, digest_of  # noqa: E402

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


class ServeCase(unittest.TestCase):
    arguments = ()

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.serving = self.enterContext(Serving(PORTOLAN, *self.arguments))
        self.address = self.serving.address
        self.client = self.enterContext(contextlib.closing(Client(self.address)))

    def skopeo_copy(self, source, target, *options):
        self.world.must("skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", *options, source,
                        target)

    def image(self, name):
        return f"docker://{self.address}/{name}"

    def inspect(self, name):
        return json.loads(self.world.must("skopeo", "inspect", "--tls-verify=false", "--raw", self.image(name)))

    def fsck(self):
        return self.world.must(PORTOLAN, "fsck", "--root", self.serving.root).decode()


class Skopeo(ServeCase):
    def test_every_format_goes_in_and_comes_out(self):
        for name, options, media_type in (
                ("oci", ("--format", "oci"), OCI_IMAGE),
                ("docker", ("--format", "v2s2"), "application/vnd.docker.distribution.manifest.v2+json")):
            with self.subTest(name):
                self.skopeo_copy(f"oci:{self.world.image}:latest", self.image(f"demo/{name}:1"), *options)
                raw = self.inspect(f"demo/{name}:1")
                self.assertEqual(raw.get("mediaType", media_type), media_type)
                back = self.world.home / f"back-{name}"
                self.skopeo_copy(self.image(f"demo/{name}:1"), f"dir:{back}")
                for layer in raw["layers"]:
                    content = (back / layer["digest"].split(":")[1]).read_bytes()
                    self.assertEqual(digest_of(content), layer["digest"])
        self.assertIn("0 damaged", self.fsck())

    def test_between_repositories_blobs_are_mounted_not_sent(self):
        self.skopeo_copy(f"oci:{self.world.image}:latest", self.image("from/app:1"))
        before = self._received()
        self.skopeo_copy(self.image("from/app:1"), self.image("to/app:1"))
        self.assertLess(self._received() - before, 100_000)
        self.assertEqual(self.inspect("from/app:1"), self.inspect("to/app:1"))

    def _received(self):
        with urllib.request.urlopen(self.serving.metrics + "/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("portolan_http_received_bytes_total "):
                    return float(line.split()[1])
        raise KeyError("portolan_http_received_bytes_total")

    def test_a_multi_platform_index(self):
        other = self.world.home / "other"
        self.world.make_image(other, b"arm " * 1000, architecture="arm64")
        children = []
        for folder, architecture in ((self.world.image, "amd64"), (other, "arm64")):
            self.skopeo_copy(f"oci:{folder}:latest", self.image(f"multi/app:{architecture}"))
            content = self.world.must("skopeo", "inspect", "--tls-verify=false", "--raw",
                                      self.image(f"multi/app:{architecture}"))
            children.append({"mediaType": OCI_IMAGE, "digest": digest_of(content), "size": len(content),
                             "platform": {"architecture": architecture, "os": "linux"}})
        self.client.push_manifest("multi/app", "all",
                                  {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children}, OCI_INDEX)
        self.skopeo_copy(self.image("multi/app:all"), self.image("copy/app:all"), "--all")
        self.assertEqual([child["digest"] for child in self.inspect("copy/app:all")["manifests"]],
                         [child["digest"] for child in children])
        chosen = json.loads(self.world.must("skopeo", "inspect", "--tls-verify=false", "--override-arch", "arm64",
                                            self.image("copy/app:all")))
        self.assertEqual(chosen["Architecture"], "arm64")

    def test_tags_are_listed_alike_and_deleted(self):
        source = f"oci:{self.world.image}:latest"
        for tag in ("b", "a", "1.0", "C"):
            self.skopeo_copy(source, self.image(f"demo/tags:{tag}"))
        theirs = self.world.must("skopeo", "list-tags", "--tls-verify=false", self.image("demo/tags"))
        ours = self.world.must(PORTOLAN, "list-tags", "--tls-verify=false", self.image("demo/tags"))
        self.assertEqual(ours, theirs)
        self.assertEqual(json.loads(ours)["Tags"], ["1.0", "C", "a", "b"])
        self.assertEqual(self.world.must(PORTOLAN, "list-repos", "--tls-verify=false", "-o", "text", self.address),
                         b"demo/tags\n")
        self.world.must("skopeo", "delete", "--tls-verify=false", self.image("demo/tags:a"))
        listed = self.world.must(PORTOLAN, "list-tags", "--tls-verify=false", self.image("demo/tags"), "-o", "text")
        self.assertEqual(listed, b"")  # skopeo deletes the manifest, and with it every tag of it
        self.world.must(PORTOLAN, "tags", "restore", "--tls-verify=false", f"{self.address}/demo/tags:1.0")
        listed = self.world.must(PORTOLAN, "list-tags", "--tls-verify=false", self.image("demo/tags"), "-o", "text")
        self.assertEqual(listed, b"1.0\n")
        history = self.world.must(PORTOLAN, "tags", "history", "--tls-verify=false", f"{self.address}/demo/tags:1.0",
                                  "-o", "json")
        self.assertEqual([event["after"] is None for event in json.loads(history)], [False, True, False])

    def test_signatures_by_tag_and_referrers_by_api(self):
        subject = self.client.push_image("signed/app", "1", b"layer")
        config = dict(self.client.push_blob("signed/app", b"{}"), mediaType="application/vnd.oci.empty.v1+json")
        signature = {"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": config, "layers": [config],
                     "artifactType": "application/vnd.dev.cosign.artifact.sig.v1+json", "subject": subject}
        tag = subject["digest"].replace(":", "-") + ".sig"
        pushed, headers = self.client.push_manifest("signed/app", tag, signature)
        self.assertEqual(headers["OCI-Subject"], subject["digest"])
        _, headers, body = self.client.request("GET", f"/v2/signed/app/referrers/{subject['digest']}")
        self.assertEqual(headers["Content-Type"], OCI_INDEX)
        self.assertEqual([one["digest"] for one in json.loads(body)["manifests"]], [pushed["digest"]])
        self.skopeo_copy(self.image(f"signed/app:{tag}"), f"dir:{self.world.home}/sig")


class PodmanAndBuildah(ServeCase):
    def test_podman_pulls_and_pushes(self):
        self.skopeo_copy(f"oci:{self.world.image}:latest", self.image("demo/app:1"))
        reference = f"{self.address}/demo/app"
        self.world.must("podman", "pull", "--quiet", "--tls-verify=false", f"{reference}:1")
        for form in ("oci", "v2s2"):
            self.world.must("podman", "push", "--quiet", "--tls-verify=false", "--format", form, f"{reference}:1",
                            f"docker://{reference}:{form}")
            self.assertEqual(len(self.inspect(f"demo/app:{form}")["layers"]), 2)
        # Layers that are here already would be reused as they are, compressed by gzip: another repository on another server has none.
        with Serving(PORTOLAN) as other:
            self.world.must("podman", "push", "--quiet", "--tls-verify=false", "--format", "oci", "--compression-format",
                            "zstd", f"{reference}:1", f"docker://{other.address}/demo/app:zstd")
            raw = json.loads(self.world.must("skopeo", "inspect", "--tls-verify=false", "--raw",
                                             f"docker://{other.address}/demo/app:zstd"))
            self.assertTrue(all(layer["mediaType"].endswith("+zstd") for layer in raw["layers"]), raw)
            self.skopeo_copy(f"docker://{other.address}/demo/app:zstd", f"dir:{self.world.home}/zstd")

    def test_buildah_builds_and_pushes(self):
        container = self.world.must("buildah", "from", "scratch").decode().strip()
        (self.world.home / "file").write_text("content")
        self.world.must("buildah", "copy", container, self.world.home / "file", "/file")
        self.world.must("buildah", "commit", "--quiet", container, "built:latest")
        self.world.must("buildah", "push", "--quiet", "--tls-verify=false", "built:latest", self.image("built/app:1"))
        self.skopeo_copy(self.image("built/app:1"), f"dir:{self.world.home}/built")
        self.world.must("buildah", "manifest", "create", "all")
        self.world.must("buildah", "manifest", "add", "--tls-verify=false", "all", self.image("built/app:1"))
        self.world.must("buildah", "manifest", "push", "--all", "--tls-verify=false", "all", self.image("built/app:all"))
        self.assertEqual(len(self.inspect("built/app:all")["manifests"]), 1)


class Tls(unittest.TestCase):
    """Each tool pushes and pulls over TLS, trusting the certificate's authority through certs.d alone."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.certificates = Certificates(self.world.home)
        self.serving = self.enterContext(Serving(PORTOLAN, "--tls-certificate", self.certificates.certificate,
                                                 "--tls-key", self.certificates.key))
        self.repository = f"{self.serving.address}/demo/app"
        self.source = f"oci:{self.world.image}:latest"

    def trust(self):
        folder = self.world.home / ".config/containers/certs.d" / self.serving.address
        folder.mkdir(parents=True)
        shutil.copy(self.certificates.ca, folder / "ca.crt")

    def refuses(self, *command):
        result = self.world.run(*command)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(b"certificate signed by unknown authority", result.stderr)

    def digest(self, tag):
        return digest_of(self.world.must("skopeo", "inspect", "--raw", f"docker://{self.repository}:{tag}"))

    def test_skopeo(self):
        push = ("skopeo", "copy", "--quiet", self.source, f"docker://{self.repository}:1")
        self.refuses(*push)
        self.trust()
        self.world.must(*push)
        self.world.must("skopeo", "copy", "--quiet", f"docker://{self.repository}:1", f"dir:{self.world.home}/back")
        content = (self.world.home / "back/manifest.json").read_bytes()
        self.assertEqual(digest_of(content), self.digest("1"))
        self.assertEqual(self.world.must(PORTOLAN, "list-tags", "-o", "text", self.repository), b"1\n")

    def test_podman(self):
        self.world.must("podman", "load", "--quiet", "--input", self.archive())
        push = ("podman", "push", "--quiet", "localhost/packed:1", f"docker://{self.repository}:1")
        self.refuses(*push)
        self.trust()
        self.world.must(*push)
        self.world.must("podman", "rmi", "localhost/packed:1")
        pulled = self.world.must("podman", "pull", "--quiet", f"{self.repository}:1").decode().strip()
        self.assertEqual(pulled, self.config_of("1"))

    def archive(self):
        archive = self.world.home / "packed.tar"
        self.world.must("skopeo", "copy", "--quiet", self.source, f"docker-archive:{archive}:localhost/packed:1")
        return archive

    def test_buildah(self):
        container = self.world.must("buildah", "from", "scratch").decode().strip()
        (self.world.home / "file").write_text("content")
        self.world.must("buildah", "copy", container, self.world.home / "file", "/file")
        self.world.must("buildah", "commit", "--quiet", container, "built:latest")
        push = ("buildah", "push", "--quiet", "built:latest", f"docker://{self.repository}:1")
        self.refuses(*push)
        self.trust()
        self.world.must(*push)
        self.world.must("buildah", "rm", container)
        self.world.must("buildah", "rmi", "built:latest")
        self.assertEqual(self.world.must("buildah", "pull", "--quiet", f"{self.repository}:1").decode().strip(),
                         self.config_of("1"))

    def config_of(self, tag):
        manifest = json.loads(self.world.must("skopeo", "inspect", "--raw", f"docker://{self.repository}:{tag}"))
        return manifest["config"]["digest"].removeprefix("sha256:")


class Users(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        htpasswd = self.world.home / "htpasswd"
        entries = [self.world.must("htpasswd", "-Bbn", "-C", "5", user, password).decode().strip()
                   for user, password in (("kim", "k1m"), ("lee", "l33"))]
        htpasswd.write_text("\n".join(entries) + "\n")
        config = self.world.home / "registry.yaml"
        config.write_text(f"""
auth:
  htpasswd: {htpasswd}
  rules:
    - users: [kim]
      allow: [pull, create, overwrite, delete, catalog]
    - users: [lee]
      repositories: ["lee/**"]
      allow: [pull, create]
    - users: [anonymous]
      repositories: ["public/**"]
      allow: [pull]
""")
        self.serving = self.enterContext(Serving(PORTOLAN, "--config", config))

    def copy(self, source, target, *options):
        return self.world.run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", *options,
                              source, target)

    def test_each_user_may_what_the_rules_say(self):
        source = f"oci:{self.world.image}:latest"
        lee = f"docker://{self.serving.address}/lee/app:1"
        public = f"docker://{self.serving.address}/public/app:1"
        self.assertEqual(self.copy(source, lee, "--dest-creds", "lee:l33").returncode, 0)
        self.assertNotEqual(self.copy(source, lee, "--dest-creds", "lee:wrong").returncode, 0)
        self.assertNotEqual(self.copy(source, public, "--dest-creds", "lee:l33").returncode, 0)
        self.assertEqual(self.copy(source, public, "--dest-creds", "kim:k1m").returncode, 0)
        self.assertEqual(self.copy(public, f"dir:{self.world.home}/anonymous").returncode, 0)
        self.assertNotEqual(self.copy(lee, f"dir:{self.world.home}/hidden").returncode, 0)

    def test_login(self):
        for tool in ("skopeo", "podman", PORTOLAN):
            with self.subTest(tool):
                authfile = self.world.home / "auth.json"
                authfile.unlink(missing_ok=True)
                login = [tool, "login", "--tls-verify=false", "--authfile", authfile, "-u", "kim", "--password-stdin",
                         self.serving.address]
                self.assertNotEqual(self.world.run(*login, input=b"wrong").returncode, 0)
                self.world.must(*login, input=b"k1m")
        listed = self.world.must(PORTOLAN, "list-repos", "--tls-verify=false", "--authfile", authfile,
                                 self.serving.address)
        self.assertEqual(json.loads(listed)["Repositories"], [])


class Operation(ServeCase):
    def test_one_folder_one_process(self):
        second = self.world.run(PORTOLAN, "serve", "--root", self.serving.root, "--listen", "127.0.0.1:0")
        self.assertEqual(second.returncode, 1)
        self.assertIn(str(self.serving.process.pid), second.stderr.decode())

    def test_looking_is_allowed_while_it_runs(self):
        self.client.push_image("a/b", "1", b"layer")
        self.client.push_blob("a/b", b"loose")
        self.assertIn("0 damaged", self.fsck())
        dry_run = (PORTOLAN, "gc", "--root", self.serving.root, "--dry-run")
        self.assertNotIn(digest_of(b"loose"), self.world.must(*dry_run).decode())
        with contextlib.closing(sqlite3.connect(self.serving.root / "metadata.db")) as database:
            database.execute("UPDATE repository_blob SET linked = 0")
            database.commit()
        self.assertIn(digest_of(b"loose"), self.world.must(*dry_run).decode())
        collected = self.world.run(PORTOLAN, "gc", "--root", self.serving.root)
        self.assertEqual(collected.returncode, 1, collected.stderr)

    def test_a_damaged_manifest_is_mended_by_a_push(self):
        self.client.push_image("a/b", "1", b"layer")
        with contextlib.closing(sqlite3.connect(self.serving.root / "metadata.db")) as database:
            database.execute("UPDATE manifest_content SET content = x'00'")
            database.commit()
        check = (PORTOLAN, "fsck", "--root", self.serving.root)
        self.assertEqual(self.world.run(*check).returncode, 7)
        self.client.push_image("a/b", "1", b"layer")
        self.assertIn(b"0 damaged", self.world.must(*check))

    def test_health_and_metrics(self):
        self.client.push_image("a/b", "1", b"layer")
        for path in ("/healthz", "/readyz"):
            with urllib.request.urlopen(self.serving.metrics + path, timeout=10) as answer:
                self.assertEqual(answer.status, 200)
            self.assertEqual(self.client.request("GET", path)[0], 200)
        with urllib.request.urlopen(self.serving.metrics + "/metrics", timeout=10) as answer:
            text = answer.read().decode()
        self.assertIn('portolan_http_requests_total{route="manifest",method="PUT",status="2xx"} 1', text)
        self.assertIn("portolan_tags 1\n", text)

    def test_stopping_lets_requests_end(self):
        content = os.urandom(2_000_000)
        digest = digest_of(content)
        connection = http.client.HTTPConnection(self.address.replace("localhost", "127.0.0.1"), timeout=30)
        connection.putrequest("POST", f"/v2/a/b/blobs/uploads/?digest={digest}")
        connection.putheader("Content-Length", str(len(content)))
        connection.endheaders()
        connection.send(content[:1_000_000])
        time.sleep(0.5)
        stopping = threading.Thread(target=self.serving.stop)
        stopping.start()
        time.sleep(0.5)
        connection.send(content[1_000_000:])
        self.assertEqual(connection.getresponse().status, 201)
        stopping.join()
        self.assertEqual(self.serving.process.returncode, 0)
        self.assertIn("0 damaged", self.fsck())

    def test_settings_that_are_wrong_are_all_told(self):
        config = self.world.home / "wrong.yaml"
        config.write_text("listne: x\nstorage:\n  tag_history: soon\n")
        result = self.world.run(PORTOLAN, "serve", "--config", config, "--check-config")
        self.assertEqual(result.returncode, 1)
        for part in (b"listne", b"listen", b"tag_history", b"soon"):
            self.assertIn(part, result.stderr)
        open_to_all = self.world.run(PORTOLAN, "serve", "--root", self.serving.root, "--listen", "0.0.0.0:0")
        self.assertEqual(open_to_all.returncode, 1)
        self.assertIn(b"--insecure-no-auth", open_to_all.stderr.replace(b"insecure_no_auth", b"--insecure-no-auth"))

    def test_a_rotated_access_log_is_opened_anew(self):
        log = self.world.home / "access.log"
        with Serving(PORTOLAN, "--access-log", log) as serving:
            with contextlib.closing(Client(serving.address)) as client:
                for number in range(3):
                    client.request("GET", f"/v2/?{number}")
                    log.rename(self.world.home / f"access.log.{number}")
                    serving.process.send_signal(signal.SIGHUP)
                    deadline = time.monotonic() + 10
                    while not log.exists() and time.monotonic() < deadline:
                        time.sleep(0.01)
                    self.assertTrue(log.exists())
            serving.stop()
        # A line is written after its answer: it may be the next file's first.
        files = [self.world.home / f"access.log.{number}" for number in range(3)] + [log]
        lines = [json.loads(line)["target"] for file in files for line in file.read_text().splitlines()]
        self.assertEqual(lines, [f"/v2/?{number}" for number in range(3)])
        self.assertNotEqual(files[1].read_text() + files[2].read_text(), "")

    def test_the_access_log_is_json_whatever_clients_send(self):
        self.serving.stop()
        log = self.world.home / "access.log"
        with Serving(PORTOLAN, "--access-log", log) as serving:
            with contextlib.closing(Client(serving.address)) as client:
                client.request("GET", "/v2/", headers={"User-Agent": 'x"\\'})
                client.request("GET", "/v2/a/b/manifests/1")
            serving.stop()
            lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual([line["status"] for line in lines], [200, 404])
        self.assertEqual(lines[0]["agent"], 'x"\\')

    def test_systemd_hands_over_a_socket_and_is_told(self):
        self.serving.stop()
        listening = self.enterContext(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        notes = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        notes.bind(str(self.world.home / "notify"))
        notes.settimeout(20)

        # LISTEN_PID is the child's own, which is known in the child alone.
        script = (f'exec 3<&{listening.fileno()}; export LISTEN_PID=$$; '
                  f'exec "{PORTOLAN}" serve --root "{self.world.home}/root" --access-log off')
        process = subprocess.Popen(["bash", "-c", script], pass_fds=[listening.fileno()],
                                   env=dict(self.world.environment, LISTEN_FDS="1",
                                            NOTIFY_SOCKET=str(self.world.home / "notify")),
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.assertEqual(notes.recv(100), b"READY=1")
        port = listening.getsockname()[1]
        with contextlib.closing(Client(f"127.0.0.1:{port}")) as client:
            self.assertEqual(client.request("GET", "/v2/")[0], 200)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(notes.recv(100), b"STOPPING=1")
        self.assertEqual(process.wait(timeout=30), 0)


@unittest.skipUnless(os.geteuid() == 0, "a small disk can be made by root alone")
class FullDisk(unittest.TestCase):
    """A disk that fills up: clients are told, nothing is lost, and it goes on without a restart when there is room."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-full."))
        self.addCleanup(shutil.rmtree, self.folder)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "portolan-test", self.folder],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("no file system may be mounted here: " + mounted.stderr.decode())
        self.addCleanup(subprocess.run, ["umount", self.folder], check=True)

    def test_a_full_disk_is_told_and_survived(self):
        with Serving(PORTOLAN, root=self.folder / "root") as serving, \
                contextlib.closing(Client(serving.address)) as client:
            kept = client.push_image("a/b", "kept", os.urandom(10_000_000))
            filler = self.folder / "filler"
            with filler.open("wb") as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
            refused = set()
            for size in (1_000, 20_000_000):
                content = os.urandom(size)
                for _ in range(40):  # small ones first fill what is left in the database
                    status, _, body = client.request(
                        "POST", f"/v2/a/b/blobs/uploads/?digest={digest_of(content)}", content)
                    if status != 201:
                        break
                    content = os.urandom(size)
                if status != 201:
                    self.assertEqual(status, 507, body)
                    self.assertNotIn(str(self.folder).encode(), body)
                    refused.add(size)
            self.assertIn(20_000_000, refused)
            status, headers, _ = client.request("GET", "/v2/a/b/manifests/kept")
            self.assertEqual((status, headers["Docker-Content-Digest"]), (200, kept["digest"]))
            filler.unlink()
            client.push_image("a/b", "after", os.urandom(10_000_000))
            result = subprocess.run([PORTOLAN, "fsck", "--root", serving.root], capture_output=True, check=False)
            self.assertEqual(result.returncode, 0, result.stdout.decode() + result.stderr.decode())


class Kill(unittest.TestCase):
    """kill -9 in the middle of pushes: what was acknowledged is there afterwards, and right."""

    ROUNDS = int(os.environ.get("PORTOLAN_KILL_ROUNDS", "12"))

    def test_what_was_acknowledged_stays(self):
        acknowledged_blobs, acknowledged_tags = {}, {}
        pushes = 0
        lock = threading.Lock()
        with Serving(PORTOLAN) as serving:
            for round_number in range(self.ROUNDS):
                threads = [threading.Thread(target=self._push, args=(serving.address, round_number, worker,
                                                                     acknowledged_blobs, acknowledged_tags, lock))
                           for worker in range(4)]
                for thread in threads:
                    thread.start()
                time.sleep(random.uniform(0.05, 0.6))
                serving.kill()
                for thread in threads:
                    thread.join()
                serving.start()
                pushes += len(acknowledged_blobs)
                self._check(serving.address, acknowledged_blobs, acknowledged_tags)
            result = subprocess.run([PORTOLAN, "fsck", "--root", serving.root], capture_output=True, check=False)
            self.assertEqual(result.returncode, 0, result.stdout.decode() + result.stderr.decode())
        self.assertGreater(pushes, self.ROUNDS)

    @staticmethod
    def _push(address, round_number, worker, blobs, tags, lock):
        repository = f"kill/r{worker}"
        generator = random.Random(round_number * 100 + worker)
        with contextlib.closing(Client(address)) as client:
            for number in range(1000):
                layer = generator.randbytes(generator.choice((100, 20_000, 1_500_000)))
                try:
                    pushed = client.push_image(repository, f"t{number % 7}", layer)
                except (OSError, http.client.HTTPException):
                    return
                with lock:
                    blobs[digest_of(layer)] = (repository, len(layer))
                    tags[(repository, f"t{number % 7}")] = pushed["digest"]

    def _check(self, address, blobs, tags):
        with contextlib.closing(Client(address)) as client:
            self._check_with(client, blobs, tags)

    def _check_with(self, client, blobs, tags):
        for digest, (repository, size) in blobs.items():
            status, _, body = client.request("GET", f"/v2/{repository}/blobs/{digest}")
            self.assertEqual((status, len(body), digest_of(body)), (200, size, digest))
        for (repository, tag), digest in tags.items():
            status, headers, body = client.request("GET", f"/v2/{repository}/manifests/{tag}")
            self.assertEqual(status, 200)
            self.assertEqual(digest_of(body), headers["Docker-Content-Digest"])
            # A later push may have been done without its answer having come: then the tag is newer.
            if headers["Docker-Content-Digest"] != digest:
                self.assertEqual(client.request("GET", f"/v2/{repository}/manifests/{digest}")[0], 200)
        blobs.clear()


class Import(ServeCase):
    def test_a_docker_registrys_storage_is_taken_over(self):
        with Registry() as theirs:
            for tag in ("1", "2"):
                self.skopeo_copy(f"oci:{self.world.image}:latest", f"docker://{theirs.address}/old/app:{tag}")
            self.skopeo_copy(f"oci:{self.world.image}:latest", f"docker://{theirs.address}/other:docker", "--format",
                             "v2s2")
            self.serving.stop()
            for _ in range(2):  # the second run has nothing left to do
                self.world.must(PORTOLAN, "import", "--root", self.serving.root, theirs.storage)
            with Serving(PORTOLAN, root=self.serving.root) as serving:
                for name in ("old/app:1", "old/app:2", "other:docker"):
                    self.skopeo_copy(f"docker://{serving.address}/{name}",
                                     f"dir:{self.world.home}/{name.replace('/', '-').replace(':', '-')}")
                listed = self.world.must(PORTOLAN, "list-tags", "--tls-verify=false", "-o", "text",
                                         f"{serving.address}/old/app")
                self.assertEqual(listed, b"1\n2\n")
            self.assertIn("0 damaged", self.fsck())


if __name__ == "__main__":
    unittest.main(verbosity=2)
