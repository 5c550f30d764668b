"""Ends the program where the interpreter is too old, before any import that it would not understand.

That is no failure of the runner: 126 says that it is unavailable here. Every Python since 2.7 can read this file.
"""

import sys

OLDEST = (3, 9)

if sys.version_info < OLDEST:
    this = sys.version_info[:2]
    sys.stderr.write("Python %d.%d is too old: %d.%d or later is needed\n" % (this + OLDEST))
    sys.exit(126)
