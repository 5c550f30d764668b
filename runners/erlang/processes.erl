%% erlang-processes: a process a task.
%%
%% The idiom of Erlang's own books: `spawn_link` starts a task, a message to whoever started it brings what it
%% returns, and nothing is shared. A task that fails takes the others along, as they are linked.
%%
%% Settings: `workers` are the schedulers that are online, one a core by default. They do not spin before they sleep,
%% and Erlang's clock is not adjusted towards the system's date: runner.toml says why.
%%
%% What could mislead:
%% - **Timers have a grain of 1 ms** and are rounded up, so that a sleep of 1 ms takes up to two.
%% - A process is preempted after some 4000 calls of functions, and has a heap and a collector of its own.
%% - The process that joins gets a message from each, and copies none of its own: numbers beyond 60 bits are copied.
%% - In `cpu` a 64-bit product has 128 bits, on the heap, before it is cut: that is Erlang's arithmetic.
-module(processes).
-export([workloads/0, caveats/0, most_alive/1, refuse/1, prepare/2, run/1]).

-define(BACKLOG, 4096).
-define(UNBOUNDED, "this needs a bounded channel, and Erlang's mailboxes are unbounded").
-define(NO_LOCK, "processes share no memory, so there is nothing to lock").
-define(NO_PIPES, "Erlang has OS pipes only to a port's own process").
-define(NO_CLOCK, "Erlang does not report the CPU time of a process or thread").
-define(NO_BLOCK, "Erlang's own calls never block a scheduler: see sleep").

%% The names of those that it has, and of those that it has not with the reason.
workloads() ->
    {[<<"sleep">>, <<"spawn">>, <<"hold">>, <<"yield">>, <<"ping-pong">>, <<"skynet">>, <<"request">>, <<"echo">>,
      <<"file-read">>, <<"cpu">>],
     [{<<"fan-in">>, ?UNBOUNDED}, {<<"mutex">>, ?NO_LOCK}, {<<"brigade">>, ?NO_PIPES}, {<<"mixed">>, ?NO_CLOCK},
      {<<"blocking">>, ?NO_BLOCK}]}.

%% Shown wherever a figure is ranked.
caveats() ->
    [{<<"sleep">>, "its timers round up to whole milliseconds: a sleep of 1 ms takes up to 2 ms"},
     {<<"file-read">>, "in Erlang, summing a block takes longer than reading it from the page cache"},
     {<<"cpu">>, "its integers have arbitrary size: each 64-bit product is allocated on the heap, then truncated"}].

%% How many processes may be alive at once: the one that starts them may be far ahead.
most_alive(Job) ->
    case job:workload(Job) of
        <<"skynet">> -> nodes_of(job:tasks(Job));
        _ -> job:tasks(Job)
    end.

nodes_of(Leaves) ->
    case arithmetic:shares(Leaves) of
        [] -> 1;
        [First | _] = Shares ->
            Last = lists:last(Shares),
            Larger = length([Share || Share <- Shares, Share =:= First]),
            1 + Larger * nodes_of(First) + (length(Shares) - Larger) * nodes_of(Last)
    end.

%% Refuses what stands in its way here: a limit, or a part of OTP that is not installed.
refuse(Job) ->
    lists:member(job:workload(Job), [<<"request">>, <<"echo">>, <<"file-read">>]) andalso
        require_files(job:tasks(Job) + 1),
    case {job:workload(Job), job:param(Job, <<"kernel">>), job:param(Job, <<"io">>)} of
        {<<"cpu">>, 1, _} ->
            code:ensure_loaded(crypto) =:= {module, crypto} orelse
                wire:refuse("unsupported", "OTP's crypto is missing; run apt install erlang-crypto", []),
            crypto:hash(sha256, <<>>);
        {<<"file-read">>, _, 1} ->
            wire:refuse("unsupported", "io = direct: OTP cannot open a file with O_DIRECT; ask for io = cached", []);
        _ ->
            ok
    end.

