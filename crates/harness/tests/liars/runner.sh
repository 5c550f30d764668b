# A runner of `spawn`, `sleep` and `hold` for the shell, and the lies that it may tell.
#
#     sh runner.sh LIE [describe | probe NAME]
#
# With `honest` it keeps to the protocol and passes every question, so that each lie is caught for what
# it changes and for nothing else. It has no tasks; it waits once for all of them, and says so in
# spans, all of which are alike. A lie replaces one of the functions below.

lie=$1
shift

protocol=1

workloads='"spawn","sleep","hold"'
describe() {
  echo "{\"protocol\":$protocol,\"runtimes\":[{\"name\":\"liar\",\"version\":\"1\",\"language\":\"sh\",\"model\":\"$lie\",\"workloads\":[$workloads],\"unsupported\":{\"yield\":\"no such workload\"}}]}"
}

# The number, or the text, that stands under a key of the job.
number() { after=${job#*\"$1\":}; [ "$after" != "$job" ] && echo "${after%%[!0-9]*}" || echo 0; }
text() { after=${job#*\"$1\":\"}; [ "$after" != "$job" ] && echo "${after%%\"*}"; }

refuse() { printf '{"event":"refused","status":"%s","reason":"%s"}\n' "$1" "$2"; exit 0; }
await() { read -r go || exit 0; }

check() {
  case $job in '{'*) ;; *) refuse protocol-error 'not a job' ;; esac
  [ "$(number protocol)" = "$protocol" ] || refuse protocol-error 'another protocol'
  [ "$tasks" -gt 0 ] || refuse protocol-error 'no tasks'
  [ "$(text runtime)" = liar ] || refuse unsupported 'no such runtime'
  case $workload in spawn | sleep | hold) ;; *) refuse unsupported 'no such workload' ;; esac
}

ready() { echo '{"event":"ready"}'; await; }
holding() { echo '{"event":"holding"}'; await; }

# Waits for as long as all tasks together take.
work() { [ "$span" -eq 0 ] || sleep "$(seconds "$span")"; }
seconds() { printf '%d.%09d' $(($1 / 1000000000)) $(($1 % 1000000000)); }

completed() { echo "$tasks"; }
checksum() { printf '%u\n' $((tasks * seed + tasks * (tasks - 1) / 2)); }
makespan() { echo "$span"; }
report() { printf '{"makespan_ns":%s,"completed":%s,"checksum":"%s"}' "$(makespan)" "$(completed)" "$(checksum)"; }

# One number, in eight little-endian bytes, in the octal escapes of printf.
bytes() {
  rest=$1
  for _ in 1 2 3 4 5 6 7 8; do
    printf '\\%03o' $((rest & 255))
    rest=$((rest >> 8))
  done
}
spans_of_a_round() {
  one=$(bytes 0)$(bytes "$span")
  task=0
  while [ $task -lt "$tasks" ]; do
    printf "$one"
    task=$((task + 1))
  done
}
spans() {
  [ -n "$spans_file" ] || return 0
  for _ in $all_rounds; do spans_of_a_round; done > "$spans_file"
}

tell() { echo "{\"event\":\"done\",\"rounds\":[$reports]}"; }
end() { while read -r rest; do :; done; }

