# perl-select: closures on one event loop around select(2). Written from PROTOCOL.md alone, to show that
# it suffices; standard modules only.
use strict;
use warnings;
no warnings "portable";    # this needs integers of 64 bits
use Digest::SHA qw(sha256);
use Fcntl qw(O_RDONLY SEEK_SET);
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(_SC_OPEN_MAX sysconf);
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID);

my $NAME = 'perl-select';
my %WORKLOADS = (
    sleep => \&sleep_, spawn => \&spawn, hold => \&hold, yield => \&yield, request => \&request,
    echo => \&echo, 'file-read' => \&file_read, cpu => \&cpu, mixed => \&mixed,
);
my ($job, $given, $began, @spans, @returned);

# ---- numbers: everything is modulo 2^64. Under `use integer` sums and products wrap; `& ~0` outside
# of it gives back the number without a sign.

sub add { my ($x, $y) = @_; use integer; my $sum = $x + $y; no integer; return $sum & ~0 }
sub multiply { my ($x, $y) = @_; use integer; my $product = $x * $y; no integer; return $product & ~0 }

sub splitmix64 {
    my $z = add($_[0], 0x9e3779b97f4a7c15);
    $z = multiply($z ^ ($z >> 30), 0xbf58476d1ce4e5b9);
    $z = multiply($z ^ ($z >> 27), 0x94d049bb133111eb);
    return $z ^ ($z >> 31);
}

sub token { add($given->{seed}, $_[0]) }
sub param { $job->{params}{$_[0]} }
sub clock { int(clock_gettime($_[0]) * 1e9) }
sub now { clock(CLOCK_MONOTONIC) - $began }

# ---- the event loop: what is ready, what waits for a time, what waits for a socket.

my (@ready, @timers, %readers);

sub start { push @ready, @_ }
sub at { my ($time, $then) = @_; push @timers, [$time, $then] }
sub on_readable { my ($socket, $then) = @_; $readers{ fileno $socket } = $then }

sub run_all {
    while (@ready || @timers || %readers) {
        my @now = splice @ready;
        $_->() for @now;
        fire_timers();
        wait_for_something() if !@ready;
    }
}

sub fire_timers {
    @timers = sort { $a->[0] <=> $b->[0] } @timers;
    while (@timers && $timers[0][0] <= now()) { start((shift @timers)->[1]) }
}

sub wait_for_something {
    my $seconds = @timers ? ($timers[0][0] - now()) / 1e9 : undef;
    return if defined $seconds && $seconds <= 0 || !defined $seconds && !%readers;
    my $watched = '';
    vec($watched, $_, 1) = 1 for keys %readers;
    return if select($watched, undef, undef, $seconds) <= 0;
    for my $fd (grep { vec($watched, $_, 1) } keys %readers) { start($readers{$fd}) }
}

# ---- tasks: each has an index, a span where the workload records one, and something to return.

sub begin { $spans[2 * $_[0]] = now() }
sub finish { my ($index, $result) = @_; $spans[2 * $index + 1] = now(); push @returned, $result }

sub tasks { my ($task) = @_; for my $i (0 .. $job->{tasks} - 1) { start(sub { $task->($i) }) } run_all() }

sub wait_at_least { my ($ns, $then) = @_; at(now() + $ns, $then) }

sub sleep_ {
    tasks(sub {
        my ($i) = @_;
        my $jitter = param('jitter_ns');
        my $ns = param('duration_ns') + ($jitter ? splitmix64(token($i)) % ($jitter + 1) : 0);
        begin($i);
        wait_at_least($ns, sub { finish($i, token($i)) });
    });
}

sub spawn { tasks(sub { push @returned, token($_[0]) }) }

sub hold {
    my @held;
    tasks(sub { my ($i) = @_; begin($i); push @held, sub { finish($i, token($i)) } });
    my $before = now();
    say_({ event => 'holding' });
    await_go();
    $began += now() - $before;
    start(@held);
    run_all();
}

sub yield {
    tasks(sub { my ($i) = @_; yield_on($i, 0) });
}

sub yield_on {
    my ($i, $times) = @_;
    return push @returned, add(token($i), $times) if $times == param('times');
    start(sub { yield_on($i, $times + 1) });
}

sub request {
    tasks(sub {
        my ($i) = @_;
        begin($i);
        my $socket = IO::Socket::INET->new(PeerAddr => $given->{origin}, Proto => 'tcp') or die "connecting: $@";
        setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1);
        syswrite $socket, pack 'Q<', token($i);
        my $reply = '';
        on_readable($socket, sub {
            sysread $socket, $reply, 8 - length $reply, length $reply or die 'the origin has gone';
            return if length $reply < 8;
            delete $readers{ fileno $socket };
            close $socket;
            finish($i, unpack 'Q<', $reply);
        });
    });
}

sub echo {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'tcp', Listen => 4096)
        or die "listening: $@";
    my $to_come = $job->{tasks};
    say_({ event => 'serving', address => '127.0.0.1:' . $listener->sockport });
    on_readable($listener, sub {
        serve_client(scalar $listener->accept, $job->{tasks} - $to_come);
        delete $readers{ fileno $listener } if --$to_come == 0;
    });
    run_all();
}

