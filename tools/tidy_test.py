#!/usr/bin/env python3
"""Tests of tidy.py: which files it joins, and that a mistake is found in a joined file as in one alone."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tidy

BAD = '#include <string>\nstd::string Twice(std::string x) {\n  std::string y = std::move(x);\n  return y + x;\n}\n'


def good(name: str) -> str:
    return f"namespace {{\n\nint {name}(int x) {{\n  return x + 1;\n}}\n\n}}  // namespace\n\nint Use{name}() {{ return {name}(1); }}\n"


class JoinedTest(unittest.TestCase):
    def joined(self, **texts):
        batches = tidy.joined({pathlib.Path(f"/room/{name}.cc"): text for name, text in texts.items()})
        return [[file.stem for file in batch] for batch in batches]

    def test_files_without_a_common_name(self):
        self.assertEqual(self.joined(a=good("A"), b=good("B")), [["a", "b"]])

    def test_files_with_a_common_name(self):
        self.assertEqual(self.joined(a=good("A"), b=good("A"), c=good("C")), [["a", "c"], ["b"]])

    def test_a_common_constant_after_a_function(self):
        text = good("A").replace("}  //", "constexpr std::array<int, 2> kAll{1, 2};\n\n}  //")
        self.assertEqual(tidy.own_names(text), {"A", "kAll"})

    def test_one_that_sets_up_its_headers_comes_first(self):
        self.assertEqual(self.joined(a="", b="#define STRICT\n\n#include <string>\n"), [["b", "a"]])

    def test_folders_are_apart(self):
        self.assertEqual(len(tidy.joined({pathlib.Path("/x/a.cc"): "", pathlib.Path("/y/a.cc"): ""})), 2)

    def test_no_more_than_a_run_takes(self):
        batches = self.joined(**{f"f{i:02}": "" for i in range(tidy.JOINED + 1)})
        self.assertEqual([len(batch) for batch in batches], [tidy.JOINED, 1])


class RunTest(unittest.TestCase):
    def run_on(self, **texts):
        with tempfile.TemporaryDirectory() as folder:
            room = pathlib.Path(folder).resolve() / "portolan" / "room"
            room.mkdir(parents=True)
            build = pathlib.Path(folder) / "build"
            build.mkdir()
            config = pathlib.Path(__file__).resolve().parent.parent / ".clang-tidy"
            (pathlib.Path(folder) / ".clang-tidy").write_text(config.read_text())
            entries = []
            for name, text in texts.items():
                file = room / f"{name}.cc"
                file.write_text(text)
                entries.append({"directory": str(build), "file": str(file),
                                "command": f"clang++-19 -std=c++23 -o {name}.o -c {file}"})
            (build / "compile_commands.json").write_text(json.dumps(entries))
            done = subprocess.run([sys.executable, tidy.__file__, str(build), *(entry["file"] for entry in entries)],
                                  cwd=folder, capture_output=True, text=True, check=False, env=dict(os.environ))
            return done.returncode, done.stdout + done.stderr

    def test_what_is_right(self):
        self.assertEqual(self.run_on(a=good("A"), b=good("B")), (0, "tidy: 2 files in 1 runs, 0 with findings\n"))

    def test_a_mistake_among_others(self):
        status, text = self.run_on(a=good("A"), b="#include <utility>\n" + BAD, c=good("C"))
        self.assertEqual(status, 1)
        self.assertIn("b.cc:5:14: error: 'x' used after it was moved", text)
        self.assertIn("3 files in 1 runs, 1 with findings", text)

    def test_what_only_the_joining_breaks(self):
        self.assertEqual(self.run_on(a="int A() { return 1; }\n#define B 7\n", b="int B() { return 1; }\n")[0], 0)


if __name__ == "__main__":
    unittest.main()
