"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, once it is built."""

import subprocess
import sys

sys.path.insert(0, "..")

import wire_test


class GoRunner(wire_test.RunnerTest):
    def test_goroutines_run_on_any_number_of_workers(self):
        for workers in (1, 2, 7):
            self.run_job(self.job("go-goroutines", "hold", 50, workers=workers))

    def test_its_arithmetic(self):
        subprocess.run(["go", "test"], check=True, stdout=sys.stderr)
