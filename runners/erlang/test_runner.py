"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, once it is built."""

import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import wire_test


class ErlangRunner(wire_test.RunnerTest):
    folder = FOLDER

    def test_seeds_of_64_bits_wrap(self):
        for cell in self.cells("spawn", "ping-pong", "cpu"):
            with self.subTest(cell):
                self.run_job(self.job(*cell, tasks=100, seed=(1 << 64) - 50))

    def test_more_processes_than_the_emulator_has_room_for_are_refused_with_the_limit(self):
        self.assert_refused(self.job("erlang-processes", "hold", 1 << 28), "unsupported", "leaves room for", "+P")


if __name__ == "__main__":
    unittest.main()
