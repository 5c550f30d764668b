import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/**
 * What a task does, as a plain method that blocks: the same for a thread of the system, a thread of a pool and a
 * virtual thread, which is what virtual threads are for. Each gives what its task returns.
 */
final class Tasks {
    private static final int BACKLOG = 4096;
    private static final int STEPS_A_LOOK = 1000;

    private Tasks() {}

    static long sleep(Round round, int task) throws InterruptedException {
        round.begin(task);
        // Not Thread.sleep(millis, nanos), which before JDK 21 makes a whole millisecond of any nanoseconds; this
        // does the same there, and is exact from then on.
        TimeUnit.NANOSECONDS.sleep(round.sleepNs(task));
        round.finish(task);
        return round.token(task);
    }

    static long hold(Round round, int task, CountDownLatch everyoneIsHere, CountDownLatch release)
            throws InterruptedException {
        round.begin(task);
        everyoneIsHere.countDown();
        release.await();
        round.finish(task);
        return round.token(task);
    }

    static long giveWay(Round round, int task) {
        int given = 0;
        for (; given < round.times; given++) {
            Thread.yield();
        }
        return round.token(task) + given;
    }

    static long serveBall(Round round, int pair, BlockingQueue<Long> there, BlockingQueue<Long> back)
            throws InterruptedException {
        long ball = round.token(pair);
        for (int hop = 0; hop < round.times; hop++) {
            there.put(ball);
            ball = back.take() + 1;
        }
        return ball;
    }

    static long returnBall(Round round, BlockingQueue<Long> there, BlockingQueue<Long> back)
            throws InterruptedException {
        long ball = 0;
        for (int hop = 0; hop < round.times; hop++) {
            ball = there.take() + 1;
            back.put(ball);
        }
        return ball;
    }

    static long sendAll(Round round, int task, BlockingQueue<Long> messages) throws InterruptedException {
        long token = round.token(task);
        for (int message = 0; message < round.times; message++) {
            messages.put(token + message);
        }
        return token;
    }

    /** The JDK's queues cannot be closed: the receiver knows how many messages there will be. */
    static long addUp(Round round, BlockingQueue<Long> messages) throws InterruptedException {
        long sum = 0;
        for (long left = (long) round.tasks * round.times; left > 0; left--) {
            sum += messages.take();
        }
        return sum;
    }

    static long count(Round round, int task, Lock lock, long[] counter) {
        boolean yields = round.job.param("across") == Job.YIELD_WITH_LOCK;
        round.begin(task);
        for (int turn = 0; turn < round.times; turn++) {
            lock.lock();
            try {
                if (yields) {
                    Thread.yield();
                }
                counter[0]++;
            } finally {
                lock.unlock();
            }
        }
        round.finish(task);
        return round.token(task);
    }

    // ------------------------------------------------------------------------ pipes, sockets, files

