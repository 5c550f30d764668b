"""Checks the folder of a run: every planned trial has its row, and no row failed.

usage: check-run.py FOLDER
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

NOT_A_FAILURE = {"ok", "unavailable", "unsupported"}
TRIALS_BY_PASS = ("timed", "counted", "traced", "instructions")


# Workloads in which as many tasks are joined as were asked for; others count nodes or burners as well.
AS_MANY_AS_ASKED = {"sleep", "spawn", "hold"}


def main(folder: Path) -> int:
    plan = json.loads((folder / "plan.json").read_text())
    with (folder / "trials.csv").open(newline="") as file:
        trials = list(csv.DictReader(file))

    ceilings = {cell["id"] for cell in plan["cells"] if cell.get("ceiling")}
    failed = [t for t in trials if t["status"] not in NOT_A_FAILURE and t["cell"] not in ceilings]
    mistakes = [f"{t['cell']} {t['pass']}: {t['status']}: {t['reason']}" for t in failed]
    # A trial that was disturbed has another beside it, as often as the machine is busy.
    rows = Counter((t["cell"], t["pass"]) for t in trials if t["process"] == "0")
    for cell in plan["cells"]:
        for kind in TRIALS_BY_PASS:
            planned, there = cell.get(kind, 0), rows[cell["id"], kind]
            if planned != there:
                mistakes.append(f"{cell['id']}: {there} of {planned} {kind} trials")

    for trial in trials:
        counts = trial["status"] == "ok" and trial["workload"] in AS_MANY_AS_ASKED
        if counts and trial["completed"] != trial["tasks"]:
            mistakes.append(f"{trial['cell']}: ok with {trial['completed']} of {trial['tasks']} tasks")
    ok = sum(trial["status"] == "ok" for trial in trials)
    if not ok:
        mistakes.append("no trial was ok")

    for mistake in mistakes:
        print(mistake)
    print(f"{len(trials)} rows, {ok} ok, {len(trials) - ok} not available or not supported here")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
