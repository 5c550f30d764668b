"""Reads the exports of a run with the tools they are for, and holds them against the run's own files.

usage: check-exports.py FOLDER EXPORTS
"""

import csv
import json
import math
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pyperf
from frictionless import validate
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

# The shape of Bencher Metric Format: its reference has the same, and no tool of Bencher's can be installed
# from a registry.
BENCHER = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"minLength": 1, "maxLength": 1024},
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"minLength": 1, "maxLength": 64},
        "additionalProperties": {
            "type": "object",
            "properties": {name: {"type": "number"} for name in ("value", "lower_value", "upper_value")},
            "required": ["value"],
            "additionalProperties": False,
        },
    },
}

# Numbers in summary.csv have six significant digits at least.
SAME = {"rel_tol": 2e-6}


def rows(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path, metric: str) -> dict[str, dict]:
    return {row["cell"]: row for row in rows(folder / "summary.csv") if row["metric"] == metric}


def check(holds: bool, complaint: str) -> None:
    if not holds:
        sys.exit(complaint)


def several_processes(folder: Path, metric: str) -> dict[str, float]:
    """The medians of all trials of cells that have several in a block: those of summary.csv are of the blocks' medians."""
    trials: dict[str, list[dict]] = {}
    for row in rows(folder / "trials.csv"):
        if row["pass"] == "timed" and row["status"] == "ok" and int(row["block"]) > 0 and row.get(metric):
            trials.setdefault(row["cell"], []).append(row)
    several = {cell: of for cell, of in trials.items() if len({row["block"] for row in of}) < len(of)}
    return {cell: statistics.median(float(row[metric]) for row in of) for cell, of in several.items()}


def same_medians(
    what: str, found: dict[str, float], folder: Path, metric: str, unit: float, of_trials: bool = True
) -> None:
    medians = {cell: float(row["median"]) for cell, row in summary(folder, metric).items()}
    medians.update(several_processes(folder, metric) if of_trials else {})
    expected = {cell: median / unit for cell, median in medians.items()}
    check(found.keys() == expected.keys(), f"{what}: other cells: {found.keys() ^ expected.keys()}")
    wrong = [cell for cell, median in found.items() if not math.isclose(median, expected[cell], **SAME)]
    check(not wrong, f"{what}: other medians than summary.csv: {wrong}")
    print(f"{what}: {len(found)} cells have the medians of summary.csv")


def hyperfine(folder: Path, exports: Path) -> None:
    results = json.loads((exports / "hyperfine.json").read_text())["results"]
    for one in results:
        where = f"hyperfine: {one['command']}"
        check(len(one["times"]) == len(one["exit_codes"]), f"{where}: not an exit code a time")
        for name, of in {"mean": statistics.fmean, "median": statistics.median, "min": min, "max": max}.items():
            check(math.isclose(one[name], of(one["times"])), f"{where}: {name}")
        if len(one["times"]) > 1:
            check(math.isclose(one["stddev"], statistics.stdev(one["times"]), abs_tol=1e-12), f"{where}: stddev")
    same_medians("hyperfine", {one["command"]: one["median"] for one in results}, folder, "makespan_ns", 1e9)
    results = json.loads((exports / "hyperfine-2.json").read_text())["results"]
    times = {one["command"]: [run["time_wall_clock"]["value"] for run in one["measurements"]] for one in results}
    medians = {command: statistics.median(times) for command, times in times.items()}
    same_medians("hyperfine-2", medians, folder, "makespan_ns", 1e9)


def of_pyperf(folder: Path, exports: Path) -> None:
    units = {"makespan_ns": ("second", 1e9), "rss_peak_bytes": ("byte", 1.0)}
    for file, metric in [("pyperf.json", "makespan_ns"), ("more.json", "rss_peak_bytes")]:
        suite = pyperf.BenchmarkSuite.load(str(exports / file))
        found = {}
        for benchmark in suite.get_benchmarks():
            cell, _, name = benchmark.get_name().rpartition("/")
            if name == metric:
                check(benchmark.get_unit() == units[metric][0], f"pyperf: unit of {benchmark.get_name()}")
                found[cell] = benchmark.median()
        same_medians(f"pyperf {version('pyperf')}", found, folder, metric, units[metric][1])


