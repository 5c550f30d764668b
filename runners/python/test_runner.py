"""Drives main.py over the wire, as the harness does. Run as `python3 -m unittest` in this folder.

NOTE: no test expects anything of a duration but that no sleep is shorter than asked.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from array import array
from collections import namedtuple
from itertools import product

import limits
import serving

FOLDER = os.path.dirname(os.path.abspath(__file__))
RUNTIMES = ["python-threading", "python-thread-pool", "python-asyncio"]
WORKLOADS = ["sleep", "spawn", "hold"]
USAGE = {
    "cpu_user_ns",
    "cpu_system_ns",
    "switches_voluntary",
    "switches_involuntary",
    "faults_minor",
    "faults_major",
}
SEED = (1 << 64) - 50  # tokens wrap from task 50 on
HANGS_AFTER_SECONDS = 120

Span = namedtuple("Span", "start_ns finish_ns")


class Runner:
    """A runner process, spoken to a line at a time."""

    def __init__(self, *arguments, options=(), **popen):
        self.process = subprocess.Popen(
            [sys.executable, *options, "main.py", *arguments],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **popen,
        )
        self.watchdog = threading.Timer(HANGS_AFTER_SECONDS, self.process.kill)
        self.watchdog.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.watchdog.cancel()

    def say(self, line):
        self.process.stdin.write(line if isinstance(line, bytes) else (line + "\n").encode())
        self.process.stdin.flush()

    def hear(self):
        """The next event."""
        return json.loads(self.process.stdout.readline())

    def end(self):
        """Ends the runner's input; (exit status, what else it printed, its errors)."""
        out, errors = self.process.communicate()
        return self.process.returncode, out, errors.decode()


def job(runtime, workload, tasks=1, **changes):
    params = {"duration_ns": 1_000_000, "jitter_ns": 0} if workload == "sleep" else {}
    fields = {
        "protocol": 1,
        "runtime": runtime,
        "workload": workload,
        "tasks": tasks,
        "workers": 128 if runtime == "python-thread-pool" else 1,
        "rounds": 1,
        "params": params,
        "seed": SEED,
        "some_later_key": "to be ignored",
    }
    return {**fields, **changes}


class RunnerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.spans_file = os.path.join(folder.name, "spans")

    def run_job(self, fields):
        """Plays the harness for one job that is expected to be done; the `done` event."""
        with Runner() as runner:
            runner.say(json.dumps(fields))
            self.assertEqual(runner.hear(), {"event": "ready"})
            runner.say("go")
            if fields["workload"] == "hold":
                for _ in range(fields["rounds"]):
                    self.assertEqual(runner.hear(), {"event": "holding"})
                    runner.say("go")
            done = runner.hear()
            self.assertEqual(done["event"], "done")
            self.assertFalse(os.path.exists(self.spans_file), "spans are written after end of input")
            self.assertEqual(runner.end(), (0, b"", ""))
        self.assertEqual(len(done["rounds"]), fields["rounds"])
        expected = str(sum(fields["seed"] + index for index in range(fields["tasks"])) % (1 << 64))
        for report in done["rounds"]:
            self.assertEqual(report["completed"], fields["tasks"])
            self.assertEqual(report["checksum"], expected)
        return done

    def read_spans(self, done):
        """Takes the spans away, round by round; each runs forwards and lies within its makespan."""
        words = array("Q")
        with open(self.spans_file, "rb") as file:
            words.frombytes(file.read())
        os.remove(self.spans_file)
        if sys.byteorder == "big":
            words.byteswap()
        spans = [Span(*pair) for pair in zip(words[0::2], words[1::2])]
        tasks = done["rounds"][0]["completed"]
        self.assertEqual(len(spans), tasks * len(done["rounds"]))
        rounds = [spans[first:first + tasks] for first in range(0, len(spans), tasks)]
        for report, round_spans in zip(done["rounds"], rounds):
            for span in round_spans:
                self.assertLessEqual(span.start_ns, span.finish_ns)
                self.assertLessEqual(span.finish_ns, report["makespan_ns"])
        return rounds

    def assert_refused(self, line, status, *words):
        with Runner() as runner:
            runner.say(line if isinstance(line, (bytes, str)) else json.dumps(line))
            refused = runner.hear()
            self.assertEqual((refused["event"], refused["status"]), ("refused", status), refused)
            for word in words:
                self.assertIn(word, refused["reason"])
            self.assertEqual(runner.end(), (0, b"", ""))