%% More files than the emulator may have open, beside those that are.
require_files(Files) ->
    {ok, Open} = file:list_dir("/proc/self/fd"),
    Now = length(Open),
    Limit = proplists:get_value(max_fds, lists:flatten(erlang:system_info(check_io)), Files + Now),
    Files + Now =< Limit orelse
        wire:refuse("unsupported", "~b files are needed beside the ~b that are open, and the limit is ~b; raise it with "
                    "ulimit -n ~b", [Files, Now, Limit, Files + Now]).

%% A round, with what its tasks need to know worked out: a job of its own for `run`.
prepare(Job, Round) ->
    Sleeps = case job:workload(Job) of
                 <<"sleep">> -> job:sleeps_ms(Job);
                 _ -> []
             end,
    Job#{round => Round, sleeps => Sleeps}.

%% Runs a round: how many tasks were joined, and the sum of what they returned.
run(Job) ->
    case job:workload(Job) of
        <<"sleep">> -> sleep(Job);
        <<"spawn">> -> spawn_all(Job);
        <<"hold">> -> hold(Job);
        <<"yield">> -> give_way(Job);
        <<"ping-pong">> -> ping_pong(Job);
        <<"skynet">> -> skynet(Job);
        <<"request">> -> request(Job);
        <<"echo">> -> echo(Job);
        <<"file-read">> -> file_read(Job);
        <<"cpu">> -> cpu(Job)
    end.

