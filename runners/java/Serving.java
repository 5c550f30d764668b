import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Serves one job. Everything here happens outside the measured region. */
final class Serving {
    private static final int SPAN_BYTES = 16;

    private Serving() {}

    static void serve() throws Exception {
        byte[] line = Wire.readLine();
        if (line == null) {
            return;
        }
        Round[] rounds;
        Round.Workload workload;
        Job job;
        try {
            job = new Job(line);
            workload = Catalogue.start(job);
            rounds = new Round[job.rounds];
            Arrays.setAll(rounds, round -> new Round(job));
            byte[] released = Wire.ready();
            if (released == null) {
                return;
            }
            Go go = new Go(job, released);
            long[] sleeps = job.sleeps(go.seed);
            Arrays.stream(rounds).forEach(round -> round.tell(go, sleeps));
        } catch (Refused refused) {
            Wire.sendRefusal(refused);
            return;
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> crash(job, error));
        String usage = measure(rounds, workload);
        String reports = Arrays.stream(rounds).map(Round::report).collect(Collectors.joining(","));
        Wire.send("{\"event\":\"done\",\"rounds\":[" + reports + "],\"usage\":" + usage + "}");
        Wire.waitForEndOfInput();
        if (job.spansFile != null) {
            writeSpans(job, rounds); // Only now, so that no measurement contains the writing.
        }
    }

    /** Ends the process at once: other threads may wait for one that never came to be. */
    private static void crash(Job job, Throwable error) {
        error.printStackTrace();
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        System.err.println(job.runtime + ": " + job.workload + " with " + job.tasks + " tasks: " + cause);
        Runtime.getRuntime().halt(1);
    }

    private static String measure(Round[] rounds, Round.Workload workload) throws Exception {
        long[] before = faults();
        for (Round round : rounds) {
            round.run(workload);
        }
        long[] after = faults();
        return "{\"faults_minor\":" + (after[0] - before[0]) + ",\"faults_major\":" + (after[1] - before[1]) + "}";
    }

    /**
     * Page faults so far, minor and major. The JDK has no getrusage: it gives CPU time in ticks of 10 ms, and
     * switches not at all, so that both are left out rather than guessed.
     */
    private static long[] faults() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" "); // from the third on
        return new long[] {Long.parseLong(fields[7]), Long.parseLong(fields[9])};
    }

    private static void writeSpans(Job job, Round[] rounds) throws IOException {
        try (var file = Files.newOutputStream(Path.of(job.spansFile))) {
            for (Round round : rounds) {
                ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(SPAN_BYTES, job.spans()));
                round.putSpans(bytes);
                file.write(bytes.array());
            }
        }
    }
}
