"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder; its arithmetic has tests of
its own, `node --test`."""

import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import wire_test


class NodeRunner(wire_test.RunnerTest):
    folder = FOLDER

    def test_tokens_that_numbers_cannot_hold_are_refused(self):
        self.assert_refused(self.job("node-promises", "spawn", seed=(1 << 53) - 2), "unsupported", "2^53")

    def test_a_timer_that_would_be_cut_is_refused(self):
        job = self.job("node-promises", "sleep", params={"duration_ns": 1 << 52})
        self.assert_refused(job, "unsupported", "2147483647 ms")


if __name__ == "__main__":
    unittest.main()
