#!/usr/bin/env bash
# Runs shards on a real Slurm of two nodes, and does to it what clusters do. 0 when all is as it should be.
#   test.sh [KILOTASK]      root, on Debian 12; about two minutes
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=$(realpath "${1:-target/release/kilotask}")
export RUN=${RUN:-/run/kilotask-slurm}
export SLURM_CONF=$RUN/slurm.conf
work=$(mktemp -d)
bad=0
ok() { if [ "$2" = "$3" ]; then echo "ok    $1"; else echo "BAD   $1: $2, not $3"; bad=1; fi; }
until_so() { # what, seconds, command…
    local what=$1 tries=$(($2 * 4))
    shift 2
    for _ in $(seq "$tries"); do "$@" && return; sleep 0.25; done
    echo "BAD   waited too long: $what"
    bad=1
}
state() { scontrol show job "$1" -o 2>/dev/null | grep -o " $2=[^ ]*" | cut -d= -f2 | head -1; }
nothing_runs() { [ -z "$(squeue -h)" ]; }
is_idle() { [ "$(sinfo -h -n "$1" -N -o %t)" = idle ]; }
rows() { cat $1/trials.csv 2>/dev/null | wc -l; } # $1 may be a pattern
has_rows() { [ "$(rows "$1")" -gt "$2" ]; }
has_ended() { compgen -G "$1/ending.json" >/dev/null; }

# A checkout of two runtimes that are shell scripts, of which b takes twice as long as a on n0, and half as long on n1.
checkout() {
    mkdir -p "$work/crates"
    printf '[workspace]\n[workspace.metadata.kilotask]\n' >"$work/Cargo.toml"
    for name in a b; do
        mkdir -p "$work/runners/$name"
        echo 'command = ["sh", "main.sh"]' >"$work/runners/$name/runner.toml"
        sed "s/NAME/$name/" "$here/runner.sh" >"$work/runners/$name/main.sh"
    done
    cp "$here/x.toml" "$work/x.toml"
    cp "$here/x.toml" "$work/y.toml"
}
# How long every trial takes, seconds. A hidden file is no part of the program, and no variable reaches a runner.
pause() { for name in a b; do echo "$1" >"$work/runners/$name/.pause"; done; }
# dealt NAME SHARDS BLOCKS OPTION…: scripts of a plan; kilotask's own words are in NAME.said.
dealt() {
    local name=$1 shards=$2 blocks=$3
    shift 3
    (cd "$work" && "$lab" slurm x.toml --out "$name" --shards "$shards" --blocks "$blocks" --seed 7 "$@" >"$name.said" 2>&1) ||
        { cat "$work/$name.said"; exit 1; }
}
submit() { (cd / && sbatch --parsable "$@"); }
merge() { (cd "$work" && "$lab" merge "$@" 2>"$work/merge.said" >"$work/merge.out"); }
# Rows of a merged folder whose machine, cell, block, pass and process another row has, too.
doubled() {
    python3 -c '
import csv, collections, sys
rows = csv.DictReader(open(sys.argv[1]))
keys = collections.Counter(tuple(row[key] for key in ("machine", "cell", "block", "pass", "process")) for row in rows)
print(sum(count > 1 for count in keys.values()))' "$work/$1/trials.csv"
}

# What the machines of the first plan say of a claim.
verdict() {
    python3 -c '
import csv, sys
print(*[row["verdict"] for row in csv.DictReader(open(sys.argv[1])) if row["claim"] == sys.argv[2]])' \
        "$work/one/merged/verdicts-across.csv" "$1"
}
# Refuses a copy of the parts of the fourth plan in which one says something else: what, by a script of sed, and its name.
differing() {
    rm -rf "$work/other" && cp -r "$work/four/parts" "$work/other"
    sed -i "$1" "$(echo "$work"/other/shard-0/*.0)/environment.json"
    merge mixed other
    ok "another $2: refused by name" "$? $(grep -c "$2" "$work/merge.said")" "1 1"
}

began=$SECONDS
"$here/up.sh" 2 || exit 1
trap '"$here/down.sh"; rm -rf "$work"' EXIT
checkout

# 1. From submission to the merged folder, while a node loses its power in the middle of its second shard.
pause 0.1
dealt one 4 49
array=$(submit "$work/one/shard.sbatch")
joined=$(submit --dependency=afterany:"$array" "$work/one/merge.sbatch")
until_so "a shard ends on n0, and another one has a block whole" 60 eval \
    'has_ended "$work/one/parts/*/n0.*" && [ "$(ls -d "$work"/one/parts/*/n0.* | wc -l)" = 2 ] && has_rows "$work/one/parts/*/n0.0" 45'
kill -9 "$(cat "$RUN/n0.pid")"
kept=$(cat "$work"/one/parts/*/n0.*/trials.csv | sha256sum)
until_so "the other node runs what is left, and the merge" 90 nothing_runs
ok "power cut: every shard ended" "$(state "${array}_0" JobState) $(state "$joined" JobState)" "COMPLETED COMPLETED"
ok "power cut: what n0 had written stays" "$(cat "$work"/one/parts/*/n0.*/trials.csv | sha256sum)" "$kept"
ok "power cut: no block is missing" "$(grep -c 'no machine has' "$work/one/log/merge.txt")" 0
ok "power cut: nothing counts twice" "$(doubled one/merged)" 0
ok "power cut: two machines" "$(cut -d, -f1 "$work/one/merged/machines.csv" | tail -n +2 | tr '\n' ' ')" "n0 n1 "
ok "power cut: the page of all machines is there" "$(test -s "$work/one/merged/report.html"; echo $?)" 0
ok "machines that differ: differs by machine" "$(verdict b-is-slower)" differs-by-machine
ok "machines that agree: two have no mean" "$(verdict b-is-no-tenth-of-a)" too-few-machines
merge again one/parts/shard-3 one/parts/shard-1 one/parts/shard-0 one/parts/shard-2
ok "the same bytes in another order" "$(cd "$work/again" && sha256sum trials.csv rounds.csv machines.csv)" \
    "$(cd "$work/one/merged" && sha256sum trials.csv rounds.csv machines.csv)"

