"""What a script sees of a runner that `kilotask verify` does not ask, for the tests of the runners of this folder.

A folder's own test_runner.py makes a class of `RunnerTest`, and runs as `python3 -m unittest` in that folder. Whether
a runtime does its work is asked by `kilotask verify`, at many sizes and of every workload. Here is what we ask of our
own runners beside that: jobs that make no sense in many ways, the words of refusals, and clean ends.
"""

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

MS = 1_000_000
SEED = (1 << 52) - 1  # the largest that the harness sends
HANGS_AFTER_SECONDS = 60

# The workloads of which each task returns its token, and of which tests play a trial.
RETURNS_TOKEN = {"sleep", "spawn", "hold", "blocking"}
WITH_SPANS = {"sleep", "hold", "cpu", "blocking"}


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

    #: Runtimes whose workers start as tasks come, so that there may be any number.
    starts_workers_late = ()

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
            "protocol": 2,
            "runtime": runtime,
            "workload": workload,
            "tasks": tasks,
            "workers": workers,
            "rounds": 1,
            "params": {**self.runtimes.get(runtime, {}).get("params", {}), **dict(params)},
            "some_later_key": {"to": ["be", "ignored", None, -1.5e3, True, "\u00e4\\\""]},
        }
        return {**fields, **changes}

    def go(self, workload, **changes):
        """The first `go`, which brings what the job does not say."""
        fields = {"seed": SEED, "some_later_key": None}
        if workload == "request":
            fields["origin"] = "127.0.0.1:9"
        if workload == "file-read":
            fields["file"] = "/dev/null"
        return "go " + json.dumps({**fields, **changes})

    def run_job(self, job):
        """Plays the harness for a job that is expected to be done; the spans of each round."""
        return self.play(job)[1]

    def play(self, job):
        """The same, for `done` and the spans of each round."""
        has_spans = job["workload"] in WITH_SPANS
        if has_spans:
            job = {**job, "spans_file": self.spans_file}
        with self.runner() as runner:
            runner.say(job)
            self.assertEqual(runner.hear(), {"event": "ready"})
            runner.say(self.go(job["workload"]))
            if job["workload"] == "hold":
                for _ in range(job["rounds"]):
                    self.assertEqual(runner.hear(), {"event": "holding"})
                    runner.say("go")
            done = runner.hear()
            self.assertEqual(done["event"], "done")
            self.assertFalse(os.path.exists(self.spans_file), "spans are written after end of input")
            self.assertEqual(runner.end(), (0, b"", ""))
        self.assertEqual([report["completed"] for report in done["rounds"]], [job["tasks"]] * job["rounds"])
        if job["workload"] in RETURNS_TOKEN:
            total = sum(range(SEED, SEED + job["tasks"])) % (1 << 64)
            self.assertEqual({report["checksum"] for report in done["rounds"]}, {str(total)})
        return done, self.read_spans(job) if has_spans else []

    def read_spans(self, job):
        with open(self.spans_file, "rb") as file:
            spans = list(struct.iter_unpack("<QQ", file.read()))
        os.remove(self.spans_file)
        self.assertEqual(len(spans), job["tasks"] * job["rounds"])
        return [spans[first : first + job["tasks"]] for first in range(0, len(spans), job["tasks"])]

    def assert_refused(self, line, status, *words, **popen):
        with self.runner(**popen) as runner:
            runner.say(line)
            refused = runner.hear()
            self.assertEqual((refused["event"], refused["status"]), ("refused", status), refused)
            for word in words:
                self.assertIn(word, refused["reason"])
            self.assertEqual(runner.end(), (0, b"", ""))

    # ------------------------------------------------------------------------------ what it is asked

    def test_the_manifest_names_the_runtimes_that_it_describes(self):
        described = [about["name"] for about in self.described["runtimes"]]
        self.assertEqual(self.described["protocol"], 2)
        self.assertEqual(manifest()["runtimes"], described)
        for about in self.described["runtimes"]:
            self.assertTrue(about["version"] and about["language"] and about["model"])
            self.assertTrue(all(about.get("unsupported", {}).values()))
            self.assertFalse(set(about.get("unsupported", {})) & set(about["workloads"]))
            self.assertLessEqual(set(about.get("caveats", {})), set(about["workloads"]))
            self.assertTrue(all(about.get("caveats", {}).values()))

    def test_what_is_compiled_says_by_what(self):
        if {about["language"] for about in self.described["runtimes"]} & {"c", "go"}:
            self.assertTrue(self.described["build"]["compiler"])

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
        self.assert_refused('{"protocol":2} and more', "protocol-error")

    def test_a_job_that_makes_no_sense_is_refused_with_the_field(self):
        name, workload = self.cells("spawn")[0]
        for field, value in [
            ("tasks", 0), ("tasks", -1), ("tasks", 1.5), ("tasks", True), ("rounds", 0), ("workers", 0),
            ("params", []), ("runtime", None), ("spans_file", 3),
            ("protocol", 1), ("protocol", 3), ("protocol", "2"),
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
        for name, workload in self.cells("mutex"):
            self.assert_refused(self.job(name, workload, params={"across": 2}), "protocol-error", "across = 2")
        for name, workload in self.cells("fan-in"):
            self.assert_refused(self.job(name, workload, params={"capacity": 0}), "protocol-error", "capacity = 0")
        for name, workload in self.cells("file-read"):
            self.assert_refused(self.job(name, workload, params={"io": 2}), "protocol-error", "io = 2")
        for name, workload in self.cells("ping-pong"):
            self.assert_refused(self.job(name, workload, tasks=3), "protocol-error", "even")

    def assert_go_is_refused(self, cell, line, words):
        with self.subTest(cell, line=line), self.runner() as runner:
            runner.say(self.job(*cell))
            runner.hear()
            runner.say(line)
            refused = runner.hear()
            self.assertEqual((refused["event"], refused["status"]), ("refused", "protocol-error"))
            self.assertIn(words, refused["reason"])
            self.assertEqual(runner.end(), (0, b"", ""))

    def test_a_word_other_than_go_is_refused(self):
        for cell in self.cells("spawn"):
            self.assert_go_is_refused(cell, "stop", "stop")

    def test_a_go_that_does_not_bring_what_tasks_need_is_refused_with_what_is_missing(self):
        for cell in self.cells("spawn")[:1]:
            for line in ("go", "go [7]", "go {}", self.go("spawn", seed=-1), self.go("spawn", seed="7")):
                self.assert_go_is_refused(cell, line, "")
            self.assert_go_is_refused(cell, "go {}", "seed")
        for cell in self.cells("request")[:1]:
            self.assert_go_is_refused(cell, self.go("request", origin="127.0.0.1"), "origin")
            self.assert_go_is_refused(cell, self.go("spawn"), "origin")
        for cell in self.cells("file-read")[:1]:
            self.assert_go_is_refused(cell, self.go("spawn"), "file")

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
                runner.say(self.go("hold"))
                self.assertEqual(runner.hear(), {"event": "holding"})
                self.assertEqual(runner.end(), (0, b"", ""))
