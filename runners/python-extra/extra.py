"""The runner of loops that Python does not come with: that of runners/python, with a catalogue of its own."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "packages"))
sys.path.append(os.path.join(os.path.dirname(FOLDER), "python"))

import interpreter  # First: the others need a newer one than some machines have.
import catalogue
import main

WHOLE_MS = "its timer may wake up to 1 ms early, so we ask for 1 ms more: a sleep of 1 ms takes 1 to 2 ms"

ABOUT = {
    "python-uvloop": {
        "model": "asyncio's stackless coroutines, one event loop of uvloop (libuv, epoll) on one thread",
        "unsupported": {"file-read": f"uvloop adds no file I/O; {catalogue.NO_FILES}"},
        "caveats": {**catalogue.ABOUT["python-asyncio"]["caveats"], "sleep": WHOLE_MS, "mixed": WHOLE_MS},
        "workers_default": 1,
        "workers_max": 1,
    },
    "python-gevent": {
        "model": "greenlets (stackful), one event loop of gevent (libev, epoll) on one thread",
        "unsupported": {
            "file-read": "gevent reads files only in its thread pool",
            "blocking": "gevent is made to replace blocking calls: see sleep",
        },
        "caveats": {"mutex": catalogue.UNCONTENDED, "cpu": catalogue.SHA256},
        "workers_default": 1,
        "workers_max": 1,
    },
}
PACKAGES = {"python-uvloop": "uvloop", "python-gevent": "gevent"}


def describe():
    """The catalogue's answer, with the version of each loop before that of the interpreter."""
    answer = describe_all()
    for about in answer["runtimes"]:
        about["version"] = f"{version_of(PACKAGES[about['name']])} (Python {about['version']})"
    return answer


def version_of(package):
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


describe_all, catalogue.describe = catalogue.describe, describe
catalogue.ABOUT = ABOUT
catalogue.MODULES = {"python-uvloop": "runtime_uvloop", "python-gevent": "runtime_gevent"}

if __name__ == "__main__":
    main.main(sys.argv[1:])
