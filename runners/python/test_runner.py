"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, by the Python that is to be tested."""

import multiprocessing
import os
import resource
import signal
import struct
import subprocess
import sys
import time
import unittest
import unittest.mock

sys.path.insert(0, "..")

import arithmetic
import catalogue
import giving_way
import limits
import serving
import wire_test
from job import Job, Refused
from wire_test import HANGS_AFTER_SECONDS, MS

WORKERS_ARE_CHILDREN = unittest.skipUnless(
    catalogue.START_METHOD == "fork", "workers are children of a process between"
)


class PythonRunner(wire_test.RunnerTest):
    starts_workers_late = ("python-thread-pool",)

    def test_every_runtime_starts_here(self):
        self.assertEqual(set(self.runtimes), set(catalogue.ABOUT))

    def test_an_interpreter_that_is_too_old_ends_as_one_that_cannot_run(self):
        old = "import sys; sys.version_info = (3, 6, 15, 'final', 0); import main"
        ended = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stderr), (126, "Python 3.6 is too old: 3.9 or later is needed\n"))

    def test_workers_where_affinity_is_forbidden_are_unavailable(self):
        import runtime_threading

        with unittest.mock.patch.object(os, "sched_setaffinity", side_effect=PermissionError(1, "no")):
            with self.assertRaisesRegex(Refused, "sched_setaffinity") as refused:
                runtime_threading.restrict_to_cpus(1)
        self.assertEqual(refused.exception.status, "unavailable")

    def test_what_was_used_is_counted(self):
        counts = {"cpu_user_ns", "cpu_system_ns", "switches_voluntary", "switches_involuntary"}
        for name in self.runtimes:
            usage = self.play(self.job(name, "spawn"))[0]["usage"]
            self.assertEqual(set(usage), counts | {"faults_minor", "faults_major"})
            self.assertTrue(all(type(value) is int and value >= 0 for value in usage.values()))

    # -------------------------------------------------------------------------------------- threads

    def test_a_pool_with_fewer_workers_than_tasks_still_does_them_all(self):
        for workers in (1, 3):
            (spans,) = self.run_job(self.job("python-thread-pool", "sleep", 10, workers=workers))
            self.assertLessEqual(most_in_flight(spans), workers)

    def test_a_pool_holds_as_many_tasks_as_it_has_workers(self):
        self.run_job(self.job("python-thread-pool", "hold", 20, workers=20, rounds=3))

    def test_a_pool_has_no_more_tasks_side_by_side_than_workers(self):
        job = self.job("python-thread-pool", "hold", 3, workers=2)
        self.assert_refused(job, "unsupported", "a pool of 2 workers", "--workers 3")
        job = self.job("python-thread-pool", "ping-pong", 4, workers=3)
        self.assert_refused(job, "unsupported", "a pool of 3 workers", "--workers 4")
        job = self.job("python-thread-pool", "mixed", 3, workers=4)
        self.assert_refused(job, "unsupported", "a pool of 4 workers", "--workers 5")

    def test_a_thread_can_be_given_a_stack_of_another_size(self):
        self.run_job(self.job("python-threading", "hold", 20, {"stack_bytes": 256 * 1024}))
        job = self.job("python-threading", "spawn", params={"stack_bytes": 1})
        self.assert_refused(job, "unsupported", "stack_bytes")

    def test_threads_run_on_as_many_cpus_as_there_are_workers(self):
        cpus = sorted(os.sched_getaffinity(0))
        for workers in {1, len(cpus)}:
            with self.runner() as runner:
                runner.say(self.job("python-threading", "cpu", workers=workers))
                runner.hear()
                self.assertEqual(os.sched_getaffinity(runner.process.pid), set(cpus[:workers]))

    def test_more_threads_than_can_be_alive_at_once_are_refused_with_the_limit(self):
        for job in [
            self.job("python-threading", "hold", 1 << 30),
            self.job("python-thread-pool", "hold", 1 << 30, workers=1 << 30),
            self.job("python-threading", "skynet", 1 << 20),
            self.job("python-threading", "sleep", 1 << 17, {"duration_ns": 1 << 50}),
            self.job("python-multiprocessing", "spawn", workers=1 << 30),
        ]:
            self.assert_refused(job, "unsupported", "leaves room for", " = ")

    def test_a_thread_that_cannot_start_ends_the_runner_with_the_reason(self):
        def little_address_space():
            resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

        with self.runner(preexec_fn=little_address_space) as runner:
            runner.say(self.job("python-threading", "hold", 100, {"stack_bytes": 256 << 20}))
            runner.hear()
            runner.say(self.go("hold"))
            status, out, errors = runner.end()
        self.assertEqual((status, out), (1, b""))
        self.assertRegex(errors.splitlines()[-1], "python-threading: hold with 100 tasks: RuntimeError: .*thread")

    # ------------------------------------------------------------------------------------ processes

    def test_tasks_in_chunks_of_any_size_by_any_number_of_workers_are_all_done(self):
        for workers, chunk_tasks in ((1, 0), (3, 1), (3, 1000)):
            with self.subTest(workers=workers, chunk_tasks=chunk_tasks):
                params = {"chunk_tasks": chunk_tasks}
                self.run_job(self.job("python-multiprocessing", "spawn", 100, params, workers=workers))

    def test_what_the_workers_use_is_counted(self):
        def cpu_ns(runtime):
            usage = self.play(self.job(runtime, "cpu", 100, {"steps": 2000}))[0]["usage"]
            return usage["cpu_user_ns"] + usage["cpu_system_ns"]

        # The same work; not the same time, as CPUs that share a core slow each other down.
        self.assertGreater(cpu_ns("python-multiprocessing"), cpu_ns("python-sequential") / 4)

    @WORKERS_ARE_CHILDREN
    def test_all_workers_are_there_at_ready_and_none_outlives_the_runner(self):
        with self.runner() as runner:
            runner.say(self.job("python-multiprocessing", "spawn", workers=3))
            runner.hear()
            self.assertEqual(len(children_of(runner)), 3)
            runner.process.kill()
            # The workers have inherited both pipes: these end only once all have gone.
            runner.process.communicate(timeout=HANGS_AFTER_SECONDS)

    @WORKERS_ARE_CHILDREN
    def test_a_worker_that_is_killed_ends_the_runner_with_the_reason(self):
        with self.runner() as runner:
            runner.say(self.job("python-multiprocessing", "sleep", 1, {"duration_ns": 10**12}))
            runner.hear()
            runner.say(self.go("sleep"))
            os.kill(children_of(runner)[0], signal.SIGKILL)
            status, out, errors = runner.end()
        self.assertEqual((status, out), (1, b""))
        self.assertIn("python-multiprocessing: sleep with 1 tasks: ChildProcessError", errors)

    def test_the_start_method_of_processes_is_stated(self):
        self.assertEqual(catalogue.START_METHOD, multiprocessing.get_start_method())

    # ------------------------------------------------------------------------ what else is particular

    def test_the_calls_of_a_task_that_escapes_do_not_wait_for_one_another(self):
        def in_flight(call):
            (spans,) = self.run_job(self.job("python-asyncio", "blocking", 20, {"call": call}))
            return most_in_flight(spans)

        self.assertEqual(in_flight(call=0), 1)
        self.assertGreater(in_flight(call=1), 1)

    def test_an_escape_is_refused_where_there_is_none(self):
        for name in ("python-threading", "python-thread-pool", "python-sequential"):
            self.assert_refused(self.job(name, "blocking", params={"call": 1}), "unsupported", "naive")

    def test_more_sockets_than_files_may_be_open_are_refused_with_the_mend(self):
        def few_files():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        for name in ("python-threading", "python-thread-pool", "python-asyncio"):
            for workload in ("request", "echo", "brigade"):
                job = self.job(name, workload, 100)
                self.assert_refused(job, "unsupported", "limit is 64", "ulimit -n", preexec_fn=few_files)

    def test_parameters_that_make_no_sense_are_refused_with_what_would(self):
        for workload, name, value, words in [
            ("yield", "times", 0, "at least 1"),
            ("fan-in", "capacity", 0, "at least 1"),
            ("mutex", "across", 2, "one of nothing, yield"),
            ("mixed", "times", 0, "at least 1"),
            ("mixed", "burners", 0, "at least 1"),
            ("mixed", "slices", 0, "at least 1"),
            ("mixed", "policy", 2, "one of yield, hog"),
            ("cpu", "kernel", 2, "one of integer, sha256"),
            ("blocking", "call", 2, "one of naive, escape"),
        ]:
            with self.subTest(workload, name=name):
                job = self.job("python-asyncio", workload, params={name: value})
                self.assert_refused(job, "protocol-error", f"{name} = {value}", words)

    def test_an_origin_that_is_none_is_refused(self):
        for value in (None, 7, "", "127.0.0.1", ":80", "127.0.0.1:http"):
            with self.subTest(value):
                self.assert_go_is_refused(("python-asyncio", "request"), self.go("request", origin=value), "origin")

    def test_only_the_runtime_asked_for_is_imported(self):
        def imported(*arguments):
            command = [sys.executable, "-X", "importtime", "main.py", *arguments]
            errors = subprocess.run(command, capture_output=True, check=True, text=True).stderr
            return {line.rpartition("|")[2].strip() for line in errors.splitlines()}

        self.assertFalse({"asyncio", "concurrent.futures"} & imported("describe"))
        heavy = {"asyncio", "concurrent.futures", "hashlib", "mmap", "multiprocessing", "queue", "socket"}
        self.assertFalse(heavy & imported("probe", "python-threading"))
        self.assertFalse(heavy & imported("probe", "python-sequential"))
        self.assertNotIn("asyncio", imported("probe", "python-thread-pool"))
        self.assertIn("asyncio", imported("probe", "python-asyncio"))


