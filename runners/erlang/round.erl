%% One round: its clock, its spans, and its report.
%%
%% Spans are in an array of atomics, which all processes share and where each has its own two places: nothing is
%% copied, and nothing of them is in any message. The clock's own readings are in the first three.
-module(round).
-export([new/1, measure/2, start/2, finish/2, holding/1, write_spans/2]).

-define(BEGAN, 1).
-define(ENDED, 2).
-define(PAUSED, 3).
-define(START(Task), (4 + 2 * (Task))).
-define(FINISH(Task), (5 + 2 * (Task))).
-define(NEVER, -(1 bsl 62)). % Erlang's clock may be below 0.
-define(U64, 16#ffffffffffffffff).

%% A round whose memory is touched already.
new(Job) ->
    Spans = job:spans(Job),
    Round = atomics:new(?START(Spans), [{signed, true}]),
    [begin
         atomics:put(Round, ?START(Task), ?NEVER),
         atomics:put(Round, ?FINISH(Task), ?NEVER)
     end || Task <- lists:seq(0, Spans - 1)],
    Round.

now_ns() -> erlang:monotonic_time(nanosecond).

%% Runs it, and gives its report.
measure(Job, Round) ->
    Prepared = processes:prepare(Job, Round),
    atomics:put(Round, ?BEGAN, now_ns()),
    {Completed, Sum} = processes:run(Prepared),
    atomics:put(Round, ?ENDED, now_ns()),
    Makespan = atomics:get(Round, ?ENDED) - atomics:get(Round, ?BEGAN) - atomics:get(Round, ?PAUSED),
    io_lib:format("{\"makespan_ns\":~b,\"completed\":~b,\"checksum\":\"~b\"}", [Makespan, Completed, Sum band ?U64]).

%% A task begins to do its work; to be called within the task, before it waits.
start(Round, Task) -> atomics:put(Round, ?START(Task), now_ns()).

%% Its work is over.
finish(Round, Task) -> atomics:put(Round, ?FINISH(Task), now_ns()).

%% Tells the lab that all tasks are alive, and waits for `go`. The wait is no part of the round.
holding(Round) ->
    Before = now_ns(),
    wire:checkpoint("holding"),
    atomics:add(Round, ?PAUSED, now_ns() - Before).

%% Start and finish of each span in turn, nanoseconds since its round began.
write_spans(Job, Rounds) ->
    case job:spans_file(Job) of
        null -> ok;
        Path -> ok = file:write_file(Path, [spans(Round, job:spans(Job)) || Round <- Rounds], [raw])
    end.

spans(Round, Spans) ->
    Began = atomics:get(Round, ?BEGAN),
    %% In `hold` every task finishes after the pause: it is released only then.
    Late = Began + atomics:get(Round, ?PAUSED),
    [<<(since(atomics:get(Round, ?START(Task)), Began, ?U64)):64/little,
       (since(atomics:get(Round, ?FINISH(Task)), Late, 0)):64/little>> || Task <- lists:seq(0, Spans - 1)].

since(?NEVER, _, Otherwise) -> Otherwise;
since(Time, Began, _) -> Time - Began.
