"""The harness's end of the wire, for the tests of runners, and what every runner is asked.

A folder's own test_runner.py makes a class of `RunnerTest`, and runs as `python3 -m unittest` in that folder. What
a trial proves is asked by `kilotask verify`, at more sizes and of every workload; here is what it does not ask:
what a runner says of itself, how it refuses, and when it ends.

NOTE: no test expects anything of a duration but that no wait is shorter than asked.
"""

import json
import os
import re
import shutil
import signal
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

MS = 1_000_000
U64 = (1 << 64) - 1
SEED = (1 << 53) - 5000  # the largest that the harness may send, less what tokens add to it
SECRET = 0x6B69_6C6F_7461_736B  # known to the origin and to the tests, and not to the runner
HANGS_AFTER_SECONDS = 60

# The workloads of which a trial is played here, with parameters that make them short.
PARAMS = {
    "sleep": {"duration_ns": MS, "jitter_ns": 2 * MS},
    "spawn": {},
    "hold": {},
    "yield": {"times": 10},
    "ping-pong": {"times": 10},
    "mutex": {"times": 10},
    "request": {"duration_ns": MS},
    "cpu": {"steps": 100, "kernel": 0},
    "mixed": {"duration_ns": MS, "times": 3, "burners": 2, "slices": 2, "slice_ns": 100_000, "policy": 0},
    "blocking": {"duration_ns": MS, "call": 0},
}
WITH_SPANS = {"sleep", "hold", "mutex", "request", "cpu", "mixed", "blocking"}


def splitmix64(x):
    """SplitMix64 (Steele, Lea and Flood, 2014): the output for state `x`."""
    z = (x + 0x9E3779B97F4A7C15) & U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & U64
    return z ^ (z >> 31)


def compute(params, token):
    """What a task of `cpu` returns."""
    if params["kernel"] == 1:
        from hashlib import sha256

        message = token.to_bytes(8, "little") * (8 * params["steps"])
        return int.from_bytes(sha256(message).digest()[:8], "little")
    for _ in range(params["steps"]):
        token = splitmix64(token)
    return token


