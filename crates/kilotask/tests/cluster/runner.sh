# A runtime for the tests of a cluster: honest in all but its makespans, which follow from the node.
number() { echo "$job$go" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }
case "$1" in
    describe) echo '{"protocol":2,"runtimes":[{"name":"NAME","version":"1","language":"sh","model":"test","workloads":["spawn"]}]}'; exit ;;
    probe) echo '{"available":true}'; exit ;;
esac
read -r job
echo '{"event":"ready"}'
read -r go
sleep "$(cat .pause)"
tasks=$(number tasks) seed=$(number seed) makespan=10000
[ NAME = b ] && case "$(hostname)" in n0) makespan=20000 ;; n1) makespan=5000 ;; esac
makespan=$((makespan + makespan * (seed % 100) / 1000))
checksum=$((tasks * seed + tasks * (tasks - 1) / 2))
echo "{\"event\":\"done\",\"rounds\":[{\"makespan_ns\":$makespan,\"completed\":$tasks,\"checksum\":\"$checksum\"}]}"
read -r end || true
