#!/usr/bin/env python3
"""Tests of check_security.py: each kind of violation is found, and what is right is not one."""

import unittest

import check_security

HEAD = "| what | rule | tests |\n|---|---|---|\n"
SOURCES = {"a_test.cc": "TEST_F(Suite, Name) {  // CVE-2020-1\nTEST(Other,\n     Long) {"}


class CheckTest(unittest.TestCase):
    def found(self, rows, sources=None):
        return list(check_security.check(HEAD + rows, SOURCES if sources is None else sources))

    def test_what_is_right(self):
        self.assertEqual(self.found("| CVE-2020-1 | r | `Suite.Name`, `Other.Long` |\n| x | r | does not apply: no x |\n"), [])

    def test_a_test_that_is_not_there(self):
        self.assertIn("no test Suite.Gone", self.found("| CVE-2020-1 | r | `Suite.Gone` |\n")[0])

    def test_a_row_without_a_test(self):
        self.assertIn("no reason", self.found("| CVE-2020-1 | r | soon |\n")[0])

    def test_a_cve_that_is_not_listed(self):
        self.assertEqual(self.found("| x | r | `Suite.Name` |\n"), ["a_test.cc: CVE-2020-1 is not in docs/security.md"])

    def test_no_table(self):
        self.assertEqual(self.found("", {}), ["docs/security.md: there is no table"])


if __name__ == "__main__":
    unittest.main()
