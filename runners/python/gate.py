"""Where threads of `hold` wait for one another and for the harness."""

from threading import Lock


class Gate:
    """Lets nobody through until everybody is here, then one after the other.

    `threading.Barrier` would do as well for a few. At its opening all threads wake at once for one
    lock, and those that wait for the interpreter's wake again every 5 ms to ask for it: 10,000 of them
    took 20 s. Here each, going through, lets the next one through: they take less than one.
    """

    def __init__(self, tasks, everybody_is_here):
        """For so many tasks; the last to come calls `everybody_is_here` before the gate opens."""
        self.missing = tasks
        self.counting = Lock()
        self.everybody_is_here = everybody_is_here
        self.turnstile = Lock()
        self.turnstile.acquire()

    def wait(self):
        with self.counting:
            self.missing -= 1
            last = self.missing == 0
        if last:
            self.everybody_is_here()
            self.turnstile.release()
        with self.turnstile:
            pass