def most_in_flight(spans):
    return max(sum(begun <= start < ended for begun, ended in spans) for start, _ in spans)


def children_of(runner):
    """The process ids of its workers."""
    pid = runner.process.pid
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def job(workload, tasks, **params):
    """A job as the runner itself reads it."""
    fields = {"protocol": 2, "runtime": "python-threading", "workload": workload, "params": params, "tasks": tasks}
    job = Job({**fields, "workers": 1, "rounds": 1})
    job.tell({"seed": 0, "origin": "127.0.0.1:1", "file": "/dev/null"})
    return job


class Arithmetic(unittest.TestCase):
    def test_splitmix64_gives_the_published_sequence(self):
        self.assertEqual(arithmetic.splitmix64(1_234_567), 6_457_827_717_110_365_317)

    def test_a_task_that_delivered_nothing_is_not_counted(self):
        record = serving.Record(job("spawn", 3))
        record.returned = [5, None, (1 << 64) - 1]
        self.assertEqual((record.report()["completed"], record.report()["checksum"]), (2, "4"))

    def test_the_time_at_a_checkpoint_is_no_part_of_the_round(self):
        record = serving.Record(job("hold", 1))
        record.began, record.ended, record.paused_ns = 100, 1000, 600
        record.starts[0], record.finishes[0] = 150, 900
        self.assertEqual(list(record.spans()), [50, 200])
        self.assertEqual(record.report()["makespan_ns"], 300)

    def test_the_kernels_are_those_that_others_compute(self):
        # printf 'abcdefgh%.0s' {1..16} | sha256sum: two steps on the token "abcdefgh".
        token = arithmetic.unpack(b"abcdefgh")
        self.assertEqual(arithmetic.pack(arithmetic.sha256_kernel(2)(token)).hex(), "4d86969d390610cf")
        self.assertEqual(arithmetic.pack(arithmetic.sha256_kernel(0)(token)).hex(), "e3b0c44298fc1c14")
        self.assertEqual(arithmetic.integer_kernel(0)(7), 7)
        twice = arithmetic.splitmix64(arithmetic.splitmix64(7))
        self.assertEqual(arithmetic.integer_kernel(2)(7), twice)

    def test_a_slice_is_cpu_time(self):
        before = time.thread_time_ns()
        arithmetic.burn_slice(5 * MS)
        self.assertGreaterEqual(time.thread_time_ns() - before, 5 * MS)

    def test_no_more_threads_wait_together_than_start_while_the_first_one_waits(self):
        def alive(workload, **params):
            return limits.most_alive(job(workload, 1000, **params))

        self.assertEqual(alive("hold"), 1000)
        self.assertEqual(alive("sleep", duration_ns=MS, jitter_ns=MS), 101)
        self.assertEqual(alive("sleep", duration_ns=1000 * MS), 1000)
        self.assertEqual(alive("request", duration_ns=MS), 51)
        self.assertEqual(alive("mixed", duration_ns=MS, times=2, burners=3), 104)
        self.assertEqual(alive("spawn"), 1)
        self.assertEqual(alive("ping-pong"), 1000)
        self.assertEqual(alive("fan-in"), 1001)
        self.assertEqual(alive("skynet"), 1111)

    def test_a_tree_of_tasks_has_as_many_leaves_as_asked(self):
        ones = [(leaf, 1) for leaf in range(9, 17)]
        self.assertEqual(list(arithmetic.skynet_children(5, 12)), [(5, 2), (7, 2), *ones])
        self.assertEqual([arithmetic.skynet_nodes(leaves) for leaves in (1, 10, 12, 1_000_000)], [1, 11, 15, 1_111_111])

    def test_blocks_of_a_file_are_read_where_the_protocol_says(self):
        read = job("file-read", 1, times=3, file_bytes=16384 * 4096)
        offsets = [arithmetic.block_offset(7, index, 16384) for index in range(3)]
        self.assertEqual(offsets, [block * 4096 for block in (3653, 15241, 1771)])
        self.assertEqual(len(read.offsets), 3)

    def test_the_words_of_a_block_are_added_up_and_wrap(self):
        for block in (bytes(range(256)) * 16, b"\xff" * 4096):
            words = struct.unpack("<512Q", block)
            self.assertEqual(arithmetic.block_sum(block), sum(words) % (1 << 64))

    def test_what_is_added_beside_the_results_of_tasks_is_in_the_sum_and_no_task(self):
        record = serving.Record(job("fan-in", 2))
        record.returned, record.added = [1, 2], (1 << 64) - 1
        self.assertEqual((record.report()["completed"], record.report()["checksum"]), (2, "2"))

    def test_threads_yield_only_where_that_lets_others_run(self):
        giving = job("mutex", 2, across=1)
        with unittest.mock.patch.object(giving_way, "LETS_OTHERS_RUN", False):
            self.assertRaisesRegex(Refused, "across = nothing", giving_way.require_yield, giving)
            giving_way.require_yield(job("mutex", 2))
        with unittest.mock.patch.object(giving_way, "LETS_OTHERS_RUN", True):
            giving_way.require_yield(giving)

    def test_every_limit_leaves_room_for_one_thread_and_some_limit_is_known(self):
        self.assertTrue(list(limits.mapping_limits()))
        self.assertGreater(len(list(limits.process_limits())), 1)
        limits.require_threads(1)
        limits.require_processes(1)
        limits.require_files(1)
