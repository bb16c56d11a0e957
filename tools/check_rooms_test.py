#!/usr/bin/env python3
"""Tests of check_rooms.py on small houses in a temporary folder: each rule is broken once."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source folder stays clean
import check_rooms

ROOMS = "base 0 \noci 1 base\nasync 1 base\nwire 2 base,oci\n"
GOOD = {
    "base/result.h": "#pragma once\n#include <string>\n",
    "base/testing/fake.h": "#pragma once\n",
    "oci/digest.h": '// A digest.\n#pragma once\n#include "portolan/base/result.h"\n',
    "oci/digest.cc": '#include "portolan/oci/digest.h"\n#include <boost/json.hpp>\n',
    "oci/digest_test.cc": '#include "portolan/base/testing/fake.h"\n',
    "oci/digest_fuzz.cc": '#include "portolan/base/testing/fake.h"\n',
    "oci/testing/more.cc": '#include "portolan/base/testing/fake.h"\n',
    "async/task.h": "#pragma once\n#include <boost/asio/awaitable.hpp>\n",
    "wire/link.cc": '#include "portolan/base/result.h"\n#include "portolan/oci/digest.h"\n',
}


class CheckRoomsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = pathlib.Path(folder.name)

    def check(self, changes=None, rooms=ROOMS):
        """Exit status and output for the good house with `changes` (None: no such file)."""
        for name, text in {**GOOD, **(changes or {})}.items():
            path = self.source / "portolan" / name
            if text is None:
                path.unlink(missing_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        rooms_file = self.source / "rooms.txt"
        rooms_file.write_text(rooms, encoding="utf-8")
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = check_rooms.main([str(self.source), str(rooms_file)])
        return status, output.getvalue()

    def assert_caught(self, expected, changes=None, rooms=ROOMS):
        status, output = self.check(changes, rooms)
        self.assertEqual(status, 1, output)
        self.assertEqual(len(output.splitlines()), 1, output)
        self.assertIn(expected, output)

    def test_good_house(self):
        status, output = self.check()
        self.assertEqual(status, 0, output)
        self.assertEqual(output, "9 files in 4 rooms: includes go down\n")

    def test_include_upwards(self):
        self.assert_caught('portolan/base/x.cc:2: "portolan/oci/digest.h": room base may not',
                           {"base/x.cc": '\n#include "portolan/oci/digest.h"\n'})

    def test_include_sideways(self):
        self.assert_caught("room oci may not include async",
                           {"oci/x.cc": '#include "portolan/async/task.h"\n'})

    def test_include_down_without_permission(self):
        self.assert_caught("room wire may not include async",
                           {"wire/x.h": '#pragma once\n#include "portolan/async/task.h"\n'})

    def test_include_from_testing_folder_counts_too(self):
        self.assert_caught("portolan/base/testing/x.cc:1:",
                           {"base/testing/x.cc": '#include "portolan/oci/digest.h"\n'})

    def test_unusual_spelling_is_seen(self):
        self.assert_caught("room base may not include oci",
                           {"base/x.cc": "  # include <portolan/oci/digest.h>\n"})

    def test_unknown_room(self):
        self.assert_caught("util is no room", {"oci/x.cc": '#include "portolan/util/x.h"\n'})

    def test_folder_that_is_no_room(self):
        self.assert_caught("portolan/util:1: this folder is not a room", {"util/x.cc": "\n"})

    def test_room_without_folder(self):
        self.assert_caught("room server has no folder", rooms=ROOMS + "server 3 base\n")

    def test_permission_sideways(self):
        self.assert_caught("room async (level 1) may include oci (level 1): not strictly down",
                           rooms=ROOMS.replace("async 1 base", "async 1 base,oci"))

    def test_permission_upwards(self):
        self.assert_caught("rooms.txt:2: room oci (level 1) may include wire (level 2)",
                           rooms=ROOMS.replace("oci 1 base\n", "oci 1 base,wire\n"))

    def test_permission_for_what_is_no_room(self):
        self.assert_caught("may include util, which is no room",
                           rooms=ROOMS.replace("oci 1 base\n", "oci 1 base,util\n"))

    def test_apps(self):
        self.assert_caught("never includes from apps/",
                           {"wire/x.cc": '#include "apps/portolan/main.h"\n'})

    def test_relative_path(self):
        self.assert_caught("from the source folder", {"oci/x.cc": '#include "../async/task.h"\n'})

    def test_missing_pragma_once(self):
        self.assert_caught("portolan/oci/x.h:1: this header has no #pragma once",
                           {"oci/x.h": "// #pragma once\n"})

    def test_heavy_header(self):
        for header in ("boost/beast/http.hpp", "boost/beast.hpp", "boost/json.hpp",
                       "boost/json/fwd.hpp", "curl/curl.h", "CLI/CLI.hpp", "toml++/toml.h"):
            with self.subTest(header):
                self.assert_caught("too heavy for a header",
                                   {"wire/x.h": f"#pragma once\n#include <{header}>\n"})

    def test_asio_outside_async(self):
        for header in ("boost/asio.hpp", "boost/asio/awaitable.hpp"):
            with self.subTest(header):
                self.assert_caught("only headers of room async",
                                   {"wire/x.h": f"#pragma once\n#include <{header}>\n"})

    def test_heavy_headers_are_fine_in_cc_files(self):
        text = "#include <boost/asio.hpp>\n#include <curl/curl.h>\n"
        status, output = self.check({"wire/x.cc": text})
        self.assertEqual(status, 0, output)

    def test_fake_in_the_library(self):
        for name, text in (("oci/x.cc", ""), ("oci/x.h", "#pragma once\n"), ("oci/x_tests.cc", "")):
            with self.subTest(name):
                self.assert_caught("fakes are for",
                                   {name: text + '#include "portolan/base/testing/fake.h"\n'})
                (self.source / "portolan" / name).unlink()

    def test_every_violation_is_printed(self):
        text = '#include "portolan/oci/a.h"\n#include "portolan/wire/b.h"\n'
        status, output = self.check({"base/x.cc": text})
        self.assertEqual(status, 1)
        self.assertEqual(len(output.splitlines()), 2, output)

    def test_unreadable_rooms(self):
        self.assert_caught("line 1 is not", rooms="base zero\n")
        self.assert_caught("is there twice", rooms=ROOMS + "base 0\n")

    def test_missing_files(self):
        with contextlib.redirect_stderr(io.StringIO()):
            missing = [str(self.source / "no"), str(self.source / "no.txt")]
            self.assertEqual(check_rooms.main(missing), 1)
            self.assertEqual(check_rooms.main([]), 2)

    def test_empty_house(self):
        changes = {name: None for name in GOOD}
        changes |= {f"{room}/keep": "" for room in ("base", "oci", "async", "wire")}
        self.assert_caught("holds no source file", changes)


if __name__ == "__main__":
    unittest.main()
