"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder.

Where its interpreter is not here, one with the lock stands in for it and denies that: so all is tested but what
threads do without the lock.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, "..")

import wire_test

STAND_IN = """#!{python}
import runpy, sys
sys._is_gil_enabled = lambda: False
del sys.argv[0]
sys.path[0] = ""
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class FreeThreadedRunner(wire_test.RunnerTest):
    starts_workers_late = ("python-free-thread-pool",)

    @classmethod
    def setUpClass(cls):
        program = wire_test.command()[0]
        if not shutil.which(program):
            folder = tempfile.TemporaryDirectory()
            cls.addClassCleanup(folder.cleanup)
            stand_in = os.path.join(folder.name, program)
            with open(stand_in, "w") as file:
                file.write(STAND_IN.format(python=sys.executable))
            os.chmod(stand_in, 0o755)
            cls.addClassCleanup(os.environ.__setitem__, "PATH", os.environ["PATH"])
            os.environ["PATH"] = folder.name + os.pathsep + os.environ["PATH"]
        super().setUpClass()

    def test_its_rows_say_that_there_is_no_lock(self):
        for about in self.runtimes.values():
            self.assertIn("without the GIL", about["model"])


class WithTheLock(unittest.TestCase):
    @unittest.skipUnless(getattr(sys, "_is_gil_enabled", lambda: True)(), "this Python has no lock")
    def test_an_interpreter_that_has_the_lock_is_no_free_threaded_one(self):
        command = [sys.executable, "free_threaded.py", "probe", "python-free-threading"]
        answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        self.assertIn('"available":false', answer)
        self.assertIn("has the GIL", answer)
