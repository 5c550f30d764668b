"""Drives the runner over the wire, where its interpreter is here. Run as `python3 -m unittest` in this folder."""

import os
import shutil
import subprocess
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import wire_test

PROGRAM = wire_test.manifest(FOLDER)["command"][0]


@unittest.skipUnless(shutil.which(PROGRAM), f"{PROGRAM} is not here")
class FreeThreadedRunner(wire_test.RunnerTest):
    folder = FOLDER


class WithTheLock(unittest.TestCase):
    @unittest.skipUnless(getattr(sys, "_is_gil_enabled", lambda: True)(), "this Python has no lock")
    def test_an_interpreter_that_has_the_lock_is_no_free_threaded_one(self):
        command = [sys.executable, "free_threaded.py", "probe", "python-free-threading"]
        answer = subprocess.run(command, cwd=FOLDER, capture_output=True, check=True, text=True).stdout
        self.assertIn('"available":false', answer)
        self.assertIn("interpreter's lock", answer)


if __name__ == "__main__":
    unittest.main()
