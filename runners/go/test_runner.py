"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, once it is built; its arithmetic
has tests of its own, `go test`."""

import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import wire_test


class GoRunner(wire_test.RunnerTest):
    folder = FOLDER

    def test_seeds_of_64_bits_wrap(self):
        for cell in self.cells("spawn", "yield", "ping-pong", "cpu"):
            with self.subTest(cell):
                self.run_job(self.job(*cell, tasks=100, seed=(1 << 64) - 50))

    def test_goroutines_run_on_any_number_of_workers(self):
        for workers in (1, 2, 7):
            self.run_job(self.job("go-goroutines", "hold", 50, workers=workers))


if __name__ == "__main__":
    unittest.main()
