import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** One round: its clock, its spans, what its tasks need to know and what they returned. */
final class Round {
    final Job job;
    final int tasks;
    final int times;
    final long durationNs;
    /** What only {@code go} brought. */
    Go go;
    private long[] sleeps;
    private final long[] starts;
    private final long[] finishes;
    private long began;
    private long ended;
    private long paused;
    private Tally tally;

    /** What tasks returned, added up by whoever joined them; sums wrap. */
    static final class Tally {
        long completed;
        long checksum;

        void add(long returned) {
            completed++;
            checksum += returned;
        }

        void add(Tally other) {
            completed += other.completed;
            checksum += other.checksum;
        }
    }

    /** One round of a workload. */
    interface Workload {
        Tally run(Round round) throws Exception;
    }

    /** A round whose memory is touched already. */
    Round(Job job) {
        this.job = job;
        tasks = job.tasks;
        times = Math.toIntExact(job.param("times"));
        durationNs = job.param("duration_ns");
        starts = new long[job.spans()];
        finishes = new long[job.spans()];
        Arrays.fill(starts, -1); // Runs backwards (-1 is the largest u64) until the task has run.
    }

    /** Takes what {@code go} brought, and how long each task of sleep is to sleep. */
    void tell(Go go, long[] sleeps) {
        this.go = go;
        this.sleeps = sleeps;
    }

    void run(Workload workload) throws Exception {
        began = System.nanoTime(); // CLOCK_MONOTONIC on Linux
        tally = workload.run(this);
        ended = System.nanoTime();
    }

    long token(long task) {
        return go.seed + task;
    }

    long sleepNs(int task) {
        return sleeps[task];
    }

    /** A task begins to do its work; to be called within the task, before it waits. */
    void begin(int span) {
        starts[span] = System.nanoTime();
    }

    /** Its work is over. */
    void finish(int span) {
        finishes[span] = System.nanoTime();
    }

    /** Tells the lab that all tasks are alive, and waits for `go`. The wait is no part of the round. */
    void holding() throws IOException {
        long before = System.nanoTime();
        if (!Wire.checkpoint("holding")) {
            Runtime.getRuntime().halt(0);
        }
        paused += System.nanoTime() - before;
    }

    String report() {
        return "{\"makespan_ns\":" + (ended - began - paused) + ",\"completed\":" + tally.completed
                + ",\"checksum\":\"" + Long.toUnsignedString(tally.checksum) + "\"}";
    }

    /** Start and finish of each span in turn, nanoseconds since the round began. */
    void putSpans(ByteBuffer bytes) {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        for (int span = 0; span < starts.length; span++) {
            bytes.putLong(starts[span] == -1 ? -1 : starts[span] - began);
            // In hold every task finishes after the pause: the gate opens only then.
            bytes.putLong(finishes[span] == 0 ? 0 : finishes[span] - began - paused);
        }
    }
}
