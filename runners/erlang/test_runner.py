"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, once it is built."""

import sys

sys.path.insert(0, "..")

import wire_test


class ErlangRunner(wire_test.RunnerTest):
    def test_more_processes_than_the_emulator_has_room_for_are_refused_with_the_limit(self):
        self.assert_refused(self.job("erlang-processes", "hold", 1 << 28), "unsupported", "leaves room for", "+P")
