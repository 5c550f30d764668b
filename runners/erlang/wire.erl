%% The runner's end of the wire: standard input and output, a JSON object a line.
-module(wire).
-export([open/0, read_line/0, send/1, send_refusal/2, refuse/3, ready/0, checkpoint/1, unexpected/1, wait_for_end_of_input/0, quote/1,
         excerpt/1]).

-define(EXCERPT_BYTES, 80).

%% Bytes, both ways.
open() ->
    ok = io:setopts(standard_io, [binary, {encoding, latin1}]).

%% The next line of input without its newline; `eof` at the end of input.
read_line() ->
    case file:read_line(standard_io) of
        {ok, Line} -> string:trim(Line, trailing, "\n");
        eof -> eof
    end.

%% Writes a line: the only thing that ever reaches standard output.
send(Json) ->
    ok = file:write(standard_io, [Json, $\n]).

%% Ends what is under way with a refusal, which is an answer.
refuse(Status, Format, Values) ->
    throw({refused, Status, unicode:characters_to_binary(io_lib:format(Format, Values))}).

send_refusal(Status, Reason) ->
    send(["{\"event\":\"refused\",\"status\":\"", Status, "\",\"reason\":", quote(Reason), "}"]).

%% Says `ready`, and gives the line that answers it. If input ends instead, the process ends.
ready() ->
    send("{\"event\":\"ready\"}"),
    case read_line() of
        eof -> throw(gone);
        Line -> Line
    end.

unexpected(Line) ->
    refuse("protocol-error", "expected \"go\" at a checkpoint, not \"~ts\"", [excerpt(Line)]).

%% Sends an event and waits for `go`. If input ends instead, the process ends.
checkpoint(Event) ->
    send(["{\"event\":\"", Event, "\"}"]),
    case read_line() of
        <<"go">> -> ok;
        eof -> throw(gone);
        Word -> unexpected(Word)
    end.

wait_for_end_of_input() ->
    read_line() =:= eof orelse wait_for_end_of_input().

%% A text as a JSON string.
quote(Text) ->
    [$", [escape(Byte) || <<Byte>> <= iolist_to_binary(Text)], $"].

escape($") -> "\\\"";
escape($\\) -> "\\\\";
escape(Byte) when Byte < 32 -> io_lib:format("\\u~4.16.0b", [Byte]);
escape(Byte) -> Byte.

%% The beginning of a line, as text: what is no UTF-8 is left out.
excerpt(Line) ->
    Bytes = binary:part(Line, 0, min(byte_size(Line), ?EXCERPT_BYTES)),
    << <<Byte>> || <<Byte>> <= Bytes, Byte >= 32, Byte < 127 >>.
