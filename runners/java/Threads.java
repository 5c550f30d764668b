import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Pipe;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * java-threads: a platform thread a task, each of them a thread of the system.
 *
 * <p>The idiom of {@code java.lang.Thread}'s documentation: made with what it is to run, started, joined. A thread
 * returns nothing, so each leaves its result in its own slot of an array.
 *
 * <p>Settings: the JVM's own stack size (1 MiB; only what is touched becomes memory). {@code workers} is the number
 * of CPUs: the JDK has no call that restricts them, so that any other number is refused.
 *
 * <p>What could mislead: round 0 runs in the interpreter; the later ones find compiled code. Starting a thread takes
 * longer than in C, as the JVM sets up its own part of each. Before JDK 21 a sleep of a part of a millisecond is
 * rounded up to a whole one.
 */
final class Threads {
    static final Map<String, Round.Workload> WORKLOADS = Map.ofEntries(
            Map.entry("sleep", Threads::sleep), Map.entry("spawn", Threads::spawn),
            Map.entry("hold", Threads::hold), Map.entry("yield", Threads::giveWay),
            Map.entry("ping-pong", Threads::pingPong), Map.entry("fan-in", Threads::fanIn),
            Map.entry("skynet", Threads::skynet), Map.entry("mutex", Threads::mutex),
            Map.entry("brigade", Threads::brigade), Map.entry("request", Threads::request),
            Map.entry("echo", Threads::echo), Map.entry("file-read", Threads::fileRead),
            Map.entry("cpu", Threads::cpu), Map.entry("mixed", Threads::mixed),
            Map.entry("blocking", Threads::blocking));

    private Threads() {}

    private static Round.Tally sleep(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.sleep(round, index));
        }
        return crew.join();
    }

    private static Round.Tally spawn(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> round.token(index));
        }
        return crew.join();
    }

    private static Round.Tally hold(Round round) throws Exception {
        CountDownLatch everyoneIsHere = new CountDownLatch(round.tasks);
        CountDownLatch release = new CountDownLatch(1);
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.hold(round, index, everyoneIsHere, release));
        }
        everyoneIsHere.await();
        round.holding();
        release.countDown();
        return crew.join();
    }

    private static Round.Tally giveWay(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.giveWay(round, index));
        }
        return crew.join();
    }

    private static Round.Tally pingPong(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int pair = 0; pair < round.tasks / 2; pair++) {
            int index = pair;
            BlockingQueue<Long> there = new ArrayBlockingQueue<>(1);
            BlockingQueue<Long> back = new ArrayBlockingQueue<>(1);
            crew.start(() -> Tasks.serveBall(round, index, there, back));
            crew.start(() -> Tasks.returnBall(round, there, back));
        }
        return crew.join();
    }

    private static Round.Tally fanIn(Round round) throws InterruptedException {
        BlockingQueue<Long> messages = new ArrayBlockingQueue<>(Math.toIntExact(round.job.param("capacity")));
        Crew receiver = new Crew(1);
        receiver.start(() -> Tasks.addUp(round, messages));
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.sendAll(round, index, messages));
        }
        Round.Tally tally = crew.join();
        tally.checksum += receiver.join().checksum;
        return tally;
    }

    private static Round.Tally skynet(Round round) throws InterruptedException {
        Round.Tally tally = new Round.Tally();
        Thread root = new Thread(() -> node(round, 0, round.tasks, tally));
        root.start();
        root.join();
        return tally;
    }

    private static void node(Round round, int first, int leaves, Round.Tally tally) {
        if (leaves == 1) {
            tally.add(round.token(first));
            return;
        }
        int[] shares = Arithmetic.skynetShares(leaves);
        Thread[] children = new Thread[shares.length];
        Round.Tally[] tallies = new Round.Tally[shares.length];
        int next = first;
        for (int child = 0; child < shares.length; child++) {
            int from = next;
            int share = shares[child];
            Round.Tally own = new Round.Tally();
            tallies[child] = own;
            children[child] = new Thread(() -> node(round, from, share, own));
            children[child].start();
            next += share;
        }
        tally.completed++;
        for (int child = 0; child < shares.length; child++) {
            joinQuietly(children[child]);
            tally.add(tallies[child]);
        }
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException error) {
            throw new IllegalStateException("nobody interrupts a task", error);
        }
    }

    private static Round.Tally mutex(Round round) throws InterruptedException {
        Lock lock = new ReentrantLock();
        long[] counter = {0};
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.count(round, index, lock, counter));
        }
        Round.Tally tally = crew.join();
        tally.checksum += counter[0];
        return tally;
    }

    private static Round.Tally brigade(Round round) throws Exception {
        Crew crew = new Crew(round.tasks);
        Pipe pipe = Pipe.open();
        Pipe.SinkChannel entrance = pipe.sink();
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            Pipe.SourceChannel from = pipe.source();
            pipe = Pipe.open();
            Pipe.SinkChannel to = pipe.sink();
            crew.start(() -> Tasks.passOn(round, index, from, to));
        }
        long sum = Tasks.sendThrough(round, entrance, pipe.source());
        Round.Tally tally = crew.join();
        tally.checksum += sum;
        return tally;
    }

    private static Round.Tally request(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.request(round, index));
        }
        return crew.join();
    }

    private static Round.Tally echo(Round round) throws Exception {
        Crew crew = new Crew(round.tasks);
        try (ServerSocket server = Tasks.listen(round)) {
            for (int task = 0; task < round.tasks; task++) {
                int index = task;
                Socket client = server.accept();
                crew.start(() -> Tasks.echo(round, index, client));
            }
        }
        return crew.join();
    }

    private static Round.Tally fileRead(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.readFile(round, index));
        }
        return crew.join();
    }

    private static Round.Tally cpu(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.compute(round, index));
        }
        return crew.join();
    }

    private static Round.Tally mixed(Round round) throws InterruptedException {
        int burners = Math.toIntExact(round.job.param("burners"));
        Crew crew = new Crew(round.tasks + burners);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.heartbeat(round, index));
        }
        for (int burner = 0; burner < burners; burner++) {
            int index = burner;
            crew.start(() -> Tasks.burn(round, index));
        }
        return crew.join();
    }

    private static Round.Tally blocking(Round round) throws InterruptedException {
        Crew crew = new Crew(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            crew.start(() -> Tasks.block(round, index));
        }
        return crew.join();
    }

    /** The threads of a round, in the order in which they were started. */
    private static final class Crew {
        /** What a task does. */
        interface Task {
            long run() throws Exception;
        }

        private final Thread[] threads;
        private final long[] returned;
        private int started;

        Crew(int tasks) {
            threads = new Thread[tasks];
            returned = new long[tasks];
        }

        void start(Task task) {
            int slot = started++;
            threads[slot] = new Thread(() -> returned[slot] = run(task));
            threads[slot].start();
        }

        Round.Tally join() throws InterruptedException {
            Round.Tally tally = new Round.Tally();
            for (int slot = 0; slot < started; slot++) {
                threads[slot].join();
                tally.add(returned[slot]);
            }
            return tally;
        }

        private static long run(Task task) {
            try {
                return task.run();
            } catch (Exception error) {
                throw new IllegalStateException("a task failed", error);
            }
        }
    }
}
