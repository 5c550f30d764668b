"""The Python runner: `describe`, `probe NAME`, or, with no argument, serve one job on standard input.

PROTOCOL.md describes the wire; each `runtime_*.py` holds one runtime's workloads in that runtime's
own idiom.
"""

import sys

import interpreter  # First: the others need a newer one than some machines have.
import catalogue
import serving

USAGE = "usage: main.py describe | probe NAME | (no argument: serve one job on standard input)"


def main(arguments):
    if not arguments:
        serving.serve(catalogue.start)
    elif arguments == ["describe"]:
        serving.send(catalogue.describe())
    elif len(arguments) == 2 and arguments[0] == "probe":
        serving.send(catalogue.probe(arguments[1]))
    else:
        sys.exit(USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
