# The processes of the Slurm under test, in $run/pids: number and start, a line each. The numbers of those that have ended,
# nodes whose power was cut, are soon those of other processes.

# When a process started, in clock ticks after the machine did.
started() { cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null; }
note() { echo "$1 $(started "$1")" >>"$run/pids"; }
alive() { grep -qx "$1 $(started "$1" || echo ended)" "$run/pids"; }
all_alive() { while read -r pid _; do alive "$pid" && echo "$pid"; done <"$run/pids"; }
