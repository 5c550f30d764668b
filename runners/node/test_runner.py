"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder."""

import subprocess
import sys

sys.path.insert(0, "..")

import wire_test


class NodeRunner(wire_test.RunnerTest):
    def test_a_timer_that_would_be_cut_is_refused(self):
        job = self.job("node-promises", "sleep", params={"duration_ns": 1 << 52})
        self.assert_refused(job, "unsupported", "2147483647 ms")

    def test_its_arithmetic(self):
        subprocess.run(["node", "--test"], check=True, stdout=sys.stderr)
