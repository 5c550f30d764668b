%% The Erlang runner: `describe`, `probe NAME`, or, with no argument, serve one job on standard input.
%%
%% PROTOCOL.md describes the wire; processes.erl holds the workloads in Erlang's own idiom.
-module(runner).
-export([main/0]).

-define(NAME, <<"erlang-processes">>).
-define(USAGE, "usage: runner describe | probe NAME | (no argument: serve one job on standard input)\n").

main() ->
    wire:open(),
    Status =
        try main(init:get_plain_arguments())
        catch
            throw:{refused, Why, Reason} ->
                wire:send_refusal(Why, Reason),
                0;
            throw:gone ->
                0;
            _:Error:Stack ->
                io:format(standard_error, "~p~n~p~n", [Error, Stack]),
                1
        end,
    halt(Status).

main([]) ->
    serve(wire:read_line());
main(["describe"]) ->
    wire:send(describe()),
    0;
main(["probe", Name]) ->
    wire:send(probe(list_to_binary(Name))),
    0;
main(_) ->
    io:put_chars(standard_error, ?USAGE),
    1.

%% ------------------------------------------------------------------------------------ questions

describe() ->
    {Supported, Unsupported} = processes:workloads(),
    ["{\"protocol\":2,\"runtimes\":[{\"name\":", wire:quote(?NAME),
     ",\"version\":", wire:quote(version()),
     ",\"language\":\"erlang\",\"model\":\"one process per task, one scheduler per core (+sbwt none: no spinning), preempted, epoll\"",
     ",\"workloads\":[", lists:join($,, [wire:quote(Workload) || Workload <- Supported]),
     "],\"unsupported\":", object(Unsupported), ",\"caveats\":", object(processes:caveats()), "}]}"].

object(Texts) ->
    [${, lists:join($,, [[wire:quote(Name), $:, wire:quote(Text)] || {Name, Text} <- Texts]), $}].

%% Of Erlang/OTP and of its emulator.
version() ->
    iolist_to_binary([erlang:system_info(otp_release), " (erts ", erlang:system_info(version), ")"]).

%% Has one process run.
probe(?NAME) ->
    {1, _} = processes:run(job:of_one_task(?NAME)),
    "{\"available\":true}";
probe(Name) ->
    ["{\"available\":false,\"reason\":", wire:quote(<<"this runner hosts no runtime ", Name/binary>>), "}"].

%% ---------------------------------------------------------------------------------------- a job

serve(eof) ->
    0;
serve(Line) ->
    Asked = job:read(Line),
    start(Asked),
    Rounds = [round:new(Asked) || _ <- lists:seq(1, job:rounds(Asked))],
    Job = job:tell(Asked, wire:ready()),
    Reports = [round:measure(Job, Round) || Round <- Rounds],
    %% The runtime gives CPU time in milliseconds, and no faults or switches: all of it is left out.
    wire:send(["{\"event\":\"done\",\"rounds\":[", lists:join($,, Reports), "],\"usage\":{}}"]),
    wire:wait_for_end_of_input(),
    %% Only now, so that no measurement contains the writing.
    round:write_spans(Job, Rounds),
    0.

%% Builds the runtime: everything that comes before the first task.
start(Job) ->
    job:runtime(Job) =:= ?NAME orelse
        wire:refuse("unsupported", "this runner hosts no runtime \"~ts\"", [job:runtime(Job)]),
    {Supported, Unsupported} = processes:workloads(),
    Workload = job:workload(Job),
    case lists:keyfind(Workload, 1, Unsupported) of
        {_, Why} -> wire:refuse("unsupported", "~ts has no ~ts: ~ts", [?NAME, Workload, Why]);
        false -> ok
    end,
    lists:member(Workload, Supported) orelse
        wire:refuse("unsupported", "~ts has no workload ~ts", [?NAME, Workload]),
    use_schedulers(job:workers(Job)),
    require_processes(processes:most_alive(Job)),
    processes:refuse(Job).

use_schedulers(Workers) ->
    Most = erlang:system_info(schedulers),
    Workers =< Most orelse
        wire:refuse("unsupported", "~b workers: ask for at most ~b, one per core", [Workers, Most]),
    erlang:system_flag(schedulers_online, Workers).

require_processes(Wanted) ->
    Limit = erlang:system_info(process_limit),
    Room = Limit - erlang:system_info(process_count),
    Wanted =< Room orelse
        wire:refuse("unsupported", "~b processes may be alive at once, and the emulator's limit of ~b (erl +P) "
                    "leaves room for ~b", [Wanted, Limit, Room]).
