"""Drives the runner over the wire. Run as `python3 -m unittest` in this folder, as far as its packages are here."""

import subprocess
import sys
import unittest

sys.path.insert(0, "..")

import wire_test


class ExtraRunner(wire_test.RunnerTest):
    pass


class WithoutPackages(unittest.TestCase):
    def test_a_package_that_is_not_here_is_a_reason_and_how_to_get_it(self):
        for package in ("uvloop", "gevent"):
            hide = f"import sys; sys.modules['{package}'] = None; sys.argv[1:] = ['probe', 'python-{package}']"
            run = "import runpy; runpy.run_path('extra.py', run_name='__main__')"
            answer = subprocess.run(
                [sys.executable, "-c", f"{hide}; {run}"], capture_output=True, check=True, text=True
            ).stdout
            self.assertIn('"available":false', answer)
            self.assertIn("make runners", answer)
