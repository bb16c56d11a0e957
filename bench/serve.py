#!/usr/bin/env python3
"""Portolan's registry beside Debian's docker-registry, in turn, in one run: rates, CPU and memory as ratios.

usage: serve.py [--runs N] [--seconds S] [--portolan PATH] [--push-bench PATH] [WORK …]

Prints tables in Markdown, as docs/performance.md keeps them. WORK: small pull push lists pushes start (all of them without any).
Both registries run on loopback with their access logs off, and what they store is under $TMPDIR. Rates are medians of N
rounds in which both are measured one after the other; CPU is the server's own (user and system), read from /proc.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import platform
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/interop"))
from registry import Registry  # noqa: E402  (needs the path above)
from serving import Serving  # noqa: E402

LARGE = 256 << 20
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Target:
    """A registry under measurement."""

    def __init__(self, name, address, pid):
        self.name = name
        self.address = address.replace("localhost", "127.0.0.1")
        self.pid = pid

    def url(self, path):
        return f"http://{self.address}{path}"

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, name):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        raise KeyError(name)

    def request(self, method, path, body=None, headers=None, expect=(200, 201, 202)):
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=120)) as connection:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status not in expect:
                raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {content[:300]}")
            return answer, content

    def push_blob(self, repository, content):
        digest = digest_of(content)
        answer, _ = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        location = re.sub(r"^http://[^/]*", "", answer.getheader("Location"))
        self.request("PUT", location + ("&" if "?" in location else "?") + "digest=" + digest, content,
                     {"Content-Type": "application/octet-stream"})
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(content)}

    def push_image(self, repository, tag, layer):
        config = dict(self.push_blob(repository, b"{}"), mediaType="application/vnd.oci.image.config.v1+json")
        manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": config,
                               "layers": [self.push_blob(repository, layer)]}).encode()
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", manifest, {"Content-Type": OCI_IMAGE})
        return digest_of(manifest)


def ab_head(target, path, seconds):
    """Requests a second and the server's CPU of each, of HEAD, which wrk cannot do: it waits for the body."""
    before = target.cpu_seconds()
    result = subprocess.run(["ab", "-q", "-i", "-k", "-c32", f"-t{seconds}", "-n100000000", target.url(path)],
                            capture_output=True, text=True, check=True)
    cpu = target.cpu_seconds() - before
    if re.search(r"Non-2xx responses|Failed requests:\s+[1-9]", result.stdout):
        raise RuntimeError(f"{target.name}: {path}: {result.stdout}")
    rate = float(re.search(r"Requests per second:\s+([\d.]+)", result.stdout)[1])
    count = int(re.search(r"Complete requests:\s+(\d+)", result.stdout)[1])
    return rate, cpu / count * 1e6


def wrk(target, path, seconds, connections=32, headers=()):
    """Requests a second and the server's CPU of each, in microseconds."""
    command = ["wrk", "-t2" if connections > 1 else "-t1", f"-c{connections}", f"-d{seconds}s"]
    for header in headers:
        command += ["-H", header]
    before = target.cpu_seconds()
    result = subprocess.run([*command, target.url(path)], capture_output=True, text=True, check=True)
    cpu = target.cpu_seconds() - before
    if "Non-2xx" in result.stdout:
        raise RuntimeError(f"{target.name}: {path}: {result.stdout}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", result.stdout)[1])
    count = int(re.search(r"(\d+) requests in", result.stdout)[1])
    return rate, cpu / count * 1e6


def in_turn(targets, runs, measure):
    """Medians of `runs` rounds for each target; one round of each is thrown away."""
    samples = {target.name: [] for target in targets}
    for number in range(runs + 1):
        for target in targets:
            sample = measure(target)
            if number > 0:
                samples[target.name].append(sample)
    return [tuple(statistics.median(column) for column in zip(*samples[target.name])) for target in targets]


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def table(*heads):
    print()
    row(*heads)
    row(*["---"] * len(heads))


