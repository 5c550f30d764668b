"""Drives main.py over the wire, as the harness does. Run as `python3 -m unittest` in this folder.

NOTE: no test expects anything of a duration but that no sleep is shorter than asked.
"""

import json
import multiprocessing
import os
import resource
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from array import array
from collections import namedtuple

import arithmetic
import catalogue
import limits
import serving
from job import Job

FOLDER = os.path.dirname(os.path.abspath(__file__))
WORKLOADS = {
    "python-threading": ["sleep", "spawn", "hold", "request", "cpu", "mixed", "blocking"],
    "python-thread-pool": ["sleep", "spawn", "hold", "request", "cpu", "mixed", "blocking"],
    "python-asyncio": ["sleep", "spawn", "hold", "yield", "request", "cpu", "mixed", "blocking"],
    "python-multiprocessing": ["sleep", "spawn", "cpu"],
    "python-sequential": ["sleep", "spawn", "request", "cpu", "blocking"],
}
RUNTIMES = list(WORKLOADS)
WORKERS = {"python-thread-pool": 128, "python-multiprocessing": 2}
MS = 1_000_000
PARAMS = {
    "sleep": {"duration_ns": MS, "jitter_ns": 2 * MS},
    "yield": {"times": 10},
    "request": {"duration_ns": MS},
    "cpu": {"steps": 100, "kernel": 0},
    "mixed": {
        "duration_ns": MS, "times": 3, "burners": 2, "slices": 2, "slice_ns": 100_000, "policy": 0,
    },
    "blocking": {"duration_ns": MS, "call": 0},
}
USAGE = {
    "cpu_user_ns",
    "cpu_system_ns",
    "switches_voluntary",
    "switches_involuntary",
    "faults_minor",
    "faults_major",
}
SEED = (1 << 64) - 50  # tokens wrap from task 50 on
SECRET = 0x6B69_6C6F_7461_736B  # known to the origin and to the tests, and not to the runner
HANGS_AFTER_SECONDS = 60

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
            start_new_session=True,
            **popen,
        )
        self.watchdog = threading.Timer(HANGS_AFTER_SECONDS, self.kill)
        self.watchdog.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.communicate()
        self.watchdog.cancel()

    def kill(self):
        """Kills it and all that it started, as the harness does."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # they have ended

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


class Origin(socketserver.ThreadingTCPServer):
    """Stands opposite `request`: answers each number, after a millisecond, with one that takes SECRET."""

    daemon_threads = True
    request_queue_size = 1024

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        def handle(self):
            number = arithmetic.unpack(self.rfile.read(8))
            time.sleep(PARAMS["request"]["duration_ns"] / 1e9)
            self.wfile.write(arithmetic.pack(reply_to(number)))

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def setUpModule():
    global origin
    origin = Origin()
    unittest.addModuleCleanup(origin.server_close)
    unittest.addModuleCleanup(origin.shutdown)


def reply_to(number):
    return arithmetic.splitmix64(number ^ SECRET)


def job(runtime, workload, tasks=1, params=(), **changes):
    fields = {
        "protocol": 1,
        "runtime": runtime,
        "workload": workload,
        "tasks": tasks,
        "workers": WORKERS.get(runtime, 1),
        "rounds": 1,
        "params": {**PARAMS.get(workload, {}), **dict(params)},
        "seed": SEED,
        "some_later_key": "to be ignored",
    }
    if workload == "request":
        fields["origin"] = "%s:%d" % origin.server_address
    return {**fields, **changes}


def expected(fields):
    """What each round must report: how many tasks, and the sum of what they return."""
    workload, params, tasks = fields["workload"], fields["params"], fields["tasks"]
    tokens = [(fields["seed"] + index) % (1 << 64) for index in range(tasks)]
    if workload == "yield":
        returned = [token + params["times"] for token in tokens]
    elif workload == "request":
        returned = [reply_to(token) for token in tokens]
    elif workload == "cpu":
        compute = arithmetic.kernel_of(Job(fields))
        returned = [compute(token) for token in tokens]
    elif workload == "mixed":
        beats, burners = tasks * params["times"], params["burners"]
        slices = burners * params["slices"]
        sum_of_all = sum(fields["seed"] + index for index in range(beats + burners)) + slices
        return tasks + burners, str(sum_of_all % (1 << 64))
    else:
        returned = tokens
    return tasks, str(sum(returned) % (1 << 64))


def asked_ns(fields, index):
    """How long a span has to be at least."""
    params = fields["params"]
    jitter = 0
    if params.get("jitter_ns"):
        jitter = arithmetic.splitmix64((fields["seed"] + index) % (1 << 64)) % (params["jitter_ns"] + 1)
    return params.get("duration_ns", 0) + jitter


class RunnerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.spans_file = os.path.join(folder.name, "spans")

    def run_job(self, fields):
        """Plays the harness for one job that is expected to be done, and asserts what is true of every
        honest trial; the `done` event."""
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
        for report in done["rounds"]:
            self.assertEqual((report["completed"], report["checksum"]), expected(fields))
            self.assertGreater(report["makespan_ns"], 0)
        self.assertEqual(set(done["usage"]), USAGE)
        self.assertTrue(all(type(value) is int and value >= 0 for value in done["usage"].values()))
        return done

    def run_job_for_spans(self, fields):
        """The same, for the spans of each round; each lies within its round and none is too short."""
        done = self.run_job({**fields, "spans_file": self.spans_file})
        words = array("Q")
        with open(self.spans_file, "rb") as file:
            words.frombytes(file.read())
        os.remove(self.spans_file)
        if sys.byteorder == "big":
            words.byteswap()
        spans = [Span(*pair) for pair in zip(words[0::2], words[1::2])]
        a_round = Job(fields).spans()
        self.assertEqual(len(spans), a_round * len(done["rounds"]))
        rounds = [spans[first:first + a_round] for first in range(0, len(spans), a_round or 1)]
        for report, round_spans in zip(done["rounds"], rounds):
            for index, span in enumerate(round_spans):
                self.assertLessEqual(span.finish_ns, report["makespan_ns"])
                self.assertGreaterEqual(span.finish_ns - span.start_ns, asked_ns(fields, index))
        return rounds

    def assert_refused(self, line, status, *words, **popen):
        with Runner(**popen) as runner:
            runner.say(line if isinstance(line, (bytes, str)) else json.dumps(line))
            refused = runner.hear()
            self.assertEqual((refused["event"], refused["status"]), ("refused", status), refused)
            for word in words:
                self.assertIn(word, refused["reason"])
            self.assertEqual(runner.end(), (0, b"", ""))


def cells(*workloads):
    """Each runtime with each of the workloads that it has, at each size."""
    return [
        (runtime, workload, tasks)
        for runtime in RUNTIMES
        for workload in workloads
        for tasks in (1, 2, 100)
        if workload in WORKLOADS[runtime]
    ]


class EveryRuntimeAndWorkload(RunnerTest):
    def test_each_round_proves_its_work_and_no_wait_is_too_short(self):
        # Jitter gives each sleep a length of its own, so that a span in the wrong place shows.
        for cell in cells("sleep", "spawn", "yield", "request", "cpu", "mixed", "blocking"):
            with self.subTest(cell):
                self.run_job_for_spans(job(*cell, rounds=2))

    def test_all_tasks_of_hold_are_alive_at_one_instant(self):
        for cell in cells("hold"):
            with self.subTest(cell):
                for spans in self.run_job_for_spans(job(*cell, rounds=2)):
                    last_start = max(span.start_ns for span in spans)
                    first_finish = min(span.finish_ns for span in spans)
                    self.assertLess(last_start, first_finish)

    def test_the_time_the_harness_takes_to_look_is_no_part_of_the_round(self):
        for runtime, workload, _ in cells("hold")[::3]:
            with self.subTest(runtime), Runner() as runner:
                runner.say(json.dumps(job(runtime, workload, 10)))
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
            (spans,) = self.run_job_for_spans(job("python-thread-pool", "sleep", 10, workers=workers))
            for span in spans:
                in_flight = sum(other.start_ns <= span.start_ns < other.finish_ns for other in spans)
                self.assertLessEqual(in_flight, workers)

    def test_a_pool_holds_as_many_tasks_as_it_has_workers(self):
        self.run_job(job("python-thread-pool", "hold", 20, workers=20, rounds=3))

    def test_a_thread_can_be_given_a_stack_of_another_size(self):
        self.run_job(job("python-threading", "hold", 20, params={"stack_bytes": 256 * 1024}))


    def test_every_kernel_computes_what_it_should(self):
        for runtime in RUNTIMES:
            for params in ({"steps": 0}, {"steps": 0, "kernel": 1}, {"steps": 500, "kernel": 1}):
                with self.subTest(runtime, params=params):
                    self.run_job_for_spans(job(runtime, "cpu", 5, params))

    def test_burners_that_never_yield_end_all_the_same(self):
        for runtime, workload, _ in cells("mixed")[::3]:
            with self.subTest(runtime):
                self.run_job_for_spans(job(runtime, workload, 3, {"policy": 1, "burners": 3}))

    def test_the_calls_of_a_task_that_escapes_do_not_wait_for_one_another(self):
        def in_flight(call):
            (spans,) = self.run_job_for_spans(job("python-asyncio", "blocking", 20, {"call": call}))
            return max(sum(o.start_ns <= span.start_ns < o.finish_ns for o in spans) for span in spans)

        self.assertEqual(in_flight(call=0), 1)
        self.assertGreater(in_flight(call=1), 1)

    def test_threads_run_on_as_many_cpus_as_there_are_workers(self):
        cpus = sorted(os.sched_getaffinity(0))
        for workers in {1, len(cpus)}:
            with Runner() as runner:
                runner.say(json.dumps(job("python-threading", "cpu", workers=workers)))
                runner.hear()
                self.assertEqual(os.sched_getaffinity(runner.process.pid), set(cpus[:workers]))


WORKERS_ARE_CHILDREN = unittest.skipUnless(
    catalogue.START_METHOD == "fork", "workers are children of a process between"
)


class Processes(RunnerTest):
    def test_tasks_in_chunks_of_any_size_by_any_number_of_workers_are_all_done(self):
        for workers, chunk_tasks in ((1, 0), (3, 1), (3, 1000)):
            with self.subTest(workers=workers, chunk_tasks=chunk_tasks):
                params = {"chunk_tasks": chunk_tasks}
                fields = job("python-multiprocessing", "cpu", 100, params, workers=workers)
                self.run_job_for_spans(fields)

    def test_what_the_workers_use_is_counted(self):
        def cpu_ns(runtime):
            usage = self.run_job(job(runtime, "cpu", 100, {"steps": 2000}))["usage"]
            return usage["cpu_user_ns"] + usage["cpu_system_ns"]

        # The same work; not the same time, as CPUs that share a core slow each other down.
        self.assertGreater(cpu_ns("python-multiprocessing"), cpu_ns("python-sequential") / 4)

    @WORKERS_ARE_CHILDREN
    def test_all_workers_are_there_at_ready_and_none_outlives_the_runner(self):
        with Runner() as runner:
            runner.say(json.dumps(job("python-multiprocessing", "spawn", workers=3)))
            runner.hear()
            self.assertEqual(len(children_of(runner)), 3)
            runner.process.kill()
            # The workers have inherited both pipes: these end only once all have gone.
            runner.process.communicate(timeout=HANGS_AFTER_SECONDS)

    @WORKERS_ARE_CHILDREN
    def test_a_worker_that_is_killed_ends_the_runner_with_the_reason(self):
        with Runner() as runner:
            runner.say(json.dumps(job("python-multiprocessing", "sleep", params={"duration_ns": 10**12})))
            runner.hear()
            runner.say("go")
            os.kill(children_of(runner)[0], signal.SIGKILL)
            status, out, errors = runner.end()
        self.assertEqual((status, out), (1, b""))
        self.assertIn("python-multiprocessing: sleep with 1 tasks: ChildProcessError", errors)


def children_of(runner):
    """The process ids of its workers."""
    pid = runner.process.pid
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


class Refusals(RunnerTest):
    def test_what_this_runner_does_not_have_is_refused_by_name(self):
        self.assert_refused(job("python-trio", "sleep"), "unsupported", "python-trio")
        for runtime in RUNTIMES:
            self.assert_refused(job(runtime, "slep"), "unsupported", runtime, "slep")
        for runtime, about in catalogue.ABOUT.items():
            for workload, why in about["unsupported"].items():
                words = f"{runtime} has no {workload}: {why}"
                self.assert_refused(job(runtime, workload), "unsupported", words)

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
        for runtime in ("python-asyncio", "python-sequential"):
            self.assert_refused(job(runtime, "spawn", workers=2), "unsupported", "at most 1")
        fields = job("python-threading", "spawn", workers=1 << 20)
        self.assert_refused(fields, "unsupported", "1048576 workers", "CPUs")

    def test_parameters_that_make_no_sense_are_refused_by_name(self):
        for workload, name, value, words in [
            ("yield", "times", 0, "at least 1"),
            ("mixed", "times", 0, "at least 1"),
            ("mixed", "burners", 0, "at least 1"),
            ("mixed", "slices", 0, "at least 1"),
            ("mixed", "policy", 2, "one of yield, hog"),
            ("cpu", "kernel", 2, "one of integer, sha256"),
            ("blocking", "call", 2, "one of naive, escape"),
        ]:
            with self.subTest(workload, name=name):
                fields = job("python-asyncio", workload, params={name: value})
                self.assert_refused(fields, "protocol-error", f"{name} = {value}", words)

    def test_an_origin_that_is_none_is_refused(self):
        for value in (None, 7, "", "127.0.0.1", ":80", "127.0.0.1:http"):
            with self.subTest(value):
                fields = job("python-asyncio", "request", origin=value)
                self.assert_refused(fields, "protocol-error", "origin")

    def test_an_escape_is_refused_where_there_is_none(self):
        for runtime in ("python-threading", "python-thread-pool", "python-sequential"):
            self.assert_refused(job(runtime, "blocking", params={"call": 1}), "unsupported", "naive")

    def test_a_pool_has_no_more_tasks_side_by_side_than_workers(self):
        fields = job("python-thread-pool", "hold", 3, workers=2)
        self.assert_refused(fields, "unsupported", "a pool of 2 workers", "--workers 3")
        fields = job("python-thread-pool", "mixed", 3, workers=4)
        self.assert_refused(fields, "unsupported", "a pool of 4 workers", "--workers 5")

    def test_more_sockets_than_files_may_be_open_are_refused_with_the_mend(self):
        def few_files():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        for runtime in ("python-threading", "python-thread-pool", "python-asyncio"):
            fields = job(runtime, "request", 100)
            self.assert_refused(fields, "unsupported", "limit is 64", "ulimit -n", preexec_fn=few_files)

    def test_more_threads_than_can_be_alive_at_once_are_refused_with_the_limit(self):
        fields = job("python-threading", "hold", 1 << 30)
        self.assert_refused(fields, "unsupported", "leaves room for", " = ")
        fields = job("python-thread-pool", "hold", 1 << 30, workers=1 << 30)
        self.assert_refused(fields, "unsupported", "leaves room for", " = ")
        fields = job("python-threading", "sleep", 1 << 17, {"duration_ns": 1 << 50})
        self.assert_refused(fields, "unsupported", "leaves room for", " = ")
        fields = job("python-multiprocessing", "spawn", workers=1 << 30)
        self.assert_refused(fields, "unsupported", "leaves room for", " = ")

    def test_a_stack_size_that_the_interpreter_refuses_is_refused(self):
        fields = job("python-threading", "spawn", params={"stack_bytes": 1})
        self.assert_refused(fields, "unsupported", "stack_bytes")

    def test_a_word_other_than_go_is_refused(self):
        for runtime in ("python-threading", "python-multiprocessing"):
            with Runner() as runner:
                runner.say(json.dumps(job(runtime, "spawn")))
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
        for runtime, workload, _ in cells("hold")[::3]:
            with Runner() as runner:
                runner.say(json.dumps(job(runtime, workload, 10)))
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
            self.assertEqual(runtime["workloads"], WORKLOADS[runtime["name"]])
            self.assertTrue(runtime["version"] and runtime["model"])
            self.assertTrue(all(runtime["unsupported"].values()))
            self.assertFalse(set(runtime["unsupported"]) & set(runtime["workloads"]))

    def test_the_start_method_of_processes_is_stated(self):
        self.assertEqual(catalogue.START_METHOD, multiprocessing.get_start_method())

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
        heavy = {"asyncio", "concurrent.futures", "hashlib", "multiprocessing", "socket"}
        self.assertFalse(heavy & imported("probe", "python-threading"))
        self.assertFalse(heavy & imported("probe", "python-sequential"))
        self.assertNotIn("asyncio", imported("probe", "python-thread-pool"))
        self.assertIn("asyncio", imported("probe", "python-asyncio"))


class Arithmetic(unittest.TestCase):
    def test_splitmix64_gives_the_published_sequence(self):
        self.assertEqual(arithmetic.splitmix64(1_234_567), 6_457_827_717_110_365_317)

    def test_a_task_that_delivered_nothing_is_not_counted(self):
        record = serving.Record(Job(job("python-threading", "spawn", 3)))
        record.returned = [5, None, (1 << 64) - 1]
        self.assertEqual((record.report()["completed"], record.report()["checksum"]), (2, "4"))

    def test_the_time_at_a_checkpoint_is_no_part_of_the_round(self):
        record = serving.Record(Job(job("python-threading", "hold", 1)))
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
            return limits.most_alive(Job(job("python-threading", workload, 1000, params)))

        self.assertEqual(alive("hold"), 1000)
        self.assertEqual(alive("sleep", duration_ns=MS, jitter_ns=MS), 101)
        self.assertEqual(alive("sleep", duration_ns=1000 * MS), 1000)
        self.assertEqual(alive("request", duration_ns=MS), 51)
        self.assertEqual(alive("mixed", duration_ns=MS, times=2, burners=3), 104)
        self.assertEqual(alive("spawn"), 1)

    def test_every_limit_leaves_room_for_one_thread_and_some_limit_is_known(self):
        self.assertTrue(list(limits.mapping_limits()))
        self.assertGreater(len(list(limits.process_limits())), 1)
        limits.require_threads(1)
        limits.require_processes(1)
        limits.require_files(1)


if __name__ == "__main__":
    unittest.main()