def expected(job):
    """What each round must report: how many tasks, and the sum of what they return."""
    workload, params, tasks, seed = job["workload"], job["params"], job["tasks"], job["seed"]
    tokens = [seed + index for index in range(tasks)]
    times = params.get("times", 0)
    if workload == "mixed":  # a token for each beat and each burner, and one for each slice that was burnt
        beats, burners = tasks * times, params["burners"]
        total = sum(range(seed, seed + beats + burners)) + burners * params["slices"]
        return tasks + burners, str(total & U64)
    total = {
        "yield": lambda: sum(tokens) + tasks * times,
        "mutex": lambda: sum(tokens) + tasks * times,
        "ping-pong": lambda: sum(2 * token + 4 * times - 1 for token in tokens[: tasks // 2]),
        "request": lambda: sum(splitmix64(token & U64 ^ SECRET) for token in tokens),
        "cpu": lambda: sum(compute(params, token & U64) for token in tokens),
    }.get(workload, lambda: sum(tokens))()
    return tasks, str(total & U64)


def asked_ns(job, index):
    """How long a span has to be at least."""
    params = job["params"]
    jitter = params.get("jitter_ns", 0)
    share = splitmix64((job["seed"] + index) & U64) % (jitter + 1) if jitter else 0
    return params.get("duration_ns", 0) + share


class Origin(socketserver.ThreadingTCPServer):
    """Stands opposite `request`: answers each number, after a millisecond, with one that takes SECRET."""

    daemon_threads = True
    request_queue_size = 1024

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        def handle(self):
            (number,) = struct.unpack("<Q", self.rfile.read(8))
            time.sleep(0.001)
            self.wfile.write(struct.pack("<Q", splitmix64(number ^ SECRET)))

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Runner:
    """A runner process, spoken to a line at a time."""

    def __init__(self, *arguments, **popen):
        self.process = subprocess.Popen(
            [*command(), *arguments],
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
        if not isinstance(line, (str, bytes)):
            line = json.dumps(line)
        self.process.stdin.write(line if isinstance(line, bytes) else (line + "\n").encode())
        self.process.stdin.flush()

    def hear(self):
        """The next event."""
        return json.loads(self.process.stdout.readline())

    def end(self):
        """Ends the runner's input; (exit status, what else it printed, its errors)."""
        out, errors = self.process.communicate()
        return self.process.returncode, out, errors.decode()


def manifest():
    """The strings and lists of runner.toml: as much TOML as these have."""
    with open("runner.toml") as file:
        found = re.findall(r'^(\w+) = (\[.*?\]|".*?")$', file.read(), re.MULTILINE | re.DOTALL)
    return {name: json.loads(re.sub(r",\s*\]", "]", value)) for name, value in found}


def command():
    """How the runner is started; one in Python by the interpreter of these tests, whichever that is."""
    program, *arguments = manifest()["command"]
    return [sys.executable if program == "python3" else program, *arguments]


def missing():
    """What the runner needs and is not here, and how to get it, as the harness says it; or None."""
    of = manifest()
    for name in [*of.get("requires", []), of["command"][0]]:
        if "/" in name:
            if not os.path.exists(name):
                return f"{name} is not built; make build"
        elif not shutil.which(name):
            return f"{name} is not on the PATH; {of.get('install', 'install it')}"
    return None


def ask(*arguments):
    """A runner's answer to a question on its command line."""
    with Runner(*arguments) as runner:
        status, out, errors = runner.end()
    assert status == 0 and out.count(b"\n") == 1, (status, out, errors)
    return json.loads(out)


class RunnerTest(unittest.TestCase):
    """What every runner is asked: the one in whose folder the tests run."""

    #: A token has to be smaller: at 64 bits it wraps, at fewer its job is refused.
    tokens_below = 1 << 64
    #: Runtimes whose workers start as tasks come, so that there may be any number.
    starts_workers_late = ()
    #: What it reports of its use of the machine.
    usage = None

    @classmethod
    def setUpClass(cls):
        if why := missing():
            raise unittest.SkipTest(why)
        cls.described = ask("describe")
        cls.runtimes = {about["name"]: about for about in cls.described["runtimes"]}
        for name in manifest()["runtimes"]:
            probe = ask("probe", name)
            if not probe["available"]:
                print(f"{name} is not tested: {probe['reason']}", file=sys.stderr)
                del cls.runtimes[name]
        if not cls.runtimes:
            raise unittest.SkipTest("none of its runtimes is available here")
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.server_close)
        cls.addClassCleanup(cls.origin.shutdown)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.spans_file = os.path.join(folder.name, "spans")

    # ------------------------------------------------------------------------------ how it is asked

    def runner(self, *arguments, **popen):
        return Runner(*arguments, **popen)

    def cells(self, *workloads):
        """Each runtime with each of these workloads that it has."""
        return [
            (name, workload)
            for name, about in self.runtimes.items()
            for workload in workloads
            if workload in about["workloads"]
        ]

    def job(self, runtime, workload, tasks=2, params=(), **changes):
        workers = self.runtimes.get(runtime, {}).get("workers_default") or os.cpu_count()
        fields = {
            "protocol": 1,
            "runtime": runtime,
            "workload": workload,
            "tasks": tasks,
            "workers": workers,
            "rounds": 1,
            "params": {**self.runtimes.get(runtime, {}).get("params", {}), **PARAMS.get(workload, {}), **dict(params)},
            "seed": SEED,
            "some_later_key": {"to": ["be", "ignored", None, -1.5e3, True, "\u00e4\\\""]},
        }
        if workload == "request":
            fields["origin"] = "%s:%d" % self.origin.server_address
        return {**fields, **changes}

    def run_job(self, job):
        """Plays the harness for a job that is expected to be done; the spans of each round."""
        return self.play(job)[1]

    def play(self, job):
        """The same, for `done` and the spans of each round. Asserts what is true of every honest trial."""
        has_spans = job["workload"] in WITH_SPANS
        if has_spans:
            job = {**job, "spans_file": self.spans_file}
        with self.runner() as runner:
            runner.say(job)
            self.assertEqual(runner.hear(), {"event": "ready"})
            runner.say("go")
            if job["workload"] == "hold":
                for _ in range(job["rounds"]):
                    self.assertEqual(runner.hear(), {"event": "holding"})
                    runner.say("go")
            done = runner.hear()
            self.assertEqual(done["event"], "done")
            self.assertFalse(os.path.exists(self.spans_file), "spans are written after end of input")
            self.assertEqual(runner.end(), (0, b"", ""))
        self.assertEqual(len(done["rounds"]), job["rounds"])
        for report in done["rounds"]:
            self.assertEqual((report["completed"], report["checksum"]), expected(job))
            self.assertGreater(report["makespan_ns"], 0)
        usage = done.get("usage", {})
        self.assertTrue(all(type(value) is int and value >= 0 for value in usage.values()))
        self.assertEqual(set(usage), set(usage if self.usage is None else self.usage))
        return done, self.read_spans(job, done) if has_spans else []

    def read_spans(self, job, done):
        with open(self.spans_file, "rb") as file:
            spans = list(struct.iter_unpack("<QQ", file.read()))
        os.remove(self.spans_file)
        a_round = job["tasks"] * (job["params"]["times"] if job["workload"] == "mixed" else 1)
        self.assertEqual(len(spans), a_round * job["rounds"])
        rounds = [spans[first : first + a_round] for first in range(0, len(spans), a_round)]
        for report, round_spans in zip(done["rounds"], rounds):
            for index, (start, finish) in enumerate(round_spans):
                self.assertLessEqual(finish, report["makespan_ns"])
                self.assertGreaterEqual(finish - start + 1000, asked_ns(job, index))
        return rounds

    def assert_refused(self, line, status, *words, **popen):
        with self.runner(**popen) as runner:
            runner.say(line)
            refused = runner.hear()
            self.assertEqual((refused["event"], refused["status"]), ("refused", status), refused)
            for word in words:
                self.assertIn(word, refused["reason"])
            self.assertEqual(runner.end(), (0, b"", ""))

    # ------------------------------------------------------------------------------ what it is asked

    def test_each_round_proves_its_work_and_no_wait_is_too_short(self):
        # Jitter gives each sleep a length of its own, so that a span in the wrong place shows.
        for cell in self.cells(*PARAMS):
            with self.subTest(cell):
                self.run_job(self.job(*cell, tasks=100, rounds=2))

    def test_tokens_of_64_bits_wrap_or_are_refused(self):
        for cell in self.cells("spawn", "yield", "ping-pong", "cpu", "mixed"):
            with self.subTest(cell):
                job = self.job(*cell, tasks=100, seed=self.tokens_below - 50)
                if self.tokens_below > U64:
                    self.run_job(job)
                else:
                    self.assert_refused(job, "unsupported", f"2^{self.tokens_below.bit_length() - 1}")

    def test_burners_that_never_yield_end_all_the_same(self):
        for cell in self.cells("mixed"):
            with self.subTest(cell):
                self.run_job(self.job(*cell, tasks=3, params={"policy": 1, "burners": 3}))

    def test_all_tasks_of_hold_are_alive_at_one_instant(self):
        for cell in self.cells("hold"):
            with self.subTest(cell):
                for spans in self.run_job(self.job(*cell, tasks=50, rounds=2)):
                    self.assertLess(max(start for start, _ in spans), min(finish for _, finish in spans))

    def test_the_time_the_harness_takes_to_look_is_no_part_of_the_round(self):
        for cell in self.cells("hold"):
            with self.subTest(cell), self.runner() as runner:
                runner.say(self.job(*cell))
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

    def test_every_kernel_computes_what_it_should(self):
        for cell in self.cells("cpu"):
            for kernel, steps in ((0, 0), (1, 0), (1, 1), (1, 500)):
                with self.subTest(cell, kernel=kernel, steps=steps):
                    self.run_job(self.job(*cell, tasks=5, params={"kernel": kernel, "steps": steps}))

    def test_the_manifest_names_the_runtimes_that_it_describes(self):
        described = [about["name"] for about in self.described["runtimes"]]
        self.assertEqual(self.described["protocol"], 1)
        self.assertEqual(manifest()["runtimes"], described)
        for about in self.described["runtimes"]:
            self.assertTrue(about["version"] and about["language"] and about["model"])
            self.assertTrue(all(about.get("unsupported", {}).values()))
            self.assertFalse(set(about.get("unsupported", {})) & set(about["workloads"]))

    def test_a_probe_of_an_unknown_runtime_is_an_answer(self):
        answer = ask("probe", "no-such-runtime")
        self.assertFalse(answer["available"])
        self.assertIn("no-such-runtime", answer["reason"])

    def test_any_other_argument_is_a_usage_error(self):
        with self.runner("slep") as runner:
            status, out, errors = runner.end()
        self.assertEqual((status, out), (1, b""))
        self.assertIn("usage", errors)

    def test_what_a_runtime_does_not_have_is_refused_by_name(self):
        self.assert_refused(self.job("no-such-runtime", "sleep"), "unsupported", "no-such-runtime")
        for name, about in self.runtimes.items():
            self.assert_refused(self.job(name, "slep"), "unsupported", name, "slep")
            for workload, why in about.get("unsupported", {}).items():
                self.assert_refused(self.job(name, workload), "unsupported", f"{name} has no {workload}: {why}")

    def test_more_workers_than_a_runtime_can_have_are_refused(self):
        for name, workload in self.cells("spawn"):
            if name not in self.starts_workers_late:
                self.assert_refused(self.job(name, workload, workers=1 << 30), "unsupported", str(1 << 30))

    def test_rubbish_is_refused(self):
        self.assert_refused("Segmentation fault", "protocol-error", "Segmentation fault")
        self.assert_refused(b"\xff\xfe\n", "protocol-error")
        self.assert_refused("[" * 100_000, "protocol-error")
        self.assert_refused("[1]", "protocol-error", "object")
        self.assert_refused("{}", "protocol-error")
        self.assert_refused('{"protocol":1} and more', "protocol-error")

    def test_a_job_that_makes_no_sense_is_refused_with_the_field(self):
        name, workload = self.cells("spawn")[0]
        for field, value in [
            ("tasks", 0), ("tasks", -1), ("tasks", 1.5), ("tasks", True), ("rounds", 0), ("workers", 0),
            ("seed", 1 << 64), ("seed", "7"), ("params", []), ("runtime", None), ("spans_file", 3),
            ("protocol", 2), ("protocol", "1"),
        ]:
            with self.subTest(field=field, value=value):
                job = {**self.job(name, workload), field: value}
                self.assert_refused(job, "protocol-error", field)

    def test_parameters_that_make_no_sense_are_refused_by_name(self):
        for name, workload in self.cells("yield"):
            self.assert_refused(self.job(name, workload, params={"times": -1}), "protocol-error")
            self.assert_refused(self.job(name, workload, params={"times": 0}), "protocol-error", "times = 0")
        for name, workload in self.cells("cpu"):
            self.assert_refused(self.job(name, workload, params={"kernel": 2}), "protocol-error", "kernel = 2")
        for name, workload in self.cells("ping-pong"):
            self.assert_refused(self.job(name, workload, tasks=3), "protocol-error", "even")
        for name, workload in self.cells("request"):
            self.assert_refused(self.job(name, workload, origin="127.0.0.1"), "protocol-error", "origin")

    def test_a_word_other_than_go_is_refused(self):
        for cell in self.cells("spawn"):
            with self.subTest(cell), self.runner() as runner:
                runner.say(self.job(*cell))
                runner.hear()
                runner.say("stop")
                refused = runner.hear()
                self.assertEqual(refused["status"], "protocol-error")
                self.assertIn("stop", refused["reason"])
                self.assertEqual(runner.end(), (0, b"", ""))

    def test_end_of_input_is_a_clean_end_wherever_it_comes(self):
        with self.runner() as runner:
            self.assertEqual(runner.end(), (0, b"", ""))
        for cell in self.cells("spawn", "hold"):
            with self.subTest(cell), self.runner() as runner:
                runner.say(self.job(*cell))
                self.assertEqual(runner.hear(), {"event": "ready"})
                self.assertEqual(runner.end(), (0, b"", ""))
        for cell in self.cells("hold"):
            with self.subTest(cell), self.runner() as runner:
                runner.say(self.job(*cell, tasks=10))
                runner.hear()
                runner.say("go")
                self.assertEqual(runner.hear(), {"event": "holding"})
                self.assertEqual(runner.end(), (0, b"", ""))
