import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * java-thread-pool and java-virtual-threads: tasks that are submitted to an {@link ExecutorService}, which is how the
 * documentation of both would have it, and whose results are asked of their futures.
 *
 * <p>The pool is {@code Executors.newFixedThreadPool}, of 512 threads unless asked for others: such a pool is
 * sized for waiting, not for cores. It starts a thread for each task that comes until it has all, so that round 0 pays
 * for them. A task keeps its thread until it ends.
 *
 * <p>Virtual threads are {@code Executors.newVirtualThreadPerTaskExecutor}: a new one for each task, on as many
 * carrier threads as there are workers ({@code jdk.virtualThreadScheduler.parallelism}), scheduled first come first
 * served. A task that waits gives up its carrier; one that computes keeps it.
 *
 * <p>What could mislead: round 0 runs in the interpreter; the later ones find compiled code. A virtual thread that
 * reads a file keeps its carrier meanwhile, for which the scheduler may start another.
 */
final class Executing {
    private final ExecutorService executor;

    final Map<String, Round.Workload> workloads = Map.ofEntries(
            Map.entry("sleep", this::sleep), Map.entry("spawn", this::spawn), Map.entry("hold", this::hold),
            Map.entry("yield", this::giveWay), Map.entry("ping-pong", this::pingPong),
            Map.entry("fan-in", this::fanIn), Map.entry("skynet", this::skynet), Map.entry("mutex", this::mutex),
            Map.entry("brigade", this::brigade), Map.entry("request", this::request), Map.entry("echo", this::echo),
            Map.entry("file-read", this::fileRead), Map.entry("cpu", this::cpu), Map.entry("mixed", this::mixed),
            Map.entry("blocking", this::blocking));

    Executing(ExecutorService executor) {
        this.executor = executor;
    }

    private Round.Tally sleep(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.sleep(round, index)));
        }
        return join(futures);
    }

    private Round.Tally spawn(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> round.token(index)));
        }
        return join(futures);
    }

    private Round.Tally hold(Round round) throws Exception {
        CountDownLatch everyoneIsHere = new CountDownLatch(round.tasks);
        CountDownLatch release = new CountDownLatch(1);
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.hold(round, index, everyoneIsHere, release)));
        }
        everyoneIsHere.await();
        round.holding();
        release.countDown();
        return join(futures);
    }

    private Round.Tally giveWay(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.giveWay(round, index)));
        }
        return join(futures);
    }

    private Round.Tally pingPong(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int pair = 0; pair < round.tasks / 2; pair++) {
            int index = pair;
            BlockingQueue<Long> there = new ArrayBlockingQueue<>(1);
            BlockingQueue<Long> back = new ArrayBlockingQueue<>(1);
            futures.add(executor.submit(() -> Tasks.serveBall(round, index, there, back)));
            futures.add(executor.submit(() -> Tasks.returnBall(round, there, back)));
        }
        return join(futures);
    }

    /** This thread is the receiver: as a task of the pool it would take one of its threads, and perhaps the only one. */
    private Round.Tally fanIn(Round round) throws Exception {
        BlockingQueue<Long> messages = new ArrayBlockingQueue<>(Math.toIntExact(round.job.param("capacity")));
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.sendAll(round, index, messages)));
        }
        long sum = Tasks.addUp(round, messages);
        Round.Tally tally = join(futures);
        tally.checksum += sum;
        return tally;
    }

    private Round.Tally skynet(Round round) throws Exception {
        return executor.submit(() -> node(round, 0, round.tasks)).get();
    }

    private Round.Tally node(Round round, int first, int leaves) throws Exception {
        Round.Tally tally = new Round.Tally();
        if (leaves == 1) {
            tally.add(round.token(first));
            return tally;
        }
        List<Future<Round.Tally>> children = new ArrayList<>(Arithmetic.SKYNET_FAN_OUT);
        int next = first;
        for (int share : Arithmetic.skynetShares(leaves)) {
            int from = next;
            children.add(executor.submit(() -> node(round, from, share)));
            next += share;
        }
        tally.completed++;
        for (Future<Round.Tally> child : children) {
            tally.add(child.get());
        }
        return tally;
    }

    private Round.Tally mutex(Round round) throws Exception {
        Lock lock = new ReentrantLock();
        long[] counter = {0};
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.count(round, index, lock, counter)));
        }
        Round.Tally tally = join(futures);
        tally.checksum += counter[0];
        return tally;
    }

    private Round.Tally brigade(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        Pipe pipe = Pipe.open();
        Pipe.SinkChannel entrance = pipe.sink();
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            Pipe.SourceChannel from = pipe.source();
            pipe = Pipe.open();
            Pipe.SinkChannel to = pipe.sink();
            futures.add(executor.submit(() -> Tasks.passOn(round, index, from, to)));
        }
        long sum = Tasks.sendThrough(round, entrance, pipe.source());
        Round.Tally tally = join(futures);
        tally.checksum += sum;
        return tally;
    }

    private Round.Tally request(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.request(round, index)));
        }
        return join(futures);
    }

    private Round.Tally echo(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        try (ServerSocket server = Tasks.listen(round)) {
            for (int task = 0; task < round.tasks; task++) {
                int index = task;
                Socket client = server.accept();
                futures.add(executor.submit(() -> Tasks.echo(round, index, client)));
            }
        }
        return join(futures);
    }

    private Round.Tally fileRead(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.readFile(round, index)));
        }
        return join(futures);
    }

    private Round.Tally cpu(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.compute(round, index)));
        }
        return join(futures);
    }

    private Round.Tally mixed(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.heartbeat(round, index)));
        }
        for (int burner = 0; burner < round.job.param("burners"); burner++) {
            int index = burner;
            futures.add(executor.submit(() -> Tasks.burn(round, index)));
        }
        return join(futures);
    }

    private Round.Tally blocking(Round round) throws Exception {
        List<Future<Long>> futures = new ArrayList<>(round.tasks);
        for (int task = 0; task < round.tasks; task++) {
            int index = task;
            futures.add(executor.submit(() -> Tasks.block(round, index)));
        }
        return join(futures);
    }

    private static Round.Tally join(List<Future<Long>> futures) throws InterruptedException, ExecutionException {
        Round.Tally tally = new Round.Tally();
        for (Future<Long> future : futures) {
            tally.add(future.get());
        }
        return tally;
    }
}
