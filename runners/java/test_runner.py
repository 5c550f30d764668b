"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, once it is built; with a JDK 21 or
later first on the PATH virtual threads are tested as well."""

import os
import sys

sys.path.insert(0, "..")

import wire_test


class JavaRunner(wire_test.RunnerTest):
    def test_a_pool_has_no_more_tasks_side_by_side_than_workers(self):
        job = self.job("java-thread-pool", "hold", 3, workers=2)
        self.assert_refused(job, "unsupported", "2 workers", "--workers 3")

    def test_more_threads_than_the_machine_has_room_for_are_refused_with_the_limit(self):
        self.assert_refused(self.job("java-threads", "hold", 1 << 30), "unsupported", "leaves room for")

    def test_threads_cannot_be_kept_from_cpus(self):
        job = self.job("java-threads", "spawn", workers=os.cpu_count() + 1)
        self.assert_refused(job, "unsupported", "workers", "CPUs")