def cells(*workloads):
    """Each runtime with each of the workloads, at each size."""
    return product(RUNTIMES, workloads, (1, 2, 100))


class EveryRuntimeAndWorkload(RunnerTest):
    def test_each_round_completes_every_task_and_delivers_every_token(self):
        for cell in cells(*WORKLOADS):
            with self.subTest(cell):
                done = self.run_job(job(*cell, rounds=2))
                self.assertTrue(all(report["makespan_ns"] > 0 for report in done["rounds"]))
                self.assertEqual(set(done["usage"]), USAGE)
                self.assertTrue(all(type(value) is int and value >= 0 for value in done["usage"].values()))
                self.assertFalse(os.path.exists(self.spans_file), "nobody asked for spans")

    def test_no_sleep_is_early_and_the_spans_stand_in_the_order_of_the_tasks(self):
        for cell in cells("sleep"):
            with self.subTest(cell):
                # Jitter gives each task a length of its own, so that a span in the wrong place shows.
                params = {"duration_ns": 1_000_000, "jitter_ns": 2_000_000}
                done = self.run_job(job(*cell, rounds=2, params=params, spans_file=self.spans_file))
                for spans in self.read_spans(done):
                    for index, span in enumerate(spans):
                        jitter = serving.splitmix64((SEED + index) % (1 << 64)) % 2_000_001
                        self.assertGreaterEqual(span.finish_ns - span.start_ns, 1_000_000 + jitter)

    def test_all_tasks_of_hold_are_alive_at_one_instant(self):
        for cell in cells("hold"):
            with self.subTest(cell):
                done = self.run_job(job(*cell, rounds=2, spans_file=self.spans_file))
                for spans in self.read_spans(done):
                    last_start = max(span.start_ns for span in spans)
                    first_finish = min(span.finish_ns for span in spans)
                    self.assertLess(last_start, first_finish)

    def test_the_time_the_harness_takes_to_look_is_no_part_of_the_round(self):
        for runtime in RUNTIMES:
            with self.subTest(runtime), Runner() as runner:
                runner.say(json.dumps(job(runtime, "hold", 10)))
                runner.hear()
                began = time.perf_counter_ns()
                runner.say("go")
                runner.hear()
                looking = time.perf_counter_ns()
                time.sleep(0.1)
                looked = time.perf_counter_ns() - looking
                runner.say("go")
                makespan = runner.hear()["rounds"][0]["makespan_ns"]
                self.assertLessEqual(makespan, time.perf_counter_ns() - began - looked)

    def test_a_pool_with_fewer_workers_than_tasks_still_does_them_all(self):
        for workers in (1, 3):
            fields = job("python-thread-pool", "sleep", 10, workers=workers, spans_file=self.spans_file)
            (spans,) = self.read_spans(self.run_job(fields))
            for span in spans:
                in_flight = sum(other.start_ns <= span.start_ns < other.finish_ns for other in spans)
                self.assertLessEqual(in_flight, workers)

    def test_a_pool_holds_as_many_tasks_as_it_has_workers(self):
        self.run_job(job("python-thread-pool", "hold", 20, workers=20, rounds=3))

    def test_a_thread_can_be_given_a_stack_of_another_size(self):
        self.run_job(job("python-threading", "hold", 20, params={"stack_bytes": 256 * 1024}))


