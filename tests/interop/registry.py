"""Debian's docker-registry on loopback, for tests: plain, with TLS, with htpasswd; with as many tags as wanted."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(host, port, check=lambda: None):
    """Waits for a server that was just started; `check` raises if it has ended."""
    for _ in range(400):
        check()
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {host}:{port}")


class Certificates:
    """A private authority and a server certificate for localhost and 127.0.0.1, made with openssl."""

    def __init__(self, folder):
        self.ca = folder / "ca.crt"
        self.certificate = folder / "server.crt"
        self.key = folder / "server.key"
        ca_key = folder / "ca.key"
        request = folder / "server.csr"
        extensions = folder / "extensions.cnf"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")

        def openssl(*arguments):
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *new_key, "-keyout", ca_key, "-out", self.ca, "-days", "2",
                "-subj", "/CN=Portolan test authority")
        openssl("req", *new_key, "-keyout", self.key, "-out", request, "-subj", "/CN=localhost")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial",
                "-out", self.certificate, "-days", "2", "-extfile", extensions)


class Registry:
    """A running docker-registry. A context manager: it ends, and its storage goes, with the block."""

    def __init__(self, certificates=None, user=None, password=None, token=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portolan-interop."))
        self.storage = self.folder / "storage"
        self.address = f"localhost:{free_port()}"
        self._certificates = certificates
        self._user = user
        self._password = password
        self._token = token  # realm, service, issuer, rootcertbundle of a token service
        self._process = None

    def __enter__(self):
        config = ["version: 0.1", "log: {level: error, accesslog: {disabled: true}}",
                  f"storage: {{filesystem: {{rootdirectory: {self.storage}}}, delete: {{enabled: true}}}}",
                  "http:", f"  addr: {self.address}"]
        if self._certificates:
            config += ["  tls:", f"    certificate: {self._certificates.certificate}",
                       f"    key: {self._certificates.key}"]
        if self._user:
            htpasswd = self.folder / "htpasswd"
            entry = subprocess.run(["htpasswd", "-Bbn", self._user, self._password], check=True,
                                   capture_output=True, text=True).stdout
            htpasswd.write_text(entry.strip() + "\n")
            config += ["auth:", "  htpasswd:", "    realm: interop", f"    path: {htpasswd}"]
        if self._token:
            config += ["auth:", "  token:", *(f"    {key}: {value}" for key, value in self._token.items())]
        path = self.folder / "config.yml"
        path.write_text("\n".join(config) + "\n")
        self._log = open(self.folder / "registry.log", "w", encoding="utf-8")
        self._process = subprocess.Popen(["docker-registry", "serve", str(path)], stdout=self._log,
                                         stderr=subprocess.STDOUT)
        host, port = self.address.split(":")
        wait_until_it_listens(host, int(port), self._check_that_it_runs)
        return self

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)

    def __exit__(self, *_):
        self.stop()
        self._log.close()
        shutil.rmtree(self.folder)

    def _check_that_it_runs(self):
        if self._process.poll() is not None:
            raise RuntimeError((self.folder / "registry.log").read_text())

    def make_tags(self, repository, tags):
        """Makes the tags in the storage directly: a folder each is all that a listing reads, and a catalog looks for
        the folder of layers."""
        folder = self.storage / "docker/registry/v2/repositories" / repository / "_manifests/tags"
        folder.mkdir(parents=True)
        (folder.parent.parent / "_layers").mkdir()
        for tag in tags:
            os.mkdir(os.path.join(folder, tag))
