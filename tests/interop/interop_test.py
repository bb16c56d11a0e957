#!/usr/bin/env python3
"""Portolan beside skopeo, both against Debian's docker-registry: the same answers, byte for byte.

usage: interop_test.py PORTOLAN [unittest arguments]
"""

import hashlib
import http.server
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import Certificates, Registry, free_port, wait_until_it_listens  # noqa: E402  (needs the path above)

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"


class World:
    """A home folder of its own, so that a developer's logins play no part."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="portolan-home."))
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "LC_ALL": "C.UTF-8",
        }
        (self.home / "run").mkdir(mode=0o700)

    def run(self, *command, **options):
        options.setdefault("timeout", 120)
        return subprocess.run([str(word) for word in command], env=self.environment, capture_output=True,
                              check=False, **options)

    def portolan(self, *arguments, **options):
        return self.run(PORTOLAN, *arguments, **options)

    def skopeo(self, *arguments, **options):
        return self.run("skopeo", *arguments, **options)

    def close(self):
        shutil.rmtree(self.home)


class InteropCase(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def assert_same_as_skopeo(self, *arguments):
        ours = self.world.portolan("list-tags", *arguments)
        theirs = self.world.skopeo("list-tags", *arguments)
        self.assertEqual(theirs.returncode, 0, theirs.stderr.decode())
        self.assertEqual(ours.returncode, 0, ours.stderr.decode())
        self.assertEqual(ours.stdout, theirs.stdout)
        self.assertEqual(ours.stderr, b"")
        return json.loads(ours.stdout)["Tags"]


class PlainHttp(InteropCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = cls.enterClassContext(Registry())
        cls.counts = {"none": 0, "one": 1, "ten": 10, "many": 10_000, "most": 100_000}
        for name, count in cls.counts.items():
            cls.registry.make_tags(f"count/{name}", (f"v1.{i // 100}.{i % 100}-build{i}" for i in range(count)))

    def listing(self, name):
        return f"docker://{self.registry.address}/count/{name}"

    def test_every_count_is_listed_as_skopeo_does(self):
        for name, count in self.counts.items():
            with self.subTest(tags=count):
                tags = self.assert_same_as_skopeo("--tls-verify=false", self.listing(name))
                self.assertEqual(len(tags), count)

    def test_https_is_never_downgraded_unasked(self):
        result = self.world.portolan("list-tags", self.listing("ten"))
        self.assertEqual(result.returncode, 5, result.stderr.decode())
        self.assertEqual(result.stdout, b"")
        self.assertIn(b"--tls-verify=false", result.stderr)

    def test_missing_repository(self):
        result = self.world.portolan("list-tags", "--tls-verify=false", f"{self.registry.address}/no/such")
        self.assertEqual(result.returncode, 2, result.stderr.decode())
        self.assertIn(b"no/such", result.stderr)
        self.assertEqual(result.stdout, b"")

    def test_refused_connection_and_unknown_host(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            result = self.world.portolan("list-tags", f"localhost:{port}/a")
            self.assertEqual(result.returncode, 5)
            self.assertIn(f"localhost:{port}".encode(), result.stderr)
        result = self.world.portolan("list-tags", "no-such-host.invalid/a")
        self.assertEqual(result.returncode, 5)
        self.assertIn(b"no-such-host.invalid", result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 2, "a line, and a hint")

    def test_malformed_reference(self):
        result = self.world.portolan("list-tags", f"{self.registry.address}/Upper")
        self.assertEqual(result.returncode, 64)
        self.assertIn(b"Upper", result.stderr)

    def test_api_is_the_curl_flow_in_one_command(self):
        result = self.world.portolan("api", "--tls-verify=false", f"{self.registry.address}/count/one", "tags/list")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        curl = self.world.run("curl", "-s", f"http://{self.registry.address}/v2/count/one/tags/list")
        self.assertEqual(result.stdout, curl.stdout)

    def test_api_goes_on_where_a_location_that_it_printed_leads(self):
        blob = os.urandom(3000)
        digest = "sha256:" + hashlib.sha256(blob).hexdigest()
        repository = f"{self.registry.address}/up/load"
        begun = self.world.portolan("api", "--tls-verify=false", repository, "blobs/uploads/", "-X", "POST", "-i")
        self.assertEqual(begun.returncode, 0, begun.stderr.decode())
        location = begun.stdout.decode().split("\nLocation: ")[1].split("\n")[0]
        self.assertTrue(location.startswith(f"http://{self.registry.address}/"), location)
        put = self.world.portolan("api", "--tls-verify=false", repository, f"{location}&digest={digest}",
                                  "-X", "PUT", "-d", "@-", input=blob)
        self.assertEqual(put.returncode, 0, put.stderr.decode())
        got = self.world.portolan("api", "--tls-verify=false", repository, f"blobs/{digest}")
        self.assertEqual(got.stdout, blob)

    def test_several_references_print_in_order(self):
        references = [f"{self.registry.address}/count/{name}" for name in ("ten", "one", "none")]
        result = self.world.portolan("list-tags", "--tls-verify=false", *references)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        single = b"".join(self.world.portolan("list-tags", "--tls-verify=false", r).stdout for r in references)
        self.assertEqual(result.stdout, single)

    def test_a_part_that_fails_is_said(self):
        result = self.world.portolan("list-tags", "--tls-verify=false", self.listing("one"),
                                     f"{self.registry.address}/no/such")
        self.assertEqual(result.returncode, 7, result.stderr.decode())
        self.assertIn(b"v1.0.0-build0", result.stdout)
        self.assertIn(b"no/such", result.stderr)

    def test_a_full_pipe_reader_that_leaves(self):
        command = f"{PORTOLAN} list-tags --tls-verify=false -o text {self.listing('most')} | head -n 1"
        result = self.world.run("bash", "-c", command + "; exit ${PIPESTATUS[1]}")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, rb"\Av1\.\d+\.\d+-build\d+\n\Z")
        self.assertEqual(result.stderr, b"")


class Catalog(InteropCase):
    def test_repositories_are_listed(self):
        with Registry() as registry:
            names = [f"team{i % 3}/app{i}" for i in range(25)]
            for name in names:
                registry.make_tags(name, ["1"])
            result = self.world.portolan("list-repos", "--tls-verify=false", registry.address, "-o", "text",
                                         "--page-size", "4")
            self.assertEqual(result.returncode, 0, result.stderr.decode())
            self.assertEqual(result.stdout.decode().split(), sorted(names))


class Tls(InteropCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-ca."))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.certificates = Certificates(folder)
        cls.registry = cls.enterClassContext(Registry(cls.certificates))
        cls.registry.make_tags("a/b", ["1.0", "1.1", "latest"])
        cls.reference = f"docker://{cls.registry.address}/a/b"

    def trust_through(self, certs_d):
        folder = certs_d / self.registry.address
        folder.mkdir(parents=True)
        shutil.copy(self.certificates.ca, folder / "ca.crt")

    def test_a_private_authority_through_certs_d(self):
        self.trust_through(self.world.home / ".config/containers/certs.d")
        self.assert_same_as_skopeo(self.reference)

    def test_a_private_authority_through_cert_dir(self):
        folder = self.world.home / "certs"
        folder.mkdir()
        shutil.copy(self.certificates.ca, folder / "ca.crt")
        self.assert_same_as_skopeo("--cert-dir", str(folder), self.reference)

    def test_a_private_authority_through_the_environment(self):
        self.world.environment["SSL_CERT_FILE"] = str(self.certificates.ca)
        self.assert_same_as_skopeo(self.reference)

    def test_an_unknown_authority_is_refused(self):
        result = self.world.portolan("list-tags", self.reference)
        self.assertEqual(result.returncode, 5, result.stderr.decode())
        self.assertIn(b"certs.d", result.stderr)
        self.assertEqual(result.stdout, b"")

    def test_verification_can_be_switched_off(self):
        self.assert_same_as_skopeo("--tls-verify=false", self.reference)


class Http2(InteropCase):
    """nghttpd serves files over HTTP/2 after TLS, and nothing else."""

    def test_a_list_over_http_2(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-h2."))
        self.addCleanup(shutil.rmtree, folder)
        certificates = Certificates(folder)
        listing = folder / "root/v2/a/b/tags/list"
        listing.parent.mkdir(parents=True)
        tags = [f"v{i}" for i in range(5000)]
        listing.write_text(json.dumps({"name": "a/b", "tags": tags}))
        port = free_port()
        nghttpd = shutil.which("nghttpd", path=os.environ["PATH"] + ":/usr/sbin")
        server = subprocess.Popen([nghttpd, "-a", "127.0.0.1", "-d", str(folder / "root"), str(port),
                                   str(certificates.key), str(certificates.certificate)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        wait_until_it_listens("127.0.0.1", port)
        self.world.environment["SSL_CERT_FILE"] = str(certificates.ca)
        result = self.world.portolan("list-tags", "--debug", "-o", "text", f"127.0.0.1:{port}/a/b")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(result.stdout.decode().split(), tags)
        self.assertIn(b"200 (HTTP/2)", result.stderr)


class Htpasswd(InteropCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = cls.enterClassContext(Registry(user="ada", password="s3cret:with colon"))
        cls.registry.make_tags("a/b", ["1.0", "latest"])
        cls.reference = f"docker://{cls.registry.address}/a/b"

    def test_credentials_on_the_command_line(self):
        self.assert_same_as_skopeo("--tls-verify=false", "--creds", "ada:s3cret:with colon", self.reference)

    def test_a_wrong_password(self):
        result = self.world.portolan("list-tags", "--tls-verify=false", "--creds", "ada:bad-pass-word", self.reference)
        self.assertEqual(result.returncode, 3, result.stderr.decode())
        self.assertNotIn(b"bad-pass-word", result.stderr)
        self.assertIn(b"refuses user ada", result.stderr)

    def test_no_password(self):
        result = self.world.portolan("list-tags", "--tls-verify=false", self.reference)
        self.assertEqual(result.returncode, 3, result.stderr.decode())
        self.assertIn(b"portolan login", result.stderr)

    def test_login_serves_both_programs(self):
        address = self.registry.address
        login = self.world.portolan("login", "--tls-verify=false", "-u", "ada", "--password-stdin", address,
                                    input=b"s3cret:with colon\n")
        self.assertEqual(login.returncode, 0, login.stderr.decode())
        who = self.world.skopeo("login", "--get-login", address)
        self.assertEqual(who.stdout, b"ada\n", who.stderr)
        self.assertEqual(self.world.portolan("login", "--get-login", address).stdout, b"ada\n")
        self.assert_same_as_skopeo("--tls-verify=false", self.reference)

        explained = self.world.portolan("auth", "explain", f"{address}/a/b")
        self.assertEqual(explained.returncode, 0, explained.stderr.decode())
        self.assertIn(b"auth.json", explained.stdout)
        self.assertNotIn(b"s3cret", explained.stdout)

        logout = self.world.portolan("logout", address)
        self.assertEqual(logout.returncode, 0, logout.stderr.decode())
        self.assertNotEqual(self.world.skopeo("login", "--get-login", address).returncode, 0)

    def test_a_login_that_is_still_good_is_left_alone(self):
        address = self.registry.address
        self.world.portolan("login", "--tls-verify=false", "-u", "ada", "--password-stdin", address,
                            input=b"s3cret:with colon\n")
        stored = self.world.home / "run/containers/auth.json"
        before = stored.stat().st_mtime_ns
        ours = self.world.portolan("login", "--tls-verify=false", address)
        theirs = self.world.skopeo("login", "--tls-verify=false", address)
        self.assertEqual((ours.returncode, ours.stdout, ours.stderr), (0, theirs.stdout, b""))
        self.assertEqual(stored.stat().st_mtime_ns, before)

    def test_a_login_of_skopeo_serves_us(self):
        login = self.world.skopeo("login", "--tls-verify=false", "-u", "ada", "--password-stdin",
                                  self.registry.address, input=b"s3cret:with colon")
        self.assertEqual(login.returncode, 0, login.stderr.decode())
        self.assert_same_as_skopeo("--tls-verify=false", self.reference)

    def test_a_wrong_login_is_not_stored(self):
        login = self.world.portolan("login", "--tls-verify=false", "-u", "ada", "--password-stdin",
                                    self.registry.address, input=b"wrong\n")
        self.assertEqual(login.returncode, 3, login.stderr.decode())
        self.assertEqual(list(self.world.home.rglob("auth.json")), [])


class BlockedHelper(InteropCase):
    """A credential helper that waits for somebody who never comes."""

    COMMANDS = (["list-tags", "quay.io/a/b"], ["list-repos", "quay.io"], ["api", "quay.io", "/v2/"],
                ["auth", "explain", "quay.io"], ["auth", "token", "quay.io/a/b"], ["login", "quay.io"],
                ["login", "--get-login", "quay.io"], ["logout", "quay.io"])

    def setUp(self):
        super().setUp()
        self.pid_file = self.world.home / "pid"
        helper = self.world.home / "bin/docker-credential-blocked"
        helper.parent.mkdir()
        helper.write_text(f"#!/bin/sh\necho $$ > {self.pid_file}\nexec sleep 50\n")
        helper.chmod(0o755)
        self.world.environment["PATH"] = f"{helper.parent}:{os.environ['PATH']}"
        self.world.environment["REGISTRY_AUTH_FILE"] = str(self.world.home / "auth.json")
        (self.world.home / "auth.json").write_text('{"credsStore": "blocked"}')

    def assert_the_helper_is_gone(self):
        self.assertFalse(os.path.exists(f"/proc/{self.pid_file.read_text().strip()}"))
        self.pid_file.unlink()

    def test_the_command_timeout_ends_it(self):
        for command in self.COMMANDS:
            with self.subTest(command=command):
                result = self.world.portolan(*command, "--command-timeout", "200ms", timeout=20)
                self.assertEqual(result.returncode, 5, result.stderr.decode())
                self.assertEqual(result.stdout, b"")
                self.assert_the_helper_is_gone()

    def test_an_interrupt_ends_it(self):
        for command in self.COMMANDS:
            with self.subTest(command=command):
                process = subprocess.Popen([PORTOLAN, *command], env=self.world.environment,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                while process.poll() is None and not (self.pid_file.exists() and self.pid_file.read_text()):
                    time.sleep(0.01)
                process.send_signal(signal.SIGINT)
                out, error = process.communicate(timeout=20)
                self.assertEqual((process.returncode, out), (130, b""), error.decode())
                self.assert_the_helper_is_gone()


class Stalled(InteropCase):
    """A registry that sends half a page and then nothing."""

    def setUp(self):
        super().setUp()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        self.address = "localhost:%d" % self.server.getsockname()[1]
        self.stalled = threading.Event()
        self.done = threading.Event()
        self.addCleanup(self.done.set)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while not self.done.is_set():
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            head = connection.recv(65536)
            if not head.startswith(b"GET "):
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
                               b'{"name":"a","tags":["one","two"')
            self.stalled.set()
            self.done.wait(60)

    def test_an_interrupt_leaves_no_half_written_output(self):
        for output in ("json", "text"):
            with self.subTest(output=output):
                self.stalled.clear()
                process = subprocess.Popen([PORTOLAN, "list-tags", "--tls-verify=false", "-o", output,
                                            f"{self.address}/a"], env=self.world.environment,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertTrue(self.stalled.wait(30))
                time.sleep(0.1)
                process.send_signal(signal.SIGINT)
                out, error = process.communicate(timeout=30)
                self.assertEqual(process.returncode, 130, error.decode())
                self.assertEqual(out, b"")
                self.assertIn(b"interrupted", error)

    def test_the_command_timeout_ends_it(self):
        result = self.world.portolan("--command-timeout", "500ms", "list-tags", "--tls-verify=false",
                                     f"{self.address}/a")
        self.assertEqual(result.returncode, 5, result.stderr.decode())
        self.assertIn(b"--command-timeout", result.stderr)
        self.assertEqual(result.stdout, b"")


class Proxy(InteropCase):
    """A proxy that refuses tunnels and answers plain requests itself."""

    def setUp(self):
        super().setUp()
        self.seen = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        address = "http://127.0.0.1:%d" % self.server.getsockname()[1]
        self.world.environment.update(http_proxy=address, https_proxy=address)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                line = connection.recv(65536).split(b"\r\n")[0]
                self.seen.append(line)
                if line.startswith(b"CONNECT "):
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                    continue
                body = b'{"name":"a/b","tags":["through-the-proxy"]}'
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                                   % (len(body), body))

    def test_a_proxy_of_the_environment_is_used(self):
        # https is tried first, through a tunnel; plain http, which the flag allows, then as a request to the proxy.
        result = self.world.portolan("list-tags", "--tls-verify=false", "-o", "text", "registry.invalid/a/b")
        self.assertEqual(result.stdout, b"through-the-proxy\n", result.stderr.decode())
        self.assertEqual(self.seen[0], b"CONNECT registry.invalid:443 HTTP/1.1")
        self.assertTrue(self.seen[1].startswith(b"GET http://registry.invalid/v2/a/b/tags/list"), self.seen)

    def test_no_proxy_is_respected(self):
        self.world.environment["no_proxy"] = "invalid"
        result = self.world.portolan("list-tags", "--tls-verify=false", "registry.invalid/a/b")
        self.assertEqual(result.returncode, 5, result.stderr.decode())
        self.assertEqual(self.seen, [])


class TokenRegistry(http.server.BaseHTTPRequestHandler):
    """A registry with tokens and pages of two, in as few lines as it takes."""

    protocol_version = "HTTP/1.1"
    tags = ["a", "b", "c", "d", "e"]

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802  (the name that http.server asks for)
        self.server.seen.append(self.path)
        path, _, query = self.path.partition("?")
        if path == "/token":
            return self._reply(200, b'{"access_token":"secret-token","expires_in":300}')
        if self.headers["Authorization"] != "Bearer secret-token":
            address = "http://localhost:%d" % self.server.server_port
            challenge = f'Bearer realm="{address}/token",service="test",scope="repository:a/b:pull"'
            return self._reply(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}',
                               ("WWW-Authenticate", challenge))
        start = self.tags.index(query.rpartition("last=")[2]) + 1 if "last=" in query else 0
        page = self.tags[start:start + 2]
        more = [("Link", f'<{path}?n=0&last={page[-1]}>; rel="next"')] if start + 2 < len(self.tags) else []
        self._reply(200, json.dumps({"name": "a/b", "tags": page}).encode(), *more)

    def _reply(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Tokens(InteropCase):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("localhost", 0), TokenRegistry)
        self.server.seen = []
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.reference = f"localhost:{self.server.server_port}/a/b"
        self.pages = ["/v2/a/b/tags/list?n=1000", "/v2/a/b/tags/list?n=0&last=b", "/v2/a/b/tags/list?n=0&last=d"]

    def list_tags(self, *arguments):
        self.server.seen.clear()
        return self.world.portolan("list-tags", "--tls-verify=false", "-o", "text", *arguments, self.reference)

    def test_a_cached_token_leaves_one_request_per_page(self):
        token = "/token?scope=repository%3Aa%2Fb%3Apull&service=test"
        first = self.list_tags()
        self.assertEqual(first.stdout, b"a\nb\nc\nd\ne\n", first.stderr.decode())
        self.assertEqual(self.server.seen, [self.pages[0], token, *self.pages])
        second = self.list_tags()
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(self.server.seen, self.pages)

    def test_the_cache_can_be_turned_off_and_is_private(self):
        self.list_tags("--no-token-cache")
        cache = self.world.home / ".cache/portolan"
        self.assertEqual([p for p in cache.rglob("*") if p.is_file()], [])
        self.list_tags()
        files = [p for p in cache.rglob("*") if p.is_file()]
        self.assertTrue(files)
        for path in files:
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
        self.assertEqual((cache / "tokens").stat().st_mode & 0o777, 0o700)

    def test_debug_tells_the_story_and_no_secret(self):
        result = self.list_tags("--debug", "--creds", "ada:pass-word-1")
        story = result.stderr.decode()
        self.assertEqual(result.returncode, 0, story)
        for part in ("challenge: bearer", "tags/list?n=1000: 401", "tags/list?n=1000: 200", "300 s", "last=b"):
            self.assertIn(part, story)
        for secret in ("secret-token", "pass-word-1"):
            self.assertNotIn(secret, story)

    def test_auth_token_prints_only_the_token(self):
        result = self.world.portolan("auth", "token", "--tls-verify=false", self.reference)
        self.assertEqual(result.stdout, b"secret-token\n", result.stderr.decode())

    def test_api_paginates(self):
        result = self.world.portolan("api", "--tls-verify=false", "--paginate", self.reference, "tags/list?n=2")
        pages = [json.loads(line)["tags"] for line in result.stdout.decode().splitlines()]
        self.assertEqual(pages, [["a", "b"], ["c", "d"], ["e"]], result.stderr.decode())


class SlowPage(http.server.BaseHTTPRequestHandler):
    """One page of 60,000 tags that takes a good second."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"name":"a","tags":["t"')
        for i in range(60):
            time.sleep(0.02)
            self.wfile.write("".join(f',"t{i}-{j}"' for j in range(1000)).encode())
        self.wfile.write(b"]}")

    def log_message(self, *_):
        pass