# 2. The daemon of a node dies alone: the script runs on there, while Slurm runs its shard again on the other node.
"$here/up.sh" node 0
until_so "n0 is back" 30 is_idle n0
pause 0.5
dealt two 1 41
scontrol update nodename=n1 state=drain reason="n0 is to have it"
array=$(submit "$work/two/shard.sbatch")
until_so "it runs on n0" 30 has_rows "$work/two/parts/shard-0/n0.0" 4
scontrol update nodename=n1 state=resume
daemon=$(pgrep -f "^slurmd .*-N n0$" | head -1)
kill -9 "$daemon"
until_so "it runs on n1, too" 60 has_rows "$work/two/parts/shard-0/n1.1" 2
before=$(rows "$work/two/parts/shard-0/n0.0")
until_so "the old script goes on beside its successor" 20 has_rows "$work/two/parts/shard-0/n0.0" "$before"
scancel "$array"
until_so "it is cancelled" 30 nothing_runs
kill -9 "$(cat "$RUN/n0.pid")" # What runs on is gone with the node.
merge two/merged two/parts
ok "daemon dead: both are merged, nothing counts twice" "$? $(doubled two/merged)" "0 0"
ok "daemon dead: each has a folder of its own" "$(cd "$work/two/parts" && echo */*)" "shard-0/n0.0 shard-0/n1.1"

# 3. scancel of a shard, and of the whole array: what was measured is kept, nothing asks for another turn.
"$here/up.sh" node 0
until_so "n0 is back" 30 is_idle n0
dealt three 4 49
array=$(submit "$work/three/shard.sbatch")
until_so "two shards run" 30 eval 'has_rows "$work/three/parts/shard-0/*" 5 && has_rows "$work/three/parts/shard-1/*" 5'
scancel "${array}_0"
until_so "the next one has its node" 30 has_rows "$work/three/parts/shard-2/*" 1
scancel "$array"
until_so "all are cancelled" 30 nothing_runs
ok "scancel: state, turns" "$(state "${array}_0" JobState) $(state "${array}_0" Restarts)" "CANCELLED 0"
merge three/merged three/parts
ok "scancel: the merge names what is missing" "$? $(grep -c 'no machine has blocks' "$work/merge.said")" "0 1"
ok "scancel: a shard that never ran has no part" "$(ls "$work/three/parts" | tr '\n' ' ')" "shard-0 shard-1 shard-2 "

# 4. The time limit: the shard is warned, stops, asks for another turn, and has it.
pause 0.2
dealt four 1 41 --time 1m
array=$(submit "$work/four/shard.sbatch")
until_so "it has all the turns that it needs" 100 nothing_runs
ok "time limit: state" "$(state "${array}_0" JobState)" COMPLETED
ok "time limit: more than one turn" "$([ "$(state "${array}_0" Restarts)" -ge 1 ] && echo yes)" yes
merge four/merged four/parts
ok "time limit: nothing is missing or there twice" "$? $(grep -c 'no machine has' "$work/merge.said") $(doubled four/merged)" "0 0 0"

# 5. By groups: each is measured on one machine, and none is missing.
pause 0.1
dealt five 2 13 y.toml --deal groups
submit "$work/five/shard.sbatch" >/dev/null
until_so "both shards end" 60 nothing_runs
merge five/merged five/parts
ok "by groups: nothing is missing or there twice" "$? $(grep -c 'no machine has' "$work/merge.said") $(doubled five/merged)" "0 0 0"
ok "by groups: two groups, each on a machine of its own" "$(python3 -c '
import csv, sys
pairs = {(row["group"], row["machine"]) for row in csv.DictReader(open(sys.argv[1]))}
print(len({group for group, _ in pairs}), len({machine for _, machine in pairs}), len(pairs))' \
    "$work/five/merged/trials.csv")" "2 2 2"

# 6. What is not of one plan, or was edited, is refused by name.
merge mixed one/parts four/parts
ok "another plan: refused by name" "$? $(grep -c 'are not of one plan: .*plan' "$work/merge.said")" "1 1"
differing 's/"commit": null/"commit": "c0ffee"/' commit
differing '0,/"version": "1"/s//"version": "2"/' version
part=$(echo "$work"/four/parts/shard-0/*.0)
cp "$part/trials.csv" "$work/whole.csv"
truncate -s -9 "$part/trials.csv"
merge torn four/parts
ok "a torn row: left out, by name" "$? $(grep -c "${part##*/} .*not written to its end, left out" "$work/merge.said")" "0 1"
cp "$work/whole.csv" "$part/trials.csv"
sed -i '3s/,spawn,10,/,spawn,11,/' "$part/trials.csv"
merge four/merged four/parts
ok "an edited row: refused with its file and line" "$? $(grep -c "${part#"$work"/}/trials.csv:3: " "$work/merge.said")" "1 1"

echo "$((SECONDS - began)) s"
exit $bad