class Refusals(RunnerTest):
    def test_what_this_runner_does_not_have_is_refused_by_name(self):
        self.assert_refused(job("python-trio", "sleep"), "unsupported", "python-trio")
        for runtime in RUNTIMES:
            self.assert_refused(job(runtime, "slep"), "unsupported", runtime, "slep")

    def test_another_version_of_the_protocol_is_refused(self):
        for version in (0, 2, "1", None):
            fields = job("python-asyncio", "sleep", protocol=version)
            self.assert_refused(fields, "protocol-error", "protocol")

    def test_rubbish_is_refused_and_quoted(self):
        self.assert_refused("Segmentation fault", "protocol-error", "Segmentation fault")
        self.assert_refused(b"\xff\xfe\n", "protocol-error")
        self.assert_refused("[" * 100_000, "protocol-error")
        self.assert_refused("[1]", "protocol-error", "object")
        self.assert_refused("{}", "protocol-error")

    def test_a_job_that_makes_no_sense_is_refused_with_the_field(self):
        for field, value in [
            ("tasks", 0), ("tasks", -1), ("tasks", 1.5), ("tasks", True), ("rounds", 0), ("workers", 0),
            ("seed", 1 << 64), ("seed", "7"), ("params", []), ("runtime", None), ("spans_file", 3),
        ]:
            with self.subTest(field=field, value=value):
                fields = {**job("python-asyncio", "spawn"), field: value}
                self.assert_refused(fields, "protocol-error", field)

    def test_more_workers_than_a_runtime_can_have_are_refused(self):
        for runtime in ("python-threading", "python-asyncio"):
            self.assert_refused(job(runtime, "spawn", workers=2), "unsupported", "at most 1")

    def test_a_pool_cannot_hold_more_tasks_than_it_has_workers(self):
        fields = job("python-thread-pool", "hold", 3, workers=2)
        self.assert_refused(fields, "unsupported", "a pool of 2 workers", "--workers 3")

    def test_more_threads_than_can_be_alive_at_once_are_refused_with_the_limit(self):
        fields = job("python-threading", "hold", 1 << 30)
        self.assert_refused(fields, "unsupported", "leaves room for", " = ")
        fields = job("python-thread-pool", "hold", 1 << 30, workers=1 << 30)
        self.assert_refused(fields, "unsupported", "leaves room for", " = ")

    def test_a_stack_size_that_the_interpreter_refuses_is_refused(self):
        fields = job("python-threading", "spawn", params={"stack_bytes": 1})
        self.assert_refused(fields, "unsupported", "stack_bytes")

    def test_a_word_other_than_go_is_refused(self):
        with Runner() as runner:
            runner.say(json.dumps(job("python-threading", "spawn")))
            runner.hear()
            runner.say("stop")
            refused = runner.hear()
            self.assertEqual(refused["status"], "protocol-error")
            self.assertIn("stop", refused["reason"])
            self.assertEqual(runner.end(), (0, b"", ""))


class Endings(RunnerTest):
    def test_end_of_input_before_a_job_is_a_clean_end(self):
        with Runner() as runner:
            self.assertEqual(runner.end(), (0, b"", ""))

    def test_end_of_input_at_ready_is_a_clean_end(self):
        for runtime in RUNTIMES:
            with Runner() as runner:
                runner.say(json.dumps(job(runtime, "sleep")))
                self.assertEqual(runner.hear(), {"event": "ready"})
                self.assertEqual(runner.end(), (0, b"", ""))

    def test_end_of_input_while_tasks_are_held_is_a_clean_end(self):
        for runtime in RUNTIMES:
            with Runner() as runner:
                runner.say(json.dumps(job(runtime, "hold", 10)))
                runner.hear()
                runner.say("go")
                self.assertEqual(runner.hear(), {"event": "holding"})
                self.assertEqual(runner.end(), (0, b"", ""))

    def test_a_thread_that_cannot_start_ends_the_runner_with_the_reason(self):
        def little_address_space():
            resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

        fields = job("python-threading", "hold", 100, params={"stack_bytes": 256 << 20})
        with Runner(preexec_fn=little_address_space) as runner:
            runner.say(json.dumps(fields))
            runner.hear()
            runner.say("go")
            status, out, errors = runner.end()
        self.assertEqual((status, out), (1, b""))
        last_line = errors.splitlines()[-1]
        self.assertRegex(last_line, "python-threading: hold with 100 tasks: RuntimeError: .*thread")


