#!/usr/bin/env python3
"""Adds up test reports in JUnit form and prints `N passed, N failed, N skipped`.

usage: count_tests.py FOLDER

A GoogleTest program writes one report with a case per test; ctest writes one with a case per program. A program that has a
report of its own is not counted a second time, but as one failure where it failed though its report says nothing of that: a sanitizer
found something. Exits 1 if anything failed, or if nothing ran at all.
"""

import pathlib
import sys
import xml.etree.ElementTree as tree


def is_bad(case):
    return case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"


def has_failure(report):
    return any(is_bad(case) for case in tree.parse(report).iter("testcase"))


def count(report):
    """(passed, failed, skipped) of one JUnit file."""
    passed = failed = skipped = 0
    for case in tree.parse(report).iter("testcase"):
        name = case.get("name", "")
        bad = is_bad(case)
        own = report.parent / f"portolan_{name.removeprefix('unit.')}_test.xml"
        if report.name.startswith("ctest") and name.startswith("unit.") and own.exists():
            # Its own report has its cases; a crash, which leaves none, counts below.
            failed += bad and not has_failure(own)
            continue
        if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        elif bad:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    reports = sorted(pathlib.Path(sys.argv[1]).rglob("*.xml"))
    passed, failed, skipped = (sum(column) for column in zip((0, 0, 0), *map(count, reports)))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