def small(targets, options):
    digests = {target.name: target.push_image("bench/app", "latest", b"x" * 1024) for target in targets}
    blob = digest_of(b"x" * 1024)
    table("small requests, 32 connections", "Portolan /s", "docker-registry /s", "ratio", "CPU µs", "CPU µs", "1 / ratio")
    works = [("GET /v2/", lambda target: "/v2/", False),
             ("GET manifest by tag", lambda target: "/v2/bench/app/manifests/latest", False),
             ("GET manifest by digest", lambda target: "/v2/bench/app/manifests/" + digests[target.name], False),
             ("HEAD blob", lambda target: "/v2/bench/app/blobs/" + blob, True),
             ("GET blob of 1 KiB", lambda target: "/v2/bench/app/blobs/" + blob, False)]
    for name, path, head in works:
        def measure(target, path=path, head=head):
            if head:
                return ab_head(target, path(target), options.seconds)
            return wrk(target, path(target), options.seconds, headers=["Accept: " + OCI_IMAGE])

        ours, theirs = in_turn(targets, options.runs, measure)
        row(name, f"{ours[0]:,.0f}", f"{theirs[0]:,.0f}", f"{ours[0] / theirs[0]:.1f}", f"{ours[1]:.1f}", f"{theirs[1]:,.0f}",
            f"{theirs[1] / ours[1]:.0f}")


