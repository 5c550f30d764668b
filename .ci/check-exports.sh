#!/usr/bin/env bash
# Reads what kilotask exports with the tools that it is exported for: pyperf, frictionless, the Python reader
# of HdrHistogram's logs, jsonschema, and the scripts that hyperfine ships. Needs a Python with what interop.txt
# lists, cargo, and, the first time, the network. `make interop` runs it.
#
# usage: .ci/check-exports.sh PYTHON KILOTASK FOLDER...
set -euo pipefail
python=$(realpath --no-symlinks "$1")
kilotask=$(realpath "$2")
shift 2
cd "$(dirname "$0")/.."

# hyperfine has no library, but its crate has the scripts that read its JSON, before and after it changed.
for version in 1.20.0 2.0.0; do
    cargo info --quiet "hyperfine@$version" >/dev/null
done
scripts() { echo "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/hyperfine-"$1"/scripts; }

out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
for folder in "$@"; do
    echo "== $folder"
    for format in hyperfine hyperfine-2 pyperf bencher hdr; do
        "$kilotask" export "$folder" --format $format --out "$out"
    done
    "$kilotask" export "$folder" --format pyperf --metric rss_peak_bytes --metric cpus_busy \
        --out "$out/more.json"

    # Quietly: of a cell with a single trial numpy has no deviation, and warns.
    "$python" -W ignore "$(scripts 1.20.0)/advanced_statistics.py" "$out/hyperfine.json" >"$out/said"
    echo "hyperfine 1.20.0, advanced_statistics.py: $(grep -c ^Command "$out/said") commands"
    "$python" "$(scripts 2.0.0)/advanced_statistics.py" "$out/hyperfine-2.json" >"$out/said"
    echo "hyperfine 2.0.0, advanced_statistics.py: $(grep -c ^Command "$out/said") commands"

    for file in pyperf more; do
        for verb in show stats metadata; do
            "$python" -m pyperf $verb "$out/$file.json" >/dev/null
        done
        "$python" -m pyperf compare_to "$out/$file.json" "$out/$file.json" >/dev/null
    done
    echo "pyperf: show, stats, metadata, compare_to"

    "$python" .ci/check-exports.py "$folder" "$out"
done
