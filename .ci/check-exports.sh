#!/usr/bin/env bash
# Reads what kilotask exports with the tools that it is exported for: pyperf, frictionless, the Python reader
# of HdrHistogram's logs, and the scripts that hyperfine ships. Needs python3 with venv, cargo, and, the first
# time, the network; what it installs stays in target/interop.
#
# usage: .ci/check-exports.sh KILOTASK FOLDER...
set -euo pipefail
kilotask=$(realpath "$1")
shift
cd "$(dirname "$0")/.."

tools=${CARGO_TARGET_DIR:-target}/interop
if [ ! -e "$tools/ready" ] || [ .ci/interop.txt -nt "$tools/ready" ]; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r .ci/interop.txt
    touch "$tools/ready"
fi
python=$tools/bin/python

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

    "$python" "$(scripts 1.20.0)/advanced_statistics.py" "$out/hyperfine.json" >"$out/said"
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
