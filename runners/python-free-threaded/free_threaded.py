"""The runner of Python without the interpreter's lock: that of runners/python, its threads under other names.

An import of an extension that was not made for it would bring the lock back, unless PYTHON_GIL or -X gil forbids
it; nothing here imports any, and the probe looks.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(FOLDER), "python"))

import catalogue
import main
from job import Refused

NAMES = {"python-free-threading": "python-threading", "python-free-thread-pool": "python-thread-pool"}


def start(job):
    """The job's runtime, where there is no lock."""
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        raise Refused("unavailable", f"this Python {sys.version.split()[0]} has the GIL")
    return start_any(job)


start_any, catalogue.start = catalogue.start, start
catalogue.ABOUT = {name: catalogue.ABOUT[original] for name, original in NAMES.items()}
catalogue.MODULES = {name: catalogue.MODULES[original] for name, original in NAMES.items()}

if __name__ == "__main__":
    main.main(sys.argv[1:])