class Questions(RunnerTest):
    def ask(self, *arguments, options=()):
        with Runner(*arguments, options=options) as runner:
            status, out, errors = runner.end()
        self.assertEqual(status, 0)
        self.assertEqual(out.count(b"\n"), 1)
        return json.loads(out), errors

    def test_describe_names_the_runtimes_with_all_that_the_wire_wants(self):
        answer, errors = self.ask("describe")
        self.assertEqual(errors, "")
        self.assertEqual(answer["protocol"], 1)
        self.assertEqual([runtime["name"] for runtime in answer["runtimes"]], RUNTIMES)
        for runtime in answer["runtimes"]:
            self.assertEqual(runtime["language"], "python")
            self.assertEqual(runtime["workloads"], WORKLOADS)
            self.assertTrue(runtime["version"] and runtime["model"])

    def test_runner_toml_names_the_same_runtimes(self):
        with open(os.path.join(FOLDER, "runner.toml")) as file:
            self.assertIn(f"runtimes = {json.dumps(RUNTIMES)}", file.read())

    def test_every_runtime_starts_here(self):
        for runtime in RUNTIMES:
            self.assertEqual(self.ask("probe", runtime)[0], {"available": True})

    def test_a_probe_of_an_unknown_runtime_is_an_answer(self):
        answer, _ = self.ask("probe", "python-trio")
        self.assertFalse(answer["available"])
        self.assertIn("python-trio", answer["reason"])

    def test_any_other_argument_is_a_usage_error(self):
        with Runner("slep") as runner:
            status, out, errors = runner.end()
        self.assertEqual((status, out), (1, b""))
        self.assertIn("usage", errors)

    def test_only_the_runtime_asked_for_is_imported(self):
        def imported(*arguments):
            _, errors = self.ask(*arguments, options=("-X", "importtime"))
            return {line.rpartition("|")[2].strip() for line in errors.splitlines()}

        self.assertFalse({"asyncio", "concurrent.futures"} & imported("describe"))
        self.assertFalse({"asyncio", "concurrent.futures"} & imported("probe", "python-threading"))
        self.assertNotIn("asyncio", imported("probe", "python-thread-pool"))
        self.assertIn("asyncio", imported("probe", "python-asyncio"))


class Arithmetic(unittest.TestCase):
    def test_splitmix64_gives_the_published_sequence(self):
        self.assertEqual(serving.splitmix64(1_234_567), 6_457_827_717_110_365_317)

    def test_a_task_that_delivered_nothing_is_not_counted(self):
        record = serving.Record(serving.Job(job("python-threading", "spawn", 3)))
        record.tokens = [5, None, (1 << 64) - 1]
        self.assertEqual((record.report()["completed"], record.report()["checksum"]), (2, "4"))

    def test_the_time_at_a_checkpoint_is_no_part_of_the_round(self):
        record = serving.Record(serving.Job(job("python-threading", "hold", 1)))
        record.began, record.ended, record.paused_ns = 100, 1000, 600
        record.starts[0], record.finishes[0] = 150, 900
        self.assertEqual(list(record.spans()), [50, 200])
        self.assertEqual(record.report()["makespan_ns"], 300)

    def test_every_limit_leaves_room_for_one_thread_and_some_limit_is_known(self):
        rooms = list(limits.limits())
        self.assertGreater(len(rooms), 1)
        limits.require_threads(1)


if __name__ == "__main__":
    unittest.main()
