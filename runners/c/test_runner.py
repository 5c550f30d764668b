"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, once it is built."""

import resource
import sys

sys.path.insert(0, "..")

import wire_test


class CRunner(wire_test.RunnerTest):
    def test_a_thread_can_be_given_a_stack_of_another_size(self):
        self.run_job(self.job("c-pthreads", "hold", 20, {"stack_bytes": 256 * 1024}))
        self.assert_refused(self.job("c-pthreads", "spawn", params={"stack_bytes": 1}), "unsupported", "stack_bytes")

    def test_more_than_the_machine_has_room_for_is_refused_with_the_limit(self):
        self.assert_refused(self.job("c-pthreads", "hold", 1 << 30), "unsupported", "leaves room for")

        def few_files():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        for cell in self.cells("request"):
            self.assert_refused(self.job(*cell, tasks=100), "unsupported", "limit is 64", preexec_fn=few_files)

    def test_an_escape_is_refused_where_there_is_none(self):
        self.assert_refused(self.job("c-pthreads", "blocking", params={"call": 1}), "unsupported", "escape")
