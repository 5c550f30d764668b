"""What to say where a package is not here."""

import sys

from job import Refused

INSTALL = "make runners, or python3 -m pip install --target packages --requirement requirements.txt in runners/python-extra"


def unavailable(package, error):
    """That the package could not be imported, and how to get it."""
    python = "%d.%d" % sys.version_info[:2]
    return Refused("unavailable", f"{package} is not installed for this Python {python} ({error}); {INSTALL}")
