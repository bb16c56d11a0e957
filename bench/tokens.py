#!/usr/bin/env python3
"""Tokens: how many a second are issued, and what a request with one costs beside a request without.

usage: tokens.py [--runs N] [--seconds S] [--portolan PATH]

Prints tables in Markdown, as docs/performance.md keeps them. All registries run at once on loopback with their access logs
off, and are measured in turn; the same manifest is read from each.
"""

import contextlib
import http.client
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))
from serve import OCI_IMAGE, Serving, Target, in_turn, parser_of, row, table, wrk  # noqa: E402  (needs the path above)

SCOPE = "repository:bench/app:pull"
RULES = "\n  rules: [{users: [anonymous], allow: [pull, create]}]\n"


class WithToken(Target):
    """Its every request bears a token."""

    def __init__(self, name, serving, token):
        super().__init__(name, serving.address, serving.process.pid)
        self.token = token

    def headers(self):
        return {"Authorization": "Bearer " + self.token} if self.token else {}

    def request(self, method, path, body=None, headers=None, **options):
        return super().request(method, path, body, {**(headers or {}), **self.headers()}, **options)

    def read_rate(self, seconds):
        headers = [f"{name}: {value}" for name, value in self.headers().items()]
        return wrk(self, "/v2/bench/app/manifests/latest", seconds, headers=["Accept: " + OCI_IMAGE, *headers])


def token_of(url, scope=SCOPE):
    with urllib.request.urlopen(f"{url}/token?service=portolan&scope={scope}", timeout=30) as answer:
        return json.loads(answer.read())["token"]


def first_sight(target, url, count=1000):
    """Microseconds of CPU that a request takes whose token has not been seen before, on one connection."""
    tokens = [token_of(url) for _ in range(count)]
    before = target.cpu_seconds()
    with contextlib.closing(http.client.HTTPConnection(target.address, timeout=60)) as connection:
        for token in tokens:
            connection.request("GET", "/v2/bench/app/manifests/latest",
                               headers={"Accept": OCI_IMAGE, "Authorization": "Bearer " + token})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
    return (target.cpu_seconds() - before) / count * 1e6


def main():
    options = parser_of(__doc__).parse_args()
    print(f"{os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; medians of {options.runs} rounds in turn, "
          f"{options.seconds} s each")

    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuers = {}
        for algorithm in ("ES256", "RS256", "EdDSA"):
            key, config = folder / f"{algorithm}.pem", folder / f"{algorithm}.yaml"
            subprocess.run([options.portolan, "auth", "keygen", "--algorithm", algorithm, "--certificate",
                            folder / f"{algorithm}.crt", key], check=True, stdout=subprocess.DEVNULL)
            config.write_text(f"auth:\n  token: {{keys: [{key}]}}" + RULES)
            issuers[algorithm] = stack.enter_context(Serving(options.portolan, "--config", config))

        table("tokens issued, 32 connections", "/s", "CPU µs")
        targets = [Target(name, serving.address, serving.process.pid) for name, serving in issuers.items()]
        rates = in_turn(targets, options.runs,
                        lambda target: wrk(target, f"/token?service=portolan&scope={SCOPE}", options.seconds))
        for target, (rate, cpu) in zip(targets, rates):
            row(target.name, f"{rate:,.0f}", f"{cpu:.1f}")

        plain = stack.enter_context(Serving(options.portolan))
        readers = [WithToken("Portolan, no token", plain, None),
                   *(WithToken(f"Portolan, {name}", serving, token_of(serving.url, SCOPE + ",push"))
                     for name, serving in issuers.items())]
        for reader in readers:
            reader.push_image("bench/app", "latest", b"x" * 1024)
        rates = in_turn(readers, options.runs, lambda target: target.read_rate(options.seconds))
        table("GET manifest by tag, 32 connections", "/s", "of the rate without", "CPU µs")
        for reader, (rate, cpu) in zip(readers, rates):
            row(reader.name, f"{rate:,.0f}", f"{rate / rates[0][0]:.2f}", f"{cpu:.1f}")
        table("a token that was not seen before", "CPU µs of the request")
        for reader, (name, serving) in zip(readers[1:], issuers.items()):
            row(name, f"{first_sight(reader, serving.url):.0f}")


if __name__ == "__main__":
    main()
