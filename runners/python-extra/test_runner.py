"""Drives the runner over the wire, as far as its packages are here. Run as `python3 -m unittest` in this folder."""

import os
import subprocess
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import wire_test


class ExtraRunner(wire_test.RunnerTest):
    folder = FOLDER


class WithoutPackages(unittest.TestCase):
    def test_a_package_that_is_not_here_is_a_reason_and_how_to_get_it(self):
        for package in ("uvloop", "gevent"):
            hide = f"import sys; sys.modules['{package}'] = None; sys.argv[1:] = ['probe', 'python-{package}']"
            run = "import runpy; runpy.run_path('extra.py', run_name='__main__')"
            answer = subprocess.run(
                [sys.executable, "-c", f"{hide}; {run}"], cwd=FOLDER, capture_output=True, check=True, text=True
            )
            self.assertIn('"available":false', answer.stdout)
            self.assertIn("pip install", answer.stdout)


if __name__ == "__main__":
    unittest.main()
