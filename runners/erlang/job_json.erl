%% As much JSON as a job has (OTP has a module for it from version 27 on): objects are maps, texts binaries.
-module(job_json).
-export([read/1]).

-define(DEEPEST, 32). % A job is nested two deep.

%% The value of a text; anything that is not one JSON value is an error.
read(Text) ->
    {Value, Rest} = value(space(Text), 0),
    <<>> = space(Rest),
    Value.

space(<<C, Rest/binary>>) when C =:= $\s; C =:= $\t; C =:= $\r; C =:= $\n -> space(Rest);
space(Rest) -> Rest.

value(<<"{", Rest/binary>>, Depth) when Depth < ?DEEPEST -> members(space(Rest), Depth + 1, #{});
value(<<"[", Rest/binary>>, Depth) when Depth < ?DEEPEST -> elements(space(Rest), Depth + 1, []);
value(<<"\"", Rest/binary>>, _) -> text(Rest, <<>>);
value(<<"true", Rest/binary>>, _) -> {true, Rest};
value(<<"false", Rest/binary>>, _) -> {false, Rest};
value(<<"null", Rest/binary>>, _) -> {null, Rest};
value(Text, _) -> number(Text, 0).

members(<<"}", Rest/binary>>, _, Members) when Members =:= #{} ->
    {Members, Rest};
members(<<"\"", Rest/binary>>, Depth, Members) ->
    {Name, AfterName} = text(Rest, <<>>),
    <<":", AfterColon/binary>> = space(AfterName),
    {Value, AfterValue} = value(space(AfterColon), Depth),
    case space(AfterValue) of
        <<",", More/binary>> -> members(space(More), Depth, Members#{Name => Value});
        <<"}", End/binary>> -> {Members#{Name => Value}, End}
    end.

elements(<<"]", Rest/binary>>, _, []) ->
    {[], Rest};
elements(Text, Depth, Elements) ->
    {Value, AfterValue} = value(Text, Depth),
    case space(AfterValue) of
        <<",", More/binary>> -> elements(space(More), Depth, [Value | Elements]);
        <<"]", End/binary>> -> {lists:reverse([Value | Elements]), End}
    end.

text(<<"\"", Rest/binary>>, Text) -> {Text, Rest};
text(<<"\\u", Hex:4/binary, Rest/binary>>, Text) ->
    Code = binary_to_integer(Hex, 16),
    text(Rest, <<Text/binary, Code/utf8>>);
text(<<"\\", C, Rest/binary>>, Text) -> text(Rest, <<Text/binary, (escaped(C))>>);
text(<<C, Rest/binary>>, Text) -> text(Rest, <<Text/binary, C>>).

escaped($b) -> $\b;
escaped($f) -> $\f;
escaped($n) -> $\n;
escaped($r) -> $\r;
escaped($t) -> $\t;
escaped(C) when C =:= $"; C =:= $\\; C =:= $/ -> C.

%% Whole numbers are integers; any other stays as it was written, as no job has one.
number(Text, Length) ->
    case Text of
        <<_:Length/binary, C, _/binary>> when C >= $0, C =< $9; C =:= $-; C =:= $+; C =:= $.; C =:= $e; C =:= $E ->
            number(Text, Length + 1);
        <<Digits:Length/binary, Rest/binary>> when Length > 0 ->
            {try binary_to_integer(Digits) catch error:badarg -> {fraction, Digits} end, Rest}
    end.
