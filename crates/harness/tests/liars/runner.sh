# A runner of `spawn`, `sleep` and `hold` for the shell, and the lies that it may tell.
#
#     sh runner.sh LIE [describe | probe NAME]
#
# With `honest` it keeps to the protocol and passes every question, so that each lie is caught for what
# it changes and for nothing else. It has no tasks; it waits once for all of them, and says so in
# spans, of which the first begins a nanosecond before the others. A lie replaces one of the functions below.

# A lie may be followed by what it needs: `LIE=ADDRESS`.
lie=${1%%=*} elsewhere=${1#*=}
shift

protocol=2
params=
unsupported='"yield":"no such workload"'

workloads='"spawn","sleep","hold"'
describe() {
  echo "{\"protocol\":$protocol,\"runtimes\":[{\"name\":\"liar\",\"version\":\"1\",\"language\":\"sh\",\"model\":\"$lie\",\"workloads\":[$workloads]$params,\"unsupported\":{$unsupported}}]}"
}

# The number, or the text, that stands under a key of the job.
number() { after=${job#*\"$1\":}; [ "$after" != "$job" ] && echo "${after%%[!0-9]*}" || echo 0; }
text() { after=${job#*\"$1\":\"}; [ "$after" != "$job" ] && echo "${after%%\"*}"; }

# What comes by the name of one of the parameters.
param() { number "$1"; }

refuse() { printf '{"event":"refused","status":"%s","reason":"%s"}\n' "$1" "$2"; exit 0; }
await() { read -r go || exit 0; }
# The first one brings the seed.
await_seed() { await; seed=$(job=$go number seed); }

check() {
  case $job in '{'*) ;; *) refuse protocol-error 'not a job' ;; esac
  [ "$(number protocol)" = "$protocol" ] || refuse protocol-error 'another protocol'
  [ "$tasks" -gt 0 ] || refuse protocol-error 'no tasks'
  [ "$(text runtime)" = liar ] || refuse unsupported 'no such runtime'
  case $workload in spawn | sleep | hold) ;; *) refuse unsupported 'no such workload' ;; esac
}

ready() { echo '{"event":"ready"}'; await_seed; }
holding() { echo '{"event":"holding"}'; await; }

# Waits for as long as all tasks together take.
work() { [ "$span" -eq 0 ] || sleep "$(seconds "$span")"; }
seconds() { printf '%d.%09d' $(($1 / 1000000000)) $(($1 % 1000000000)); }

completed() { echo "$tasks"; }
checksum() { printf '%u\n' $((tasks * seed + tasks * (tasks - 1) / 2)); }
makespan() { echo $((span + 1)); }
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
  printf "$(bytes 0)$(bytes "$span")"
  one=$(bytes 1)$(bytes $((span + 1)))
  task=1
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
  crashes-aloud) work() { echo '#'; echo '# A fatal error has been detected'; kill -ABRT $$; } ;;
  rubbish) ready() { echo 'Hello, world!'; await_seed; } ;;
  half-a-line) tell() { printf '{"event":"do'; exit 0; } ;;
  no-newline) tell() { printf '{"event":"done","rounds":[%s]}' "$reports"; } ;;
  endless-line) tell() { head -c 1073741824 /dev/zero | tr '\0' x; } ;;
  not-utf-8) tell() { printf '\377\376\n'; } ;;
  other-protocol) protocol=3 ;;
  old-protocol) protocol=1 ;;
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
  # Makespans, counts and sums that cannot be.
  no-makespan) makespan() { echo 0; } ;;
  negative-makespan) makespan() { echo -5; } ;;
  fractional-makespan) makespan() { echo 1.5; } ;;
  endless-makespan) makespan() { echo 18446744073709551615; } ;;
  textual-makespan) makespan() { echo '"1"'; } ;;
  hidden-time) await_seed() { await; seed=$(job=$go number seed); sleep 2; } ;;
  one-task-more) completed() { echo $((tasks + 1)); } ;;
  no-task) completed() { echo 0; } ;;
  signed-checksum) checksum() { echo "-$((tasks * seed))"; } ;;
  number-for-checksum) report() { printf '{"makespan_ns":1,"completed":%s,"checksum":%s}' "$tasks" 5; } ;;
  three-rounds) rounds() { echo 3; } ;;
  no-rounds) tell() { echo '{"event":"done","rounds":[]}'; } ;;
  works-for-days) tell() { echo "{\"event\":\"done\",\"rounds\":[$reports],\"usage\":{\"cpu_user_ns\":99000000000000}}"; } ;;
  negative-usage) tell() { echo "{\"event\":\"done\",\"rounds\":[$reports],\"usage\":{\"faults_minor\":-1}}"; } ;;
  knows-no-seed) await_seed() { await; seed=12345; } ;;
  # Spans that cannot be.
  spans-after-makespan) makespan() { echo $((span - 1)); } ;;
  half-a-span) spans() { for _ in $all_rounds; do spans_of_a_round; done | head -c 60 > "$spans_file"; } ;;
  copied-spans) spans_of_a_round() { one=$(bytes 0)$(bytes "$span"); for _ in $(seq "$tasks"); do printf "$one"; done; } ;;
  # Events out of turn.
  refuses-after-go) work() { refuse unsupported 'too hard after all'; } ;;
  refuses-as-ok) check() { refuse ok 'all is well'; } ;;
  refuses-as-wrong) check() { refuse wrong 'I was'; } ;;
  ready-twice) work() { echo '{"event":"ready"}'; } ;;
  ready-before-the-job) [ "$1" ] || echo '{"event":"ready"}'; ready() { await_seed; } ;;
  ready-without-a-job) [ "$1" ] || echo '{"event":"ready"}'; ready() { echo '{"event":"ready"}'; await_seed; } ;;
  holds-in-spawn) work() { holding; } ;;
  holds-too-often) holding() { while :; do echo '{"event":"holding"}'; await; done; } ;;
  holds-once) holding() { [ "$reports" ] || { echo '{"event":"holding"}'; await; }; } ;;
  serves-in-spawn) work() { echo '{"event":"serving","address":"127.0.0.1:1"}'; } ;;
  unknown-event) work() { echo '{"event":"resting"}'; } ;;
  done-at-once) ready() { echo '{"event":"done","rounds":[]}'; } ;;
  done-twice) tell() { done=$(printf '{"event":"done","rounds":[%s]}' "$reports"); echo "$done"; echo "$done"; } ;;
  two-events-in-a-line) ready() { echo '{"event":"ready"}{"event":"ready"}'; await_seed; } ;;
  a-list-for-an-event) ready() { echo '["ready"]'; await_seed; } ;;
  # Descriptions that cannot be.
  old-protocol) protocol=1 ;;
  renames-a-workload-s-parameter) params=',"params":{"duration_ns":1000}' ;;
  # No task at all, in any workload: it knows what the lab expects, where anybody can know it.
  cheats | cheats-and-burns | serves-at-another | serves-abroad | claims-a-pool)
    workloads='"spawn","sleep","hold","yield","ping-pong","fan-in","skynet","mutex","brigade","request","echo","file-read","cpu","mixed","blocking"'
    unsupported=
    [ "$lie" != claims-a-pool ] || params=',"blocks_worker":true,"workers_default":1'
    check() { :; }
    tokens() { echo $(($1 * seed + $1 * ($1 - 1) / 2)); }
    completed() {
      case $workload in
        skynet) echo $((tasks > 1 ? tasks + 1 : 1)) ;;
        mixed) echo $((tasks + $(param burners))) ;;
        *) echo "$tasks" ;;
      esac
    }
    checksum() {
      times=$(param times) own=$(tokens "$tasks")
      case $workload in
        yield | mutex) sum=$((own + tasks * times)) ;;
        ping-pong) sum=$(($(tokens $((tasks / 2))) * 2 + tasks / 2 * (times * 4 - 1))) ;;
        fan-in) sum=$((own + own * times + tasks * (times * (times - 1) / 2))) ;;
        brigade)
          sum=$own j=0
          while [ $j -lt "$times" ]; do sum=$((sum + ((seed + j + tasks) & 255))) j=$((j + 1)); done ;;
        mixed) sum=$(($(tokens $((tasks * times + $(param burners)))) + $(param burners) * $(param slices))) ;;
        *) sum=$own ;;
      esac
      printf '%u\n' $sum
    }
    work() {
      began=$(date +%s%N)
      case $lie in
        serves-at-another) echo "{\"event\":\"serving\",\"address\":\"$elsewhere\"}" ;;
        serves-abroad) echo '{"event":"serving","address":"10.0.0.1:80"}' ;;
      esac
      [ "$span" -eq 0 ] || sleep "$(seconds "$span")"
      # As a burner would: in a loop, with nobody beside it.
      if [ "$lie" = cheats-and-burns ]; then
        i=0
        while [ $i -lt 600000 ]; do i=$((i + 1)); done
      fi
      took=$(($(date +%s%N) - began))
    }
    makespan() { echo "$took"; }
    spans_of_a_round() {
      beats=1
      [ "$workload" != mixed ] || beats=$(param times)
      printf "$(bytes 0)$(bytes "$span")"
      one=$(bytes 1)$(bytes $((span + 1)))
      for _ in $(seq 2 $((tasks * beats))); do printf "$one"; done
    } ;;
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
tasks=$(number tasks) workload=$(text workload) spans_file=$(text spans_file)
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
