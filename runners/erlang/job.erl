%% What one trial is to run, as the wire says it, and which jobs make no sense.
-module(job).
-export([read/1, tell/2, of_one_task/1, runtime/1, workload/1, tasks/1, workers/1, rounds/1, token/2, param/2, sleeps_ms/1,
         origin/1, file/1, spans_file/1, spans/1]).

-define(WRONG, "protocol-error").
-define(U64, 16#ffffffffffffffff).

%% Parameters and their defaults, as in /crates/protocol/src/workload.rs.
-define(DEFAULTS, #{<<"duration_ns">> => 1000000, <<"jitter_ns">> => 0, <<"times">> => 100,
                    <<"file_bytes">> => 64 bsl 20, <<"io">> => 0, <<"kernel">> => 0, <<"steps">> => 1000}).
-define(CHOICES, #{<<"io">> => "cached, direct", <<"kernel">> => "integer, sha256"}).
-define(WITH_SPANS, [<<"sleep">>, <<"hold">>, <<"request">>, <<"file-read">>, <<"cpu">>]).

read(Line) ->
    Fields = decode(Line),
    is_map(Fields) orelse wire:refuse(?WRONG, "the job is not a JSON object", []),
    maps:get(<<"protocol">>, Fields, missing) =:= 2 orelse
        wire:refuse(?WRONG, "the job uses protocol ~tp; this runner supports 2",
                    [maps:get(<<"protocol">>, Fields, missing)]),
    [text(Fields, Name) || Name <- [<<"runtime">>, <<"workload">>]],
    [number(Fields, Name, 1) || Name <- [<<"tasks">>, <<"workers">>, <<"rounds">>]],
    maps:get(<<"spans_file">>, Fields, null) =:= null orelse text(Fields, <<"spans_file">>),
    check_params(Fields),
    check_tasks(workload(Fields), Fields),
    maps:without([<<"seed">>, <<"origin">>, <<"file">>], Fields).

%% The job with what the line of the first `go` brings.
tell(Job, <<"go ", Object/binary>>) ->
    Fields = decode(Object),
    is_map(Fields) orelse wire:refuse(?WRONG, "go brings no JSON object", []),
    number(Fields, <<"seed">>, 0),
    check_told(workload(Job), Fields),
    maps:merge(Job, maps:with([<<"seed">>, <<"origin">>, <<"file">>], Fields));
tell(_, Line) ->
    wire:unexpected(Line).

%% For a probe.
of_one_task(Runtime) ->
    #{<<"runtime">> => Runtime, <<"workload">> => <<"spawn">>, <<"tasks">> => 1, <<"seed">> => 7}.

runtime(#{<<"runtime">> := Runtime}) -> Runtime.
workload(#{<<"workload">> := Workload}) -> Workload.
tasks(#{<<"tasks">> := Tasks}) -> Tasks.
workers(#{<<"workers">> := Workers}) -> Workers.
rounds(#{<<"rounds">> := Rounds}) -> Rounds.
file(#{<<"file">> := File}) -> File.
spans_file(Job) -> maps:get(<<"spans_file">>, Job, null).

token(#{<<"seed">> := Seed}, Task) -> (Seed + Task) band ?U64.

%% A parameter; its default where the job does not give it.
param(Job, Name) ->
    maps:get(Name, maps:get(<<"params">>, Job, #{}), maps:get(Name, ?DEFAULTS)).

%% How many spans a round records.
spans(Job) ->
    case lists:member(workload(Job), ?WITH_SPANS) of
        true -> tasks(Job);
        false -> 0
    end.

%% How long each task of `sleep` is to sleep, in whole milliseconds, rounded up.
sleeps_ms(Job) ->
    Duration = param(Job, <<"duration_ns">>),
    Jitter = param(Job, <<"jitter_ns">>),
    Share = fun(_) when Jitter =:= 0 -> 0;
               (Task) -> arithmetic:splitmix64(token(Job, Task)) rem (Jitter + 1)
            end,
    [(Duration + Share(Task) + 999999) div 1000000 || Task <- lists:seq(0, tasks(Job) - 1)].

%% Where the origin of `request` listens.
origin(#{<<"origin">> := Origin}) ->
    [Host, Port] = string:split(Origin, ":", trailing),
    {ok, Address} = inet:parse_address(string:trim(binary_to_list(Host), both, "[]")),
    {Address, binary_to_integer(Port)}.

check_params(Fields) ->
    Params = maps:get(<<"params">>, Fields, #{}),
    is_map(Params) orelse wire:refuse(?WRONG, "the job's \"params\" is not an object", []),
    [number(Params, Name, 0) || Name <- maps:keys(Params)],
    param(Fields, <<"times">>) > 0 orelse
        wire:refuse(?WRONG, "times = 0: ~ts needs at least 1", [workload(Fields)]),
    [wire:refuse(?WRONG, "~ts = ~b: it is one of ~ts", [Name, param(Fields, Name), Words])
     || {Name, Words} <- maps:to_list(?CHOICES), param(Fields, Name) > 1].

check_tasks(<<"ping-pong">>, #{<<"tasks">> := Tasks}) when Tasks rem 2 =/= 0 ->
    wire:refuse(?WRONG, "~b tasks: ping-pong runs pairs of tasks; give an even number", [Tasks]);
check_tasks(_, _) ->
    ok.

check_told(<<"request">>, Fields) ->
    Origin = text(Fields, <<"origin">>),
    try origin(Fields)
    catch error:_ -> wire:refuse(?WRONG, "\"origin\" is \"~ts\", not HOST:PORT", [Origin])
    end;
check_told(<<"file-read">>, Fields) ->
    text(Fields, <<"file">>);
check_told(_, _) ->
    ok.

decode(Line) ->
    try
        true = is_list(unicode:characters_to_list(Line)),
        job_json:read(Line)
    catch error:_ ->
        wire:refuse(?WRONG, "the job is not a JSON object: ~ts", [wire:excerpt(Line)])
    end.

text(Fields, Name) ->
    case maps:get(Name, Fields, missing) of
        Text when is_binary(Text) -> Text;
        Other -> wire:refuse(?WRONG, "\"~ts\" is ~tp, not a string", [Name, Other])
    end.

number(Fields, Name, Least) ->
    case maps:get(Name, Fields, missing) of
        Number when is_integer(Number), Number >= Least, Number =< ?U64 -> Number;
        Other -> wire:refuse(?WRONG, "\"~ts\" is ~tp, not a number from ~b", [Name, Other, Least])
    end.