class OnATerminal(InteropCase):
    def run_on_a_terminal(self, *arguments, stdout=None):
        """The exit status, and what the terminal got."""
        master, slave = pty.openpty()
        process = subprocess.Popen([PORTOLAN, *arguments], env=self.world.environment, stdout=stdout or slave,
                                   stderr=slave, stdin=slave)
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 65536):
                text += piece
        except OSError:
            pass  # the terminal's other end has gone: the end of the output
        os.close(master)
        return process.wait(timeout=10), text

    def test_help_and_overview_fit_a_terminal(self):
        for arguments in ([], ["--help"], ["list-tags", "--help"], ["help", "exit-status"]):
            with self.subTest(arguments=arguments):
                status, text = self.run_on_a_terminal(*arguments)
                self.assertEqual(status, 0 if arguments else 64)
                self.assertGreater(len(text), 200)

    def test_progress_moves_within_a_page(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowPage)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        status, text = self.run_on_a_terminal("list-tags", "--tls-verify=false",
                                              f"localhost:{server.server_address[1]}/a", stdout=subprocess.DEVNULL)
        self.assertEqual(status, 0, text.decode())
        shown = re.findall(rb"a: ([0-9,]+) tags, 1 page, [0-9,]+/s", text)
        self.assertGreater(len(set(shown)), 2, text.decode())
        self.assertTrue(text.endswith(b"\r\x1b[K"), text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
