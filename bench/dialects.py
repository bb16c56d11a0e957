#!/usr/bin/env python3
"""What it costs to answer as another registry does, beside our own ways with the same proof.

usage: dialects.py [--runs N] [--seconds S] [--portolan PATH]

Prints tables in Markdown, as docs/performance.md keeps them. All registries run at once on loopback with their access logs
off, and are measured in turn. A dialect whose repositories need a token is compared with our own registry under a token that
is signed alike.
"""

import contextlib
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
from serve import OCI_IMAGE, Serving, in_turn, parser_of, row, table, wrk  # noqa: E402  (needs the path above)
from tokens import WithToken  # noqa: E402

SCOPE = "repository:bench/app:pull,push"


def token_at(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())["token"]


def main():
    options = parser_of(__doc__).parse_args()
    print(f"{os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; medians of {options.runs} rounds in turn, "
          f"{options.seconds} s each")

    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        seeds = folder / "tags"
        seeds.write_text("".join(f"bench/app v{number}\n" for number in range(1000)))
        key = folder / "key.pem"
        subprocess.run([options.portolan, "auth", "keygen", "--algorithm", "RS256", "--certificate", folder / "key.crt", key],
                       check=True, stdout=subprocess.DEVNULL)
        signed = folder / "signed.yaml"
        signed.write_text(f"auth:\n  token: {{keys: [{key}]}}\n  rules: [{{users: [anonymous], allow: [all]}}]\n")
        unlimited = folder / "unlimited.yaml"
        unlimited.write_text("pull_limit: 0\n")

        def start(name, token, *arguments):
            serving = stack.enter_context(Serving(options.portolan, "--seed-tags", seeds, *arguments))
            target = WithToken(name, serving, token_at(serving.url + token + SCOPE) if token else None)
            target.push_image("bench/app", "latest", b"x" * 1024)
            return target

        dialect = ("--config", unlimited, "--dialect")
        pairs = [(start("own, no token", None), [start("quay@2024-06", None, *dialect, "quay@2024-06")]),
                 (start("own, with a token", "/token?service=portolan&scope=", "--config", signed),
                  [start("hub@2023-03", "/token?scope=", *dialect, "hub@2023-03"),
                   start("ghcr@2023-03", "/token?scope=", *dialect, "ghcr@2023-03")])]
        targets = [target for own, others in pairs for target in (own, *others)]
        for title, path, more in (("GET manifest by tag", "/v2/bench/app/manifests/latest", ["Accept: " + OCI_IMAGE]),
                                  ("tags page n=100", "/v2/bench/app/tags/list?n=100", [])):

            def rate(target, path=path, more=more):
                headers = [f"{name}: {value}" for name, value in target.headers().items()]
                return wrk(target, path, options.seconds, headers=more + headers)

            rates = dict(zip(targets, in_turn(targets, options.runs, rate)))
            table(title + ", 32 connections", "/s", "of our own", "CPU µs", "of our own")
            for own, others in pairs:
                for target in (own, *others):
                    row(target.name, f"{rates[target][0]:,.0f}", f"{rates[target][0] / rates[own][0]:.2f}",
                        f"{rates[target][1]:.1f}", f"{rates[target][1] / rates[own][1]:.2f}")


if __name__ == "__main__":
    main()