sleep(#{round := Round, sleeps := Sleeps} = Job) ->
    Parent = self(),
    Start = fun(Ms, Task) ->
                spawn_link(fun() ->
                    round:start(Round, Task),
                    timer:sleep(Ms),
                    round:finish(Round, Task),
                    Parent ! {returned, job:token(Job, Task)}
                end),
                Task + 1
            end,
    lists:foldl(Start, 0, Sleeps),
    join(job:tasks(Job)).

spawn_all(Job) ->
    Parent = self(),
    [spawn_link(fun() -> Parent ! {returned, job:token(Job, Task)} end) || Task <- indices(Job)],
    join(job:tasks(Job)).

hold(#{round := Round} = Job) ->
    Parent = self(),
    Pids = [spawn_link(fun() ->
                round:start(Round, Task),
                Parent ! here,
                receive go -> ok end,
                round:finish(Round, Task),
                Parent ! {returned, job:token(Job, Task)}
            end) || Task <- indices(Job)],
    [receive here -> ok end || _ <- Pids],
    round:holding(Round),
    [Pid ! go || Pid <- Pids],
    join(job:tasks(Job)).

give_way(Job) ->
    Parent = self(),
    Times = job:param(Job, <<"times">>),
    [spawn_link(fun() -> Parent ! {returned, job:token(Job, Task) + give_way(Times, 0)} end) || Task <- indices(Job)],
    join(job:tasks(Job)).

give_way(Times, Times) ->
    Times;
give_way(Times, Given) ->
    erlang:yield(),
    give_way(Times, Given + 1).

ping_pong(Job) ->
    Parent = self(),
    Times = job:param(Job, <<"times">>),
    [begin
         Second = spawn_link(fun() -> Parent ! {returned, return_ball(Times, 0)} end),
         spawn_link(fun() -> Parent ! {returned, serve_ball(Times, job:token(Job, Pair), Second)} end)
     end || Pair <- lists:seq(0, job:tasks(Job) div 2 - 1)],
    join(job:tasks(Job)).

serve_ball(0, Ball, _) ->
    Ball;
serve_ball(Times, Ball, Second) ->
    Second ! {ball, self(), Ball},
    receive {ball, Second, Back} -> serve_ball(Times - 1, Back + 1, Second) end.

return_ball(0, Ball) ->
    Ball;
return_ball(Times, _) ->
    receive {ball, First, Ball} ->
        First ! {ball, self(), Ball + 1},
        return_ball(Times - 1, Ball + 1)
    end.

skynet(Job) ->
    Parent = self(),
    Leaves = job:tasks(Job),
    spawn_link(fun() -> Parent ! {subtree, tree(Job, 0, Leaves)} end),
    receive {subtree, Tally} -> Tally end.

tree(Job, First, 1) ->
    {1, job:token(Job, First)};
tree(Job, First, Leaves) ->
    Parent = self(),
    Shares = arithmetic:shares(Leaves),
    Start = fun(Share, From) ->
                spawn_link(fun() -> Parent ! {subtree, tree(Job, From, Share)} end),
                From + Share
            end,
    lists:foldl(Start, First, Shares),
    Add = fun(_, {Nodes, Sum}) -> receive {subtree, {More, Own}} -> {Nodes + More, Sum + Own} end end,
    lists:foldl(Add, {1, 0}, Shares).

request(#{round := Round} = Job) ->
    Parent = self(),
    {Host, Port} = job:origin(Job),
    [spawn_link(fun() ->
         round:start(Round, Task),
         {ok, Socket} = gen_tcp:connect(Host, Port, [binary, {active, false}, {nodelay, true}]),
         ok = gen_tcp:send(Socket, <<(job:token(Job, Task)):64/little>>),
         {ok, <<Reply:64/little>>} = gen_tcp:recv(Socket, 8),
         round:finish(Round, Task),
         gen_tcp:close(Socket),
         Parent ! {returned, Reply}
     end) || Task <- indices(Job)],
    join(job:tasks(Job)).

echo(Job) ->
    Parent = self(),
    Backlog = max(job:tasks(Job), ?BACKLOG),
    Options = [binary, {active, false}, {nodelay, true}, {ip, {127, 0, 0, 1}}, {backlog, Backlog}],
    {ok, Listener} = gen_tcp:listen(0, Options),
    {ok, Port} = inet:port(Listener),
    wire:send(io_lib:format("{\"event\":\"serving\",\"address\":\"127.0.0.1:~b\"}", [Port])),
    [begin
         {ok, Socket} = gen_tcp:accept(Listener),
         Server = spawn_link(fun() ->
             receive yours -> ok end,
             Parent ! {returned, job:token(Job, Task) + send_back(Socket, 0)}
         end),
         ok = gen_tcp:controlling_process(Socket, Server),
         Server ! yours
     end || Task <- indices(Job)],
    gen_tcp:close(Listener),
    join(job:tasks(Job)).

send_back(Socket, Sent) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Bytes} ->
            ok = gen_tcp:send(Socket, Bytes),
            send_back(Socket, Sent + byte_size(Bytes));
        {error, closed} ->
            gen_tcp:close(Socket),
            Sent
    end.

file_read(#{round := Round} = Job) ->
    Parent = self(),
    Times = job:param(Job, <<"times">>),
    FileBytes = job:param(Job, <<"file_bytes">>),
    [spawn_link(fun() ->
         round:start(Round, Task),
         {ok, File} = file:open(job:file(Job), [read, raw, binary]),
         Token = job:token(Job, Task),
         Sum = lists:sum([read_block(File, arithmetic:block_offset(Token, Read, FileBytes))
                          || Read <- lists:seq(0, Times - 1)]),
         ok = file:close(File),
         round:finish(Round, Task),
         Parent ! {returned, Sum}
     end) || Task <- indices(Job)],
    join(job:tasks(Job)).

read_block(File, Offset) ->
    {ok, <<Block:4096/binary>>} = file:pread(File, Offset, 4096),
    arithmetic:block_sum(Block).

cpu(#{round := Round} = Job) ->
    Parent = self(),
    Compute = arithmetic:kernel(job:param(Job, <<"kernel">>), job:param(Job, <<"steps">>)),
    [spawn_link(fun() ->
         round:start(Round, Task),
         Result = Compute(job:token(Job, Task)),
         round:finish(Round, Task),
         Parent ! {returned, Result}
     end) || Task <- indices(Job)],
    join(job:tasks(Job)).

indices(Job) ->
    lists:seq(0, job:tasks(Job) - 1).

%% Waits for what so many tasks return, in whatever order it comes.
join(Tasks) ->
    join(Tasks, 0, 0).

join(Tasks, Tasks, Sum) ->
    {Tasks, Sum};
join(Tasks, Joined, Sum) ->
    receive {returned, Value} -> join(Tasks, Joined + 1, Sum + Value) end.
