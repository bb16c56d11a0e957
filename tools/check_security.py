#!/usr/bin/env python3
"""Holds docs/security.md to the tests that it names.

usage: check_security.py SOURCE_DIR

The table's rows are `| CVE or issue | rule | tests |`. Each row names tests as `Suite.Name`, or begins its third column with
"does not apply: " and says why. Every name must be a test in portolan/, and every CVE that a source file names must be in
the table. Prints every violation and exits 1 if there is one.
"""

import pathlib
import re
import sys

CVE = re.compile(r"CVE-\d{4}-\d+")
NAME = re.compile(r"`(\w+\.\w+)`")
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
EXEMPT = "does not apply: "


def read_rows(text):
    """The table's rows as (what, rule, tests), its head left out."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 3 and not set(cells[0]) <= set("-| "):
            yield cells


def check(document, sources):
    """What is wrong; `sources` are texts by path."""
    tests = {f"{suite}.{name}" for text in sources.values() for suite, name in TEST.findall(text)}
    rows = list(read_rows(document))[1:]
    if not rows:
        yield "docs/security.md: there is no table"
    for what, _, third in rows:
        names = NAME.findall(third)
        if not names and not third.startswith(EXEMPT):
            yield f"docs/security.md: {what}: no test, and no reason why it does not apply"
        for name in names:
            if name not in tests:
                yield f"docs/security.md: {what}: there is no test {name}"
    listed = {cve for what, _, _ in rows for cve in CVE.findall(what)}
    for path, text in sorted(sources.items()):
        for cve in sorted(set(CVE.findall(text)) - listed):
            yield f"{path}: {cve} is not in docs/security.md"


def main():
    root = pathlib.Path(sys.argv[1])
    sources = {str(path.relative_to(root)): path.read_text() for path in root.glob("portolan/**/*.cc")}
    violations = list(check((root / "docs/security.md").read_text(), sources))
    print("\n".join(violations))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