sub serve_client {
    my ($client, $i) = @_;
    my $sent = 0;
    setsockopt($client, IPPROTO_TCP, TCP_NODELAY, 1);
    on_readable($client, sub {
        if (sysread $client, my $bytes, 65536) {
            my $from = 0;
            $from += syswrite($client, $bytes, length($bytes) - $from, $from) while $from < length $bytes;
            $sent += $from;
        } else {
            delete $readers{ fileno $client };
            close $client;
            push @returned, add(token($i), $sent);
        }
    });
}

sub file_read {
    tasks(sub {
        my ($i) = @_;
        begin($i);
        my ($sum, $blocks) = (0, int(param('file_bytes') / 4096));
        sysopen my $file, $given->{file}, O_RDONLY or die "opening $given->{file}: $!";
        for my $read (0 .. param('times') - 1) {
            my $block = splitmix64(add(splitmix64(token($i)), $read)) % $blocks;
            sysseek $file, $block * 4096, SEEK_SET;
            sysread($file, my $bytes, 4096) == 4096 or die 'a short read';
            $sum = add($sum, unpack '%64Q<*', $bytes);
        }
        finish($i, $sum);
    });
}

sub cpu {
    tasks(sub {
        my ($i) = @_;
        begin($i);
        my $x = token($i);
        if (param('kernel') == 1) {
            $x = unpack 'Q<', sha256(pack('Q<', $x) x (8 * param('steps')));
        } else {
            $x = splitmix64($x) for 1 .. param('steps');
        }
        finish($i, $x);
    });
}

sub mixed {
    my ($tasks, $times) = ($job->{tasks}, param('times'));
    start(map { my $burner = $_; sub { burn($burner, 0) } } 0 .. param('burners') - 1);
    tasks(sub { beat($_[0], 0, 0) });
}

sub beat {
    my ($i, $beat, $sum) = @_;
    return push @returned, $sum if $beat == param('times');
    my $index = $i * param('times') + $beat;
    $spans[2 * $index] = now();
    wait_at_least(param('duration_ns'), sub {
        $spans[2 * $index + 1] = now();
        beat($i, $beat + 1, add($sum, token($index)));
    });
}

sub burn {
    my ($burner, $burnt) = @_;
    while ($burnt < param('slices')) {
        my $end = clock(CLOCK_PROCESS_CPUTIME_ID) + param('slice_ns');
        while (clock(CLOCK_PROCESS_CPUTIME_ID) < $end) { }
        $burnt++;
        return start(sub { burn($burner, $burnt) }) if param('policy') == 0;
    }
    push @returned, add(token($job->{tasks} * param('times') + $burner), $burnt);
}

# ---- the wire.

sub say_ { print encode_json($_[0]), "\n" }

sub await_go {
    my $line = <STDIN>;
    exit 0 if !defined $line;
    $given = decode_json($1) if $line =~ /^go (.*)/;    # The first one only.
}

sub refuse { my ($status, $reason) = @_; say_({ event => 'refused', status => $status, reason => $reason }); exit 0 }

sub check {
    refuse('protocol-error', 'not a JSON object') if ref $job ne 'HASH';
    refuse('protocol-error', 'not protocol 2') if $job->{protocol} != 2;
    for my $count (qw(tasks workers rounds)) { refuse('protocol-error', "no $count") if $job->{$count} < 1 }
    refuse('unsupported', "no runtime $job->{runtime} here") if $job->{runtime} ne $NAME;
    refuse('unsupported', "no workload $job->{workload} here") if !$WORKLOADS{ $job->{workload} };
    refuse('unsupported', 'it knows no O_DIRECT') if param('io');
    # A connection a task, beside the listener and the standard streams.
    my $files = $job->{workload} =~ /^(echo|request)$/ ? $job->{tasks} + 8 : 0;
    my $limit = sysconf(_SC_OPEN_MAX);
    refuse('unsupported', "$files open files, and the limit is $limit: ulimit -n $files") if $files > $limit;
}

sub serve {
    my $line = <STDIN>;
    exit 0 if !defined $line;
    $job = eval { decode_json($line) };
    check();
    my (@reports, @all_spans);
    say_({ event => 'ready' });
    await_go();
    for (1 .. $job->{rounds}) {
        (@spans, @returned) = ();
        $began = 0;
        $began = now();
        $WORKLOADS{ $job->{workload} }->();
        my ($makespan, $sum) = (now(), 0);
        $sum = add($sum, $_) for @returned;
        push @reports, { makespan_ns => $makespan, completed => scalar @returned, checksum => "$sum" };
        push @all_spans, [@spans];
    }
    say_({ event => 'done', rounds => \@reports });
    1 while <STDIN>;
    return if !defined $job->{spans_file};
    open my $file, '>:raw', $job->{spans_file} or die "opening $job->{spans_file}: $!";
    print {$file} pack 'Q<*', @$_ for @all_spans;
    close $file or die "writing $job->{spans_file}: $!";
}

$| = 1;
my ($word) = @ARGV;
if (!defined $word) { serve() }
elsif ($word eq 'probe') { say_({ available => JSON::PP::true }) }
else {
    my %about = (
        name => $NAME, version => sprintf('%vd', $^V), language => 'perl', model => 'callbacks, one select loop',
        workers_default => 1, workers_max => 1, workloads => [sort keys %WORKLOADS],
    );
    say_({ protocol => 2, runtimes => [\%about] });
}
