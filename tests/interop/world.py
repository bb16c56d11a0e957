"""What tests of a registry share: a home folder with an image in it for the tools, and a client for what they do not do."""

import gzip
import hashlib
import http.client
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Client:
    """A few lines of V2 protocol, for what the tools do not do by themselves."""

    def __init__(self, address):
        self._address = address.replace("localhost", "127.0.0.1")
        self._connection = None

    def request(self, method, target, body=None, headers=None):
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._address, timeout=30)
            try:
                self._connection.request(method, target, body=body, headers=headers or {})
                answer = self._connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # A kept connection that the server has closed meanwhile.
                self.close()
                if attempt == 2:
                    raise

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def push_blob(self, repository, content):
        digest = digest_of(content)
        status, _, body = self.request("POST", f"/v2/{repository}/blobs/uploads/?digest={digest}", content)
        assert status == 201, (status, body)
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(content)}

    def push_manifest(self, repository, reference, manifest, media_type=OCI_IMAGE):
        content = json.dumps(manifest).encode()
        status, headers, body = self.request("PUT", f"/v2/{repository}/manifests/{reference or digest_of(content)}",
                                             content, {"Content-Type": media_type})
        assert status == 201, (status, body)
        return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}, headers

    def push_image(self, repository, tag, layer):
        config = dict(self.push_blob(repository, b"{}"), mediaType="application/vnd.oci.image.config.v1+json")
        layers = [dict(self.push_blob(repository, layer), mediaType="application/vnd.oci.image.layer.v1.tar")]
        manifest = {"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": config, "layers": layers}
        return self.push_manifest(repository, tag, manifest)[0]


class World:
    """A home folder of its own, with an image in it; podman's and buildah's storage is there as well."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="portolan-home."))
        (self.home / "run").mkdir(mode=0o700)
        (self.home / "policy.json").write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
        (self.home / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\nrunroot = "{self.home}/runroot"\ngraphroot = "{self.home}/graphroot"\n')
        (self.home / "containers.conf").write_text('[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n')
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "CONTAINERS_STORAGE_CONF": str(self.home / "storage.conf"),
            "CONTAINERS_CONF": str(self.home / "containers.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "LC_ALL": "C.UTF-8",
        }
        self.image = self.home / "image"
        self.make_image(self.image, b"hello " * 50_000)

    def make_image(self, folder, content, architecture="amd64"):
        """An OCI layout with one image of two layers."""
        blobs = folder / "blobs/sha256"
        blobs.mkdir(parents=True)

        def add(data, media_type, **more):
            name = hashlib.sha256(data).hexdigest()
            (blobs / name).write_bytes(data)
            return {"mediaType": media_type, "digest": "sha256:" + name, "size": len(data), **more}

        layers, diff_ids = [], []
        for name, data in (("hello", content), ("second", os.urandom(300_000))):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w") as tar:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            diff_ids.append(digest_of(packed.getvalue()))
            layers.append(add(gzip.compress(packed.getvalue(), mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip"))
        config = add(json.dumps({"architecture": architecture, "os": "linux", "config": {},
                                 "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode(),
                     "application/vnd.oci.image.config.v1+json")
        manifest = add(json.dumps({"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": config,
                                   "layers": layers}).encode(), OCI_IMAGE,
                       annotations={"org.opencontainers.image.ref.name": "latest"})
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def run(self, *command, **options):
        options.setdefault("timeout", 240)
        return subprocess.run([str(word) for word in command], env=self.environment, capture_output=True, check=False,
                              **options)

    def must(self, *command, **options):
        result = self.run(*command, **options)
        if result.returncode != 0:
            raise AssertionError(f"{command}: {result.returncode}: {result.stderr.decode()}{result.stdout.decode()}")
        return result.stdout

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)
