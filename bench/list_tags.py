#!/usr/bin/env python3
"""Portolan beside skopeo on one docker-registry, in turn, in one run: wall time, CPU and peak memory as ratios.

usage: list_tags.py [--runs N] [--portolan PATH]

Prints a table in Markdown, as docs/performance.md keeps it. Both programs are whole processes, started fresh for each run
in a home folder of their own; the figures of the operating system's accounting are the median of all runs.
"""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/interop"))
from registry import Registry  # noqa: E402  (needs the path above)


class Sample(NamedTuple):
    wall_ms: float
    cpu_ms: float


def measure(command, environment):
    """One run of a command, output thrown away."""
    with open(os.devnull, "wb") as nowhere:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=nowhere, stderr=subprocess.PIPE)
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command}: exit status {process.returncode}: {error.decode()}")
    return Sample(wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3)


def peak_mib(command, environment):
    """Peak memory of one run. A child of Python inherits Python's peak until it has started; time(1) is small."""
    result = subprocess.run(["/usr/bin/time", "-f", "%M", *command], env=environment, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, check=True)
    return int(result.stderr.split()[-1]) / 1024


def median(samples):
    return Sample(*(statistics.median(column) for column in zip(*samples)))


def compare(name, ours, theirs, environment, runs):
    """Runs both in turn, after one warm-up each, and prints a row."""
    commands = (ours, theirs)
    for command in commands:
        measure(command, environment)
    samples = ([], [])
    for _ in range(runs):
        for kept, command in zip(samples, commands):
            kept.append(measure(command, environment))
    a, b = (median(kept) for kept in samples)
    print(f"| {name} | {a.wall_ms:.1f} / {b.wall_ms:.1f} | {a.wall_ms / b.wall_ms:.2f} "
          f"| {a.cpu_ms:.1f} / {b.cpu_ms:.1f} | {a.cpu_ms / b.cpu_ms:.2f} "
          f"| {' / '.join(f'{peak_mib(command, environment):.1f}' for command in commands)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--portolan", default=str(ROOT / "build/release/apps/portolan/portolan"))
    options = parser.parse_args()

    home = pathlib.Path(tempfile.mkdtemp(prefix="portolan-bench."))
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    (home / "run").mkdir(mode=0o700)
    skopeo = shutil.which("skopeo")
    version = subprocess.run([skopeo, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    print(f"{os.cpu_count()} cores, Linux {platform.release()}, TCP congestion control {congestion}; {version}; "
          f"medians of {options.runs} runs in turn\n")
    print("| work | wall ms, Portolan / skopeo | ratio | CPU ms | ratio | peak MiB |")
    print("|---|---|---|---|---|---|")
    try:
        compare("start-up (`--version`)", [options.portolan, "--version"], [skopeo, "--version"], environment,
                options.runs)
        with Registry() as registry:
            for count in (10, 1_000, 100_000):
                name = f"bench/n{count}"
                registry.make_tags(name, (f"v1.{i // 100}.{i % 100}-build{i}" for i in range(count)))
                arguments = ["list-tags", "--tls-verify=false", f"docker://{registry.address}/{name}"]
                compare(f"list {count:,} tags", [options.portolan, *arguments], [skopeo, *arguments], environment,
                        options.runs if count < 100_000 else max(options.runs // 2, 5))
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
