#!/usr/bin/env bash
# Ends what up.sh started, by the numbers that it noted, and nothing else.
run=${RUN:-/run/kilotask-slurm}
export SLURM_CONF=$run/slurm.conf
[ -e "$run/pids" ] || { echo "nothing to end in $run"; exit 0; }
scancel -u root 2>/dev/null
for _ in $(seq 25); do [ -z "$(squeue -h 2>/dev/null)" ] && break; sleep 0.2; done
scontrol shutdown 2>/dev/null # slurmctld and the slurmds, in good order
for node in "$run"/n*.pid; do kill -9 "$(cat "$node")" 2>/dev/null; done
kill "$(head -1 "$run/pids")" 2>/dev/null # munged
for _ in $(seq 50); do
    alive=0
    while read -r pid; do kill -0 "$pid" 2>/dev/null && alive=1; done <"$run/pids"
    [ $alive = 0 ] && break
    sleep 0.2
done
while read -r pid; do kill -9 "$pid" 2>/dev/null; done <"$run/pids"
rm -rf "$run"