def bencher(folder: Path, exports: Path) -> None:
    benchmarks = json.loads((exports / "bencher.json").read_text())
    jsonschema.validate(benchmarks, BENCHER)
    found = {cell: measures["makespan_ns"]["value"] for cell, measures in benchmarks.items()}
    same_medians("bencher, by its shape", found, folder, "makespan_ns", 1, of_trials=False)


def hdr(folder: Path, exports: Path) -> None:
    reader = HistogramLogReader(str(exports / "spans.hlog"), HdrHistogram(1, 3_600_000_000_000, 3))
    intervals = {}
    while (histogram := reader.get_next_interval_histogram()) is not None:
        intervals[histogram.get_tag()] = histogram
    spans = {path.stem: path for path in sorted((folder / "spans").glob("*.csv"))}
    check(intervals.keys() == spans.keys(), f"hdr: other cells: {intervals.keys() ^ spans.keys()}")
    for cell, path in spans.items():
        lengths = sorted(int(row["finish_ns"]) - int(row["start_ns"]) for row in rows(path))
        histogram = intervals[cell]
        check(histogram.get_total_count() == len(lengths), f"hdr: {cell}: {histogram.get_total_count()} values")
        for percent in (50, 99, 100):
            exact = lengths[max(math.ceil(percent / 100 * len(lengths)) - 1, 0)]
            found = histogram.get_value_at_percentile(percent)
            check(abs(found - exact) <= exact / 1000 + 1, f"hdr: {cell}: p{percent} {found}, not {exact}")
    print(f"hdrhistogram {version('hdrhistogram')}: {len(spans)} tagged intervals have the latencies of spans/")


def frictionless(folder: Path) -> None:
    for path in [folder, folder / "calibration"]:
        if not (path / "datapackage.json").exists():
            continue
        report = validate(str(path / "datapackage.json"), type="package")
        for problem in report.flatten(["title", "rowNumber", "fieldName", "message"])[:10]:
            print(problem)
        check(report.valid, f"{path}: not as its datapackage.json says")
        tables = ", ".join(task.name for task in report.tasks if not task.name.startswith("spans-"))
        print(f"frictionless {version('frictionless')}: {path}: {len(report.tasks)} tables are valid: {tables}, spans")
    check(not lie(folder).valid, "frictionless takes a word that is none: it does not look")


def lie(folder: Path):
    """What the tool says of ratios of which one has a word that is none: only so is it known that it looks."""
    with tempfile.TemporaryDirectory() as scratch:
        package = json.loads((folder / "datapackage.json").read_text())
        package["resources"] = [one for one in package["resources"] if one["name"] == "ratios"]
        (Path(scratch) / "datapackage.json").write_text(json.dumps(package))
        text = (folder / "ratios.csv").read_text()
        (Path(scratch) / "ratios.csv").write_text(text.replace(",floor,floor,", ",floor,flour,", 1))
        return validate(str(Path(scratch) / "datapackage.json"), type="package")


def schemas() -> None:
    """The schemas are valid, and tell right from wrong, as the tests in Rust say that they do."""
    known = {path.stem: json.loads(path.read_text()) for path in Path("schemas").glob("*.json")}
    for schema in known.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    event = jsonschema.Draft202012Validator(known["event"])
    report = {"makespan_ns": 1, "completed": 1, "checksum": "18"}
    check(event.is_valid({"event": "done", "rounds": [report]}), "schemas: a good event is refused")
    for wrong in [{"makespan_ns": -1}, {"completed": "1"}, {"checksum": 18}, {"checksum": ""}]:
        told = {"event": "done", "rounds": [report | wrong]}
        check(not event.is_valid(told), f"schemas: {told} is taken for good")
    print(f"jsonschema {version('jsonschema')}: {', '.join(sorted(known))}")


def main(folder: Path, exports: Path) -> None:
    schemas()
    hyperfine(folder, exports)
    of_pyperf(folder, exports)
    bencher(folder, exports)
    hdr(folder, exports)
    frictionless(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
