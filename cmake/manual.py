#!/usr/bin/env python3
"""Turns a command's manual (Markdown) into what the build needs.

usage: manual.py embed SOURCE.md TARGET.inc              a C++ raw string literal
       manual.py man   SOURCE.md TARGET.md --version V   Markdown as go-md2man wants it

A manual begins with `# portolan NAME -- one line`; a line `@include FILE.md` is replaced by manual/FILE.md beside it.
"""

import argparse
import pathlib
import re
import sys

TITLE = re.compile(r"^# (?P<name>[a-z][a-z -]*?)(?: -- (?P<line>.+))?$")
INCLUDE = re.compile(r"^@include (?P<file>[a-z_]+\.md)$")
DELIMITER = "manual"


def read_lines(path, shared):
    for line in path.read_text(encoding="utf-8").splitlines():
        match = INCLUDE.match(line)
        if match:
            yield from read_lines(shared / match["file"], shared)
        else:
            yield line


def read_manual(path):
    """The lines of the manual, shared parts included."""
    lines = list(read_lines(path, path.parent / "manual"))
    if not lines or not TITLE.match(lines[0]):
        sys.exit(f"{path}:1: a manual begins with `# portolan NAME -- one line`")
    return lines


def embed(lines):
    text = "\n".join(lines) + "\n"
    if f"){DELIMITER}\"" in text:
        sys.exit(f"a manual must not hold ){DELIMITER}\"")
    return f'R"{DELIMITER}({text}){DELIMITER}"\n'


def man(lines, version):
    title = TITLE.match(lines[0])
    name = title["name"].replace(" ", "-")
    out = [f'# {name} 1 "" "Portolan {version}" "Portolan manual"', "", "## NAME", f"{name} - {title['line'] or name}"]
    for line in lines[1:]:
        if line.startswith("## "):
            line = line.upper()
        out.append(line)
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("embed", "man"))
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--version", default="")
    arguments = parser.parse_args()
    lines = read_manual(arguments.source)
    text = embed(lines) if arguments.what == "embed" else man(lines, arguments.version)
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    arguments.target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