def curls(commands):
    """Runs them at once; gives the wall time."""
    start = time.perf_counter()
    processes = [subprocess.Popen(["curl", "-sS", "--fail", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                 for command in commands]
    for process in processes:
        _, error = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(error.decode())
    return time.perf_counter() - start


def transfer(target, commands, size):
    """GB/s and CPU seconds of the server a GiB."""
    before = target.cpu_seconds()
    wall = curls(commands)
    return size / wall / 1e9, (target.cpu_seconds() - before) / (size / (1 << 30))


def print_transfers(name, ours, theirs):
    row(name, f"{ours[0]:.2f}", f"{theirs[0]:.2f}", f"{ours[0] / theirs[0]:.2f}", f"{ours[1]:.2f}", f"{theirs[1]:.2f}",
        f"{ours[1] / theirs[1]:.2f}")


def pull(targets, options):
    content = os.urandom(LARGE)
    digest = digest_of(content)
    for target in targets:
        target.push_image("bench/large", "latest", content)
    table("pull of 256 MiB", "Portolan GB/s", "docker-registry GB/s", "ratio", "CPU s/GiB", "CPU s/GiB", "ratio")
    for count in (1, 8):
        ours, theirs = in_turn(targets, options.runs, lambda target: transfer(
            target, [["-o", "/dev/null", target.url(f"/v2/bench/large/blobs/{digest}")]] * count, LARGE * count))
        print_transfers(f"{count} at once", ours, theirs)


def upload_command(target, repository, path, digest, patch):
    answer, _ = target.request("POST", f"/v2/{repository}/blobs/uploads/")
    location = re.sub(r"^http://[^/]*", "", answer.getheader("Location"))
    octets = ["-H", "Content-Type: application/octet-stream", "-H", "Expect:"]
    if patch:
        # The head of the answer says where to go on: docker-registry's state is in it.
        return [*octets, "-H", "Transfer-Encoding: chunked", "-D", path + ".head", "-X", "PATCH", "-T", path,
                target.url(location)]
    separator = "&" if "?" in location else "?"
    return [*octets, "-T", path, target.url(f"{location}{separator}digest={digest}")]


def finish(target, digest, path):
    head = pathlib.Path(path + ".head")
    location = re.search(r"(?im)^location: (?:http://[^/]*)?(\S+)", head.read_text())[1]
    head.unlink()
    target.request("PUT", location + ("&" if "?" in location else "?") + "digest=" + digest, b"")


def push(targets, options):
    table("push of 256 MiB, durable", "Portolan GB/s", "docker-registry GB/s", "ratio", "CPU s/GiB", "CPU s/GiB", "ratio")
    number = 0

    def once(target, count, patch):
        nonlocal number
        number += 1
        with contextlib.ExitStack() as stack:
            commands, ends = [], []
            for index in range(count):
                # Content that was never pushed before: both registries would keep what they have.
                file = stack.enter_context(tempfile.NamedTemporaryFile())
                hashed = hashlib.sha256()
                seed = os.urandom(1 << 20)
                for part in range(LARGE >> 20):
                    piece = bytes([number % 256, index, part % 256]) + seed[3:]
                    file.write(piece)
                    hashed.update(piece)
                file.flush()
                digest = "sha256:" + hashed.hexdigest()
                commands.append(upload_command(target, "bench/push", file.name, digest, patch))
                ends.append((digest, file.name))
            before, start = target.cpu_seconds(), time.perf_counter()
            curls(commands)
            if patch:
                for digest, path in ends:
                    finish(target, digest, path)
            wall = time.perf_counter() - start
            size = LARGE * count
            return size / wall / 1e9, (target.cpu_seconds() - before) / (size / (1 << 30))

    for name, count, patch in (("one PUT", 1, False), ("streamed PATCH", 1, True)):
        ours, theirs = in_turn(targets, options.runs, lambda target: once(target, count, patch))
        print_transfers(name, ours, theirs)
    once(targets[0], 8, False)
    print(f"\nPeak memory of Portolan after 8 pushes of 256 MiB at once: {targets[0].memory_mib('VmHWM'):.1f} MiB")


def pushes(targets, options):
    table("small pushes (blob of 1 KiB and manifest), 16 clients", "Portolan /s", "docker-registry /s", "ratio")
    ours, theirs = in_turn(targets, options.runs, lambda target: (float(subprocess.run(
        [options.push_bench, target.address, "16", str(options.seconds)], capture_output=True, text=True,
        check=True).stdout),))
    row("durable", f"{ours[0]:,.0f}", f"{theirs[0]:,.0f}", f"{ours[0] / theirs[0]:.1f}")


def fill_rows(database, sql):
    with contextlib.closing(sqlite3.connect(database, timeout=60)) as connection:
        connection.execute(sql)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def lists(targets, options, registry, serving):
    ours, theirs = targets
    for target in targets:
        target.push_image("many/tags", "latest", b"layer")
    registry.make_tags("many/tags100k", (f"t{i:07}" for i in range(100_000)))
    for name, count in (("many/tags100k", 100_000), ("many/tags1m", 1_000_000)):
        ours.push_image(name, "t0000000", b"layer")
        fill_rows(serving.root / "metadata.db", f"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
            INSERT INTO tag (repository_id, name, manifest_id)
            SELECT t.repository_id, printf('t%07d', n.i), t.manifest_id FROM n, tag t JOIN repository r ON r.id = t.repository_id
            WHERE r.name = '{name}' AND t.name = 't0000000'""")

    def milliseconds(target, path):
        rate, _ = wrk(target, path, options.seconds, connections=1)
        return (1000 / rate,)

    table("lists, one connection", "Portolan ms", "docker-registry ms", "ratio")
    page = "/v2/many/tags100k/tags/list?n=100"
    for name, path in (("tags page n=100 of 100,000, first", page),
                       ("tags page n=100 of 100,000, middle", page + "&last=t0050000"),
                       ("all 100,000 tags in one answer", "/v2/many/tags100k/tags/list")):
        mine, other = in_turn(targets, min(options.runs, 3), lambda target: milliseconds(target, path))
        row(name, f"{mine[0]:.3f}", f"{other[0]:.0f}", f"{mine[0] / other[0]:.5f}")
    for name, path in (("tags page n=100 of 1,000,000, first", "/v2/many/tags1m/tags/list?n=100"),
                       ("tags page n=100 of 1,000,000, middle", "/v2/many/tags1m/tags/list?n=100&last=t0500000")):
        row(name, f"{statistics.median(milliseconds(ours, path)[0] for _ in range(options.runs)):.3f}", "–", "–")

    for number in range(2000):
        folder = registry.storage / f"docker/registry/v2/repositories/cat/r{number:06}/_layers"
        folder.mkdir(parents=True)
    for low, high in ((0, 2_000), (2_000, 100_000)):
        fill_rows(serving.root / "metadata.db", f"""
            WITH RECURSIVE n(i) AS (SELECT {low} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {high})
            INSERT INTO repository (name, manifests) SELECT printf('cat/r%06d', n.i), 1 FROM n""")
        path = "/v2/_catalog?n=100"
        if high == 2_000:
            mine, other = in_turn(targets, min(options.runs, 3), lambda target: milliseconds(target, path))
            row("catalog page n=100 of 2,000", f"{mine[0]:.3f}", f"{other[0]:.1f}", f"{mine[0] / other[0]:.5f}")
        else:
            row("catalog page n=100 of 100,000",
                f"{statistics.median(milliseconds(ours, path)[0] for _ in range(options.runs)):.3f}", "–", "–")


def start(options):
    """From the process's start to the first answer, on a storage that is there already; and memory when nothing happens."""
    samples = {"Portolan": [], "docker-registry": []}
    idle = {}
    for _ in range(options.runs + 1):
        with Serving(options.portolan) as serving:
            port = serving.address.split(":")[1]
            serving.stop()
            begin = time.perf_counter()
            process = subprocess.Popen([options.portolan, "serve", "--root", str(serving.root), "--access-log", "off",
                                        "--listen", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
            samples["Portolan"].append(wait_for_answer(port, begin))
            idle["Portolan"] = resident(process.pid)
            process.terminate()
            process.wait()
        with Registry() as registry:
            port = registry.address.split(":")[1]
            config = registry.folder / "config.yml"
            registry.stop()
            begin = time.perf_counter()
            process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            samples["docker-registry"].append(wait_for_answer(port, begin))
            idle["docker-registry"] = resident(process.pid)
            process.terminate()
            process.wait()
    ours, theirs = (statistics.median(samples[name][1:]) for name in ("Portolan", "docker-registry"))
    table("start and idle", "Portolan", "docker-registry", "ratio")
    row("start to first answer, ms", f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}")
    row("idle memory, MiB", f"{idle['Portolan']:.1f}", f"{idle['docker-registry']:.1f}",
        f"{idle['Portolan'] / idle['docker-registry']:.2f}")


def resident(pid):
    time.sleep(0.5)
    return Target("", "", pid).memory_mib("VmRSS")


def wait_for_answer(port, begin):
    while time.perf_counter() - begin < 20:
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)) as connection:
                connection.request("GET", "/v2/")
                connection.getresponse().read()
                return (time.perf_counter() - begin) * 1e3
        except ConnectionRefusedError:
            time.sleep(0.0005)
    raise RuntimeError("no answer")


def parser_of(documentation):
    """With the options of everything that is measured in rounds."""
    parser = argparse.ArgumentParser(description=documentation.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--portolan", default=str(ROOT / "build/release/apps/portolan/portolan"))
    return parser


def main():
    parser = parser_of(__doc__)
    parser.add_argument("works", nargs="*", metavar="WORK", help="small pull push lists pushes start")
    parser.add_argument("--push-bench", default=str(ROOT / "build/release/bench/small_push_bench"))
    options = parser.parse_args()
    works = options.works or ["start", "small", "lists", "pull", "push", "pushes"]

    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    print(f"{os.cpu_count()} cores, Linux {platform.release().split('-')[0]}, TCP congestion control {congestion}; "
          f"medians of {options.runs} rounds in turn, {options.seconds} s each")
    if "start" in works:
        start(options)
    for work in works:
        if work == "start":
            continue
        with Registry() as registry, Serving(options.portolan) as serving:
            targets = [Target("Portolan", serving.address, serving.process.pid),
                       Target("docker-registry", registry.address, registry.pid)]
            if work == "lists":
                lists(targets, options, registry, serving)
            else:
                {"small": small, "pull": pull, "push": push, "pushes": pushes}[work](targets, options)


if __name__ == "__main__":
    main()
