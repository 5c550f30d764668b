%% What a task computes: the arithmetic of /crates/protocol/src/proof.rs, by which a round is proven.
%%
%% Integers have no width here: beyond 60 bits each is made anew on the heap, and what is to wrap is cut.
-module(arithmetic).
-export([splitmix64/1, kernel/2, block_offset/3, block_sum/1, shares/1]).

-define(U64, 16#ffffffffffffffff).
-define(BLOCK_BYTES, 4096).
-define(FAN_OUT, 10).

%% SplitMix64 (Steele, Lea and Flood, 2014): the output for state X.
splitmix64(X) ->
    Z0 = (X + 16#9e3779b97f4a7c15) band ?U64,
    Z1 = ((Z0 bxor (Z0 bsr 30)) * 16#bf58476d1ce4e5b9) band ?U64,
    Z2 = ((Z1 bxor (Z1 bsr 27)) * 16#94d049bb133111eb) band ?U64,
    Z2 bxor (Z2 bsr 31).

%% What a task of `cpu` makes of its token: a function, for a value of the parameter `kernel`.
kernel(0, Steps) -> fun(Token) -> mix(Steps, Token) end;
kernel(1, Steps) -> fun(Token) -> hash(Steps, Token) end.

mix(0, X) -> X;
mix(Steps, X) -> mix(Steps - 1, splitmix64(X)).

hash(Steps, Token) ->
    Message = binary:copy(<<Token:64/little>>, 8 * Steps),
    <<First:64/little, _/binary>> = crypto:hash(sha256, Message),
    First.

%% Where the block begins that a task reads as its Read-th, of a file of so many bytes.
block_offset(Token, Read, FileBytes) ->
    splitmix64((splitmix64(Token) + Read) band ?U64) rem (FileBytes div ?BLOCK_BYTES) * ?BLOCK_BYTES.

%% The sum of the words of a block; cut when it is added up.
block_sum(Block) ->
    block_sum(Block, 0).

block_sum(<<Word:64/little, Rest/binary>>, Sum) -> block_sum(Rest, Sum + Word);
block_sum(<<>>, Sum) -> Sum.

%% The leaves of the children of a node of `skynet`: none for a leaf, else up to ten, as even as can be.
shares(1) ->
    [];
shares(Leaves) ->
    Children = min(Leaves, ?FAN_OUT),
    [Leaves div Children + min(1, max(0, Leaves rem Children - Child)) || Child <- lists:seq(0, Children - 1)].
