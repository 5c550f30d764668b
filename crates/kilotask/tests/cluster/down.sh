#!/usr/bin/env bash
# Ends what up.sh started, and nothing else: of the numbers that it noted, those that are still of the process noted.
here=$(cd "$(dirname "$0")" && pwd)
run=${RUN:-/run/kilotask-slurm}
export SLURM_CONF=$run/slurm.conf
. "$here/noted.sh"
[ -e "$run/pids" ] || { echo "nothing to end in $run"; exit 0; }
scancel -u root 2>/dev/null
for _ in $(seq 25); do [ -z "$(squeue -h 2>/dev/null)" ] && break; sleep 0.2; done
scontrol shutdown 2>/dev/null # slurmctld and the slurmds, in good order
for node in "$run"/n*.pid; do alive "$(cat "$node")" && kill -9 "$(cat "$node")"; done
munged=$(head -1 "$run/pids" | cut -d' ' -f1)
alive "$munged" && kill "$munged"
for _ in $(seq 50); do [ -z "$(all_alive)" ] && break; sleep 0.2; done
for pid in $(all_alive); do kill -9 "$pid"; done
rm -rf "$run"