    static long passOn(Round round, int task, Pipe.SourceChannel from, Pipe.SinkChannel to) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        for (int pass = 0; pass < round.times; pass++) {
            byte next = readByte(from, one);
            writeByte(to, one, (byte) (next + 1));
        }
        from.close();
        to.close();
        return round.token(task);
    }

    /** Feeds the brigade with one byte at a time and gives the sum of what comes out. */
    static long sendThrough(Round round, Pipe.SinkChannel entrance, Pipe.SourceChannel exit) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        long sum = 0;
        for (int pass = 0; pass < round.times; pass++) {
            writeByte(entrance, one, (byte) round.token(pass));
            sum += Byte.toUnsignedInt(readByte(exit, one));
        }
        entrance.close();
        exit.close();
        return sum;
    }

    private static byte readByte(ReadableByteChannel from, ByteBuffer one) throws IOException {
        if (from.read(one.clear()) != 1) {
            throw new EOFException("a pipe of the brigade ended early");
        }
        return one.get(0);
    }

    private static void writeByte(WritableByteChannel to, ByteBuffer one, byte value) throws IOException {
        to.write(one.clear().put(0, value));
    }

    static long request(Round round, int task) throws IOException {
        round.begin(task);
        try (Socket socket = new Socket()) {
            socket.connect(round.go.origin);
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(little(round.token(task)));
            byte[] reply = socket.getInputStream().readNBytes(Long.BYTES);
            round.finish(task);
            return ByteBuffer.wrap(reply).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
    }

    private static byte[] little(long number) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    static ServerSocket listen(Round round) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), Math.max(round.tasks, BACKLOG));
        Wire.send("{\"event\":\"serving\",\"address\":\"127.0.0.1:" + server.getLocalPort() + "\"}");
        return server;
    }

    static long echo(Round round, int task, Socket client) throws IOException {
        byte[] buffer = new byte[4096];
        long sent = 0;
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            for (int read; (read = in.read(buffer)) >= 0; sent += read) {
                out.write(buffer, 0, read);
            }
        }
        return round.token(task) + sent;
    }

    static Set<? extends OpenOption> openOptions(Job job) {
        return job.param("io") == Job.DIRECT
                ? Set.of(StandardOpenOption.READ, ExtendedOpenOption.DIRECT)
                : Set.of(StandardOpenOption.READ);
    }

    static long readFile(Round round, int task) throws IOException {
        long blocks = round.job.param("file_bytes") / Arithmetic.BLOCK_BYTES;
        long sum = 0;
        round.begin(task);
        try (FileChannel file = FileChannel.open(Path.of(round.go.file), openOptions(round.job))) {
            ByteBuffer block = ByteBuffer.allocateDirect(2 * Arithmetic.BLOCK_BYTES)
                    .alignedSlice(Arithmetic.BLOCK_BYTES).slice(0, Arithmetic.BLOCK_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            for (int read = 0; read < round.times; read++) {
                long offset = Arithmetic.blockOffset(round.token(task), read, blocks);
                if (file.read(block.clear(), offset) != Arithmetic.BLOCK_BYTES) {
                    throw new EOFException("a block of " + round.go.file + " is short");
                }
                sum += Arithmetic.blockSum(block);
            }
        }
        round.finish(task);
        return sum;
    }

    // ---------------------------------------------------------------------------------- computing

    static long compute(Round round, int task) {
        round.begin(task);
        long result = Arithmetic.compute(round.job.param("kernel"), round.job.param("steps"), round.token(task));
        round.finish(task);
        return result;
    }

    static long heartbeat(Round round, int task) throws InterruptedException {
        long sum = 0;
        for (int beat = task * round.times; beat < (task + 1) * round.times; beat++) {
            round.begin(beat);
            TimeUnit.NANOSECONDS.sleep(round.durationNs);
            round.finish(beat);
            sum += round.token(beat);
        }
        return sum;
    }

    static long burn(Round round, int burner) {
        boolean yields = round.job.param("policy") == Job.YIELD;
        long slices = round.job.param("slices");
        long burnt = 0;
        for (; burnt < slices; burnt++) {
            burnSlice(round.job.param("slice_ns"));
            if (yields) {
                Thread.yield();
            }
        }
        return round.token((long) round.tasks * round.times + burner) + burnt;
    }

    /** Tells a thread's CPU time; loading it takes a while, and is done before {@code ready}. */
    static final class CpuClock {
        static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

        private CpuClock() {}
    }

    /** Uses up CPU time of this thread: time that it waits for a CPU does not count. */
    private static void burnSlice(long sliceNs) {
        long end = CpuClock.CLOCK.getCurrentThreadCpuTime() + sliceNs;
        long x = end;
        while (CpuClock.CLOCK.getCurrentThreadCpuTime() < end) {
            x = Arithmetic.compute(0, STEPS_A_LOOK, x);
        }
        unused = x;
    }

    /** Holds the result of the burning, so that the compiler does not remove it. */
    @SuppressWarnings("unused")
    private static volatile long unused;

    static long block(Round round, int task) throws InterruptedException {
        round.begin(task);
        TimeUnit.NANOSECONDS.sleep(round.durationNs);
        round.finish(task);
        return round.token(task);
    }
}
