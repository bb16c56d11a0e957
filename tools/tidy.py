#!/usr/bin/env python3
"""clang-tidy over the sources of the program, several files in one run.

usage: tools/tidy.py BUILD_DIR FILE…

Of clang-tidy's time for one file nine tenths go into the headers of the libraries, which most files share. So files of a
folder are included one after another from a generated file, and a run is over that. What it finds there may be due to the
joining, so files joined with a finding are checked again one by one, and only that counts.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

TIDY = "clang-tidy-19"
JOINED = 12  # files in one run: more save little, and one finding costs as many runs again
SETS_UP = re.compile(r"^#define.*\n+#include", re.MULTILINE)  # a library's headers: so it must come before others


def own_names(text: str) -> set[str]:
    """What a file names in its unnamed namespaces: two files with a name in common cannot be joined."""
    names = set()
    for body in re.findall(r"^namespace \{$(.*?)^\}  // namespace$", text, re.DOTALL | re.MULTILINE):
        for line in re.findall(r"^(?!template|namespace)[A-Za-z].*", body, re.MULTILINE):
            if found := re.search(r"(\w+)\s*(?:[({=;\[]|$)", re.sub(r"<[^()]*>|\balignas\(\w+\)", "", line)):
                names.add(found.group(1))
    return names


def joined(texts: dict[pathlib.Path, str]) -> list[list[pathlib.Path]]:
    """Files of one folder that have no name in common, at most JOINED together; one that sets up its includes is alone."""
    folders: dict[pathlib.Path, list[tuple[list[pathlib.Path], set[str]]]] = {}
    for file, text in sorted(texts.items(), key=lambda item: (not SETS_UP.search(item[1]), item[0])):
        batches = folders.setdefault(file.parent, [])
        names = own_names(text)
        for members, taken in batches:
            if len(members) < JOINED and not names & taken:
                members.append(file)
                taken |= names
                break
        else:
            batches.append(([file], names))
    return [members for batches in folders.values() for members, _ in batches]


def flags_of(build: pathlib.Path) -> dict[pathlib.Path, list[str]]:
    """The compiler's arguments for each file, without the file, its output and the compiler."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])[1:]
        flags[pathlib.Path(entry["file"])] = words[: words.index("-o")]
    return flags


def run(arguments: list[str]) -> tuple[bool, str]:
    done = subprocess.run([TIDY, "--quiet", *arguments], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + ("" if done.returncode == 0 else done.stderr)


def check(build: pathlib.Path, number: int, batch: list[pathlib.Path], flags: list[str]) -> list[str]:
    """The findings in the files of a batch."""
    if len(batch) > 1:
        source = build / "tidy" / f"{number}.cc"
        source.write_text("".join(f'#include "{file}"\n' for file in batch))
        good, _ = run(["--config-file=.clang-tidy", r"--header-filter=/(portolan|apps)/.*\.(h|cc)$",
                       "--checks=-bugprone-suspicious-include", str(source), "--", *flags])
        if good:
            return []
    findings = []
    for file in batch:
        good, text = run(["-p", str(build), str(file)])
        if not good:
            findings.append(text)
    return findings


def main() -> int:
    build = pathlib.Path(sys.argv[1])
    files = [pathlib.Path(name).resolve() for name in sys.argv[2:]]
    if not files:
        print("tidy: no files", file=sys.stderr)
        return 64
    flags = flags_of(build)
    if unknown := [str(file) for file in files if file not in flags]:
        print(f"tidy: not built, so not checked: {' '.join(unknown)}", file=sys.stderr)
        return 1
    (build / "tidy").mkdir(exist_ok=True)
    batches = joined({file: file.read_text() for file in files})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda item: check(build, item[0], item[1], flags[item[1][0]]), enumerate(batches)))
    findings = [text for texts in found for text in texts]
    print("\n".join(findings), end="")
    print(f"tidy: {len(files)} files in {len(batches)} runs, {len(findings)} with findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
