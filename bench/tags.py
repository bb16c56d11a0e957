#!/usr/bin/env python3
"""What tags point to: Portolan beside serial sweeps by skopeo, on one docker-registry, in one run.

usage: tags.py [--runs N] [--tags N] [--repositories N] [--portolan PATH]

Prints a table in Markdown, as docs/performance.md keeps it. Portolan's figures are the median of all runs; a sweep by
skopeo, which starts a process a tag or a repository, is done once.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/interop"))
from registry import Registry  # noqa: E402  (needs the path above)
from world import OCI_IMAGE, Client, digest_of  # noqa: E402


def push_blob(client, repository, content):
    _, headers, _ = client.request("POST", f"/v2/{repository}/blobs/uploads/", b"")
    location = urllib.parse.urlsplit(headers["Location"])
    digest = digest_of(content)
    status, _, body = client.request("PUT", f"{location.path}?{location.query}&digest={digest}", content)
    assert status == 201, body
    return {"digest": digest, "size": len(content)}


def push_images(address, repository, count):
    """Tags of as many images, each with a configuration and a manifest of the usual size."""
    client = Client(address)
    layer = dict(push_blob(client, repository, b"layer" * 1000), mediaType="application/vnd.oci.image.layer.v1.tar")
    for i in range(count):
        config = json.dumps({"architecture": "amd64", "os": "linux", "created": f"2026-01-01T00:{i // 60 % 60:02}:{i % 60:02}Z",
                             "config": {"Env": ["PATH=/usr/bin"] * 10, "Labels": {"n": str(i)}},
                             "rootfs": {"type": "layers", "diff_ids": [layer["digest"]] * 10},
                             "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "RUN " + "x" * 100}] * 10})
        blob = dict(push_blob(client, repository, config.encode()), mediaType="application/vnd.oci.image.config.v1+json")
        client.push_manifest(repository, f"v1.{i}", {"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": blob,
                                                     "layers": [layer] * 10})
    client.close()


def seconds(commands, environment):
    """Wall time and CPU time of these commands, one after the other."""
    before = os.times()
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return time.perf_counter() - start, cpu


def median(command, environment, runs):
    samples = [seconds([command], environment) for _ in range(runs)]
    return tuple(statistics.median(column) for column in zip(*samples))


def row(name, ours, theirs):
    print(f"| {name} | {ours[0]:.3f} / {theirs[0]:.2f} | {theirs[0] / ours[0]:.0f} × "
          f"| {ours[1]:.3f} / {theirs[1]:.2f} | {theirs[1] / max(ours[1], 0.001):.0f} × |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--tags", type=int, default=1000)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--portolan", default=str(ROOT / "build/release/apps/portolan/portolan"))
    options = parser.parse_args()

    home = pathlib.Path(tempfile.mkdtemp(prefix="portolan-bench."))
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    (home / "run").mkdir(mode=0o700)
    version = subprocess.run(["skopeo", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    print(f"{os.cpu_count()} cores, Linux {platform.release()}, TCP congestion control {congestion}; {version}; "
          f"Portolan: medians of {options.runs} runs; skopeo: one sweep\n")
    print("| work | wall s, Portolan / skopeo | ratio | CPU s | ratio |")
    print("|---|---|---|---|---|")
    try:
        with Registry() as registry:
            push_images(registry.address, "bench/tags", options.tags)
            name = f"{registry.address}/bench/tags"
            sweep = seconds([["skopeo", "inspect", "--no-tags", "--tls-verify=false", f"docker://{name}:v1.{i}"]
                             for i in range(options.tags)], environment)
            tags = [options.portolan, "tags", "--tls-verify=false", name]
            row(f"{options.tags:,} tags, nothing cached, 16 requests in flight",
                median([*tags, "--no-cache", "-j", "16"], environment, options.runs), sweep)
            seconds([tags], environment)  # fills the cache
            row(f"{options.tags:,} tags, cached, a HEAD each", median(tags, environment, options.runs), sweep)
            row(f"{options.tags:,} tags, cached, `--max-age 1h`: a page",
                median([*tags, "--max-age", "1h"], environment, options.runs), sweep)

            names = [f"bench/r{i}" for i in range(options.repositories)]
            for each in names:
                registry.make_tags(each, (f"v{i}" for i in range(50)))
            references = [f"docker://{registry.address}/{each}" for each in names]
            row(f"50 tags of each of {options.repositories:,} repositories, one call",
                median([options.portolan, "list-tags", "--tls-verify=false", "-o", "ndjson", *references], environment,
                       options.runs),
                seconds([["skopeo", "list-tags", "--tls-verify=false", each] for each in references], environment))
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
