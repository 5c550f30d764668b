#!/usr/bin/env bash
# Starts a Slurm of NODES nodes (2) on this machine, for tests: root, Debian 12, no systemd, nothing under /etc.
#   up.sh [NODES]      then: export SLURM_CONF=/run/kilotask-slurm/slurm.conf
#   up.sh node N       starts a node again whose power was cut
# Ends when every node is idle, with 1 when that takes longer than 30 s. down.sh undoes it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
run=${RUN:-/run/kilotask-slurm}
export SLURM_CONF=$run/slurm.conf
. "$here/noted.sh"

# A node has a host name and processes of its own, as on a real cluster: what runs there sees `hostname` = n0, n1, …, and
# to end the process noted here is to cut the power of the node: slurmd and all that it started are gone at once. To end
# slurmd alone leaves the rest running. A CPU of its own as well, while there are enough: what a job may use is what its
# slurmd may (task/none binds nothing).
start_node() {
    local i=$1 count=$2 pin=()
    mkdir -p "$run/spool.n$i"
    [ "$(nproc)" -ge "$count" ] && pin=(taskset -c "$i")
    "${pin[@]}" unshare --uts --pid --fork --kill-child --mount-proc \
        sh -c 'hostname "$1"; slurmd -D -c -f "$2" -N "$1" & sleep infinity' sh "n$i" "$SLURM_CONF" \
        >"$run/slurmd.n$i.out" 2>&1 &
    echo $! >"$run/n$i.pid"
    note $!
}
idle() { sinfo -h -N -o '%t' 2>/dev/null | grep -cx idle || true; }

if [ "${1:-}" = node ]; then
    start_node "$2" "$(cat "$run/nodes")"
    exit
fi
nodes=${1:-2}
missing=()
for need in slurmctld:slurmctld slurmd:slurmd sbatch:slurm-client munged:munge; do
    PATH=$PATH:/usr/sbin command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
fi

[ ! -e "$run/pids" ] || { echo "$run is in use: down.sh first"; exit 1; }
mkdir -p "$run/state" && chmod 755 "$run"
: >"$run/pids"
echo "$nodes" >"$run/nodes"
sed -e "s|@RUN@|$run|g" -e "s|@NODES@|$nodes|g" -e "s|@LAST@|$((nodes - 1))|g" -e "s|@HOST@|$(hostname -s)|g" \
    -e "s|@PORTS@|16820-$((16820 + nodes - 1))|g" "$here/slurm.conf.in" >"$run/slurm.conf"

# A key and a socket of our own: a munged of the machine's is left alone.
(umask 077; head -c 1024 /dev/urandom >"$run/munge.key")
munged --key-file="$run/munge.key" --socket="$run/munge.socket" --pid-file="$run/munged.pid" \
    --log-file="$run/munged.log" --seed-file="$run/munged.seed" --num-threads=2
note "$(cat "$run/munged.pid")"
slurmctld -D -c -f "$SLURM_CONF" >"$run/slurmctld.out" 2>&1 &
note $!
for i in $(seq 0 $((nodes - 1))); do start_node "$i" "$nodes"; done
for _ in $(seq 150); do
    [ "$(idle)" = "$nodes" ] && { sinfo -N -o '%N %t %c %m'; exit 0; }
    sleep 0.2
done
echo "not all nodes came up"; sinfo -N -l || true; tail -5 "$run"/*.log
exit 1
