#!/usr/bin/env python3
"""Holds the #include lines of portolan/ against the rooms' permissions: includes go strictly down.

usage: check_rooms.py SOURCE_DIR ROOMS_TXT

ROOMS_TXT has one line a room, written by cmake/Room.cmake: `name level allowed,allowed`.
Prints every violation as `file:line: message` and exits 1 if there is one.
"""

import pathlib
import re
import sys
from typing import NamedTuple

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
HEAVY = ("boost/beast", "boost/json", "curl/curl.h", "CLI/", "toml++")
ASIO = "boost/asio"


class Room(NamedTuple):
    level: int
    allowed: frozenset


class Violation(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def read_rooms(text):
    """The rooms by name. ValueError names the line that cannot be understood."""
    rooms = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if len(words) not in (2, 3) or not words[1].isdigit():
            raise ValueError(f"line {number} is not `name level allowed,allowed`: {line!r}")
        allowed = frozenset(words[2].split(",")) if len(words) == 3 else frozenset()
        if words[0] in rooms:
            raise ValueError(f"line {number}: room {words[0]} is there twice")
        rooms[words[0]] = Room(int(words[1]), allowed)
    return rooms


def check_permissions(rooms, rooms_path):
    """Rooms may name only rooms that exist and lie strictly lower."""
    for number, (name, room) in enumerate(rooms.items(), 1):
        for other in sorted(room.allowed):
            if other not in rooms:
                yield Violation(rooms_path, number,
                                f"room {name} may include {other}, which is no room")
            elif rooms[other].level >= room.level:
                yield Violation(rooms_path, number,
                                f"room {name} (level {room.level}) may include {other} "
                                f"(level {rooms[other].level}): not strictly down")


def check_folders(rooms, house, rooms_path):
    """Every folder is a room, and every room a folder."""
    folders = {path.name for path in house.iterdir() if path.is_dir()}
    for name in sorted(folders - rooms.keys()):
        yield Violation(f"portolan/{name}", 1,
                        "this folder is not a room: add room() in portolan/CMakeLists.txt")
    for name in sorted(rooms.keys() - folders):
        yield Violation(rooms_path, 1, f"room {name} has no folder portolan/{name}")


def check_include(target, room_name, rooms, path):
    """What is wrong with an include of `target` in the file `path` (from the source folder)."""
    parts = target.split("/")
    if parts[0] == "apps":
        yield f'"{target}": a room never includes from apps/'
    if ".." in parts or "." in parts:
        yield f'"{target}": write the path from the source folder'
    if parts[0] == "portolan" and len(parts) > 2:
        other = parts[1]
        room = rooms.get(room_name)
        if other not in rooms:
            yield f'"{target}": {other} is no room'
        elif room is not None and other != room_name and other not in room.allowed:
            yield f'"{target}": room {room_name} may not include {other}'
        if "testing" in parts[2:-1] and not may_use_fakes(path):
            yield f'"{target}": fakes are for _test.cc, _fuzz.cc and testing/ only'
    if path.suffix == ".h":
        if target.startswith(HEAVY):
            yield f"<{target}>: too heavy for a header; include it in the .cc file"
        if target.startswith(ASIO) and path.parts[1] != "async":
            yield f"<{target}>: only headers of room async may include Asio"


def may_use_fakes(path):
    return path.name.endswith(("_test.cc", "_fuzz.cc")) or "testing" in path.parts[2:-1]


def check_file(source, path, rooms):
    lines = path.read_text(encoding="utf-8").splitlines()
    relative = path.relative_to(source)
    room_name = relative.parts[1]
    if path.suffix == ".h" and not any(line.strip() == "#pragma once" for line in lines):
        yield Violation(str(relative), 1, "this header has no #pragma once")
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match is None:
            continue
        for message in check_include(match.group(1), room_name, rooms, relative):
            yield Violation(str(relative), number, message)


def check(source, rooms_file):
    """All violations, and the number of files that were read."""
    rooms = read_rooms(rooms_file.read_text(encoding="utf-8"))
    house = source / "portolan"
    violations = [*check_permissions(rooms, str(rooms_file)),
                  *check_folders(rooms, house, str(rooms_file))]
    files = sorted(path for path in house.glob("*/**/*")
                   if path.suffix in (".h", ".cc") and path.is_file())
    for path in files:
        violations += check_file(source, path, rooms)
    return violations, len(files), len(rooms)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        violations, files, rooms = check(pathlib.Path(arguments[0]), pathlib.Path(arguments[1]))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for violation in violations:
        print(violation)
    if violations:
        return 1
    if files == 0:
        print(f"{arguments[0]}/portolan holds no source file", file=sys.stderr)
        return 1
    print(f"{files} files in {rooms} rooms: includes go down")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