case $lie in
  honest) ;;
  skips-a-task) completed() { echo $((tasks - 1)); } ;;
  skips-in-secret) checksum() { echo $(((tasks - 1) * seed + (tasks - 1) * (tasks - 2) / 2)); } ;;
  constant-checksum) checksum() { echo 42; } ;;
  sums-all-rounds)
    checksum() {
      before=$(printf '%s' "$reports" | tr -cd '{' | wc -c)
      echo $(((before + 1) * (tasks * seed + tasks * (tasks - 1) / 2)))
    } ;;
  forgets-the-seed) checksum() { echo $((tasks * (tasks - 1) / 2)); } ;;
  one-after-another)
    work() { [ "$workload" != sleep ] || sleep "$(seconds $((span * tasks)))"; }
    makespan() { echo $((span * tasks)); }
    spans_of_a_round() {
      task=0
      while [ $task -lt "$tasks" ]; do
        printf "$(bytes $((task * span)))$(bytes $(((task + 1) * span)))"
        task=$((task + 1))
      done
    } ;;
  wakes-early) set_span() { span=$(($(number duration_ns) / 2)); } ;;
  never-ready) ready() { sleep 1000; } ;;
  hangs-after-ready) work() { sleep 1000; } ;;
  hangs-after-holding) holding() { echo '{"event":"holding"}'; await; sleep 1000; } ;;
  never-holds) holding() { :; } ;;
  ignores-end-of-input) end() { sleep 1000; } ;;
  ignores-end-at-ready) await() { read -r go || sleep 1000; } ;;
  exits-with-3) end() { echo 'could not clean up' >&2; exit 3; } ;;
  crashes) work() { kill -SEGV $$; } ;;
  rubbish) ready() { echo 'Hello, world!'; await; } ;;
  half-a-line) tell() { printf '{"event":"do'; exit 0; } ;;
  no-newline) tell() { printf '{"event":"done","rounds":[%s]}' "$reports"; } ;;
  endless-line) tell() { head -c 1073741824 /dev/zero | tr '\0' x; } ;;
  not-utf-8) tell() { printf '\377\376\n'; } ;;
  other-protocol) protocol=2 ;;
  serves-any-protocol) check() { :; } ;;
  crashes-on-rubbish) refuse() { echo "cannot: $2" >&2; exit 1; } ;;
  leaves-a-child) end() { sleep 1000 > /dev/null 2>&1 & } ;;
  leaves-a-daemon) end() { setsid sleep 1000 > /dev/null 2>&1 & sleep 0.1; } ;;
  child-that-follows) end() { sleep 0.03 > /dev/null 2>&1 & } ;;
  too-few-spans) spans() { spans_of_a_round > "$spans_file"; } ;;
  too-many-spans) spans() { for _ in $all_rounds more; do spans_of_a_round; done > "$spans_file"; } ;;
  no-spans) spans() { :; } ;;
  backwards-spans) bytes() { [ "$1" = 0 ] && printf '\\001\\000\\000\\000\\000\\000\\000\\001' || printf '\\000%.0s' 1 2 3 4 5 6 7 8; } ;;
  long-makespan) makespan() { echo 99000000000; } ;;
  one-round) rounds() { echo 1; } ;;
  cannot-hold) holding() { :; }; check() { [ "$workload" != hold ] || refuse unsupported 'it has no barrier'; } ;;
  talks-on) end() { echo bye; while read -r rest; do :; done; } ;;
  counts-the-pause) makespan() { echo $((span + 10000000000)); } ;;
  ignores-end-at-holding) holding() { echo '{"event":"holding"}'; read -r go || sleep 1000; } ;;
  gives-no-reason) check() { [ "$workload" != hold ] || refuse unsupported ''; } ;;
  hides-the-limit)
    workloads='"file-read"'
    check() {
      [ "$(number io)" = 0 ] || refuse unsupported 'too much'
      [ "$(ulimit -n)" -gt 256 ] || refuse unsupported 'too much'
    } ;;
  *) echo "unknown lie $lie" >&2; exit 1 ;;
esac

case $1 in
  describe) describe; exit ;;
  probe) echo '{"available":true}'; exit ;;
esac

read -r job || exit 0
tasks=$(number tasks) seed=$(number seed) workload=$(text workload) spans_file=$(text spans_file)
check
command -v rounds > /dev/null || rounds() { number rounds; }
# All wait as long as the one that waits longest; those that are held are held a millisecond.
command -v set_span > /dev/null || set_span() {
  span=$(($(number duration_ns) + $(number jitter_ns)))
  [ "$workload" != hold ] || span=1000000
}
set_span
all_rounds=$(seq "$(rounds)")

ready
reports=
for _ in $all_rounds; do
  [ "$workload" != hold ] || holding
  work
  reports=$reports${reports:+,}$(report)
done
tell
end
spans
