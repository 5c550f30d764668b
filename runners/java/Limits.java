import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How many threads can be alive at once here, as far as that can be known beforehand. Beyond it the JVM throws an
 * OutOfMemoryError, or a guard page cannot be set up and the process dies.
 */
final class Limits {
    /** A stack, and the guard zones that HotSpot keeps within it: measured with 1000 threads of JDK 17. */
    private static final long MAPPINGS_A_THREAD = 2;

    private static final long SPARE_MAPPINGS = 256;

    /** What the JVM opens late: classes, modules, its own pipes. */
    private static final long SPARE_FILES = 16;

    /** Starting a thread takes longer than this on any machine. */
    private static final long QUICKEST_START_NS = 5_000;

    private Limits() {}

    /** The most threads of a job that may be alive at once where each task is one. */
    static long mostAlive(Job job) {
        long startedMeanwhile = 1 + (job.param("duration_ns") + job.param("jitter_ns")) / QUICKEST_START_NS;
        switch (job.workload) {
            case "sleep": case "blocking": return Math.min(job.tasks, startedMeanwhile);
            case "mixed": return job.tasks + job.param("burners");
            case "skynet": return Arithmetic.skynetNodes(job.tasks);
            case "spawn": return 1;
            default: return job.tasks + 1;
        }
    }

    static void requireThreads(long threads, String what) throws Refused {
        long most = numberIn("/proc/sys/vm/max_map_count");
        long room = Math.max(0, most - mappingsNow() - SPARE_MAPPINGS) / MAPPINGS_A_THREAD;
        if (threads > room) {
            throw new Refused("unsupported", threads + " " + what + ", alive at once, need " + MAPPINGS_A_THREAD
                    + " memory mappings each, and vm.max_map_count = " + most + " leaves room for " + room);
        }
        Map<String, Long> limits = Map.of(
                "kernel.threads-max", numberIn("/proc/sys/kernel/threads-max"),
                "kernel.pid_max", numberIn("/proc/sys/kernel/pid_max"),
                "the room that pids.max of the control group leaves", roomInControlGroups());
        for (var limit : limits.entrySet()) {
            long allowed = limit.getValue();
            if (threads >= allowed) {
                throw new Refused("unsupported",
                        threads + " " + what + ", alive at once, are more than " + limit.getKey() + " = " + allowed + " allows");
            }
        }
    }

    /** More files than may be open at once, beside those that are, where so many tasks run at once. */
    static void requireFiles(Job job, long together) throws Refused {
        long files;
        switch (job.workload) {
            case "request": case "echo": case "file-read": files = together + 1; break;
            case "brigade": files = 2 * (together + 1); break;
            default: return;
        }
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"));
                Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
            long now = open.count() + SPARE_FILES;
            String line = limits.filter(one -> one.startsWith("Max open files")).findFirst().orElse("");
            long most = Long.parseLong(line.split(" +")[3]);
            if (files + now > most) {
                throw new Refused("unsupported", files + " files are needed beside the " + now
                        + " that are open, and the limit is " + most + "; raise it with ulimit -n " + (files + now));
            }
        } catch (IOException | ArrayIndexOutOfBoundsException | NumberFormatException unknown) {
            return; // It is tried.
        }
    }

    /** Loads what opening a file needs: the file itself is known only when {@code go} has come. */
    static void prepareToOpen() throws Refused {
        try {
            FileChannel.open(Path.of("/dev/null")).close();
        } catch (IOException error) {
            throw new Refused("unsupported", "opening /dev/null: " + error);
        }
    }

    /** How many more processes and threads the own control group and all above it allow: `0::/a/b` or `5:pids:/a/b`. */
    private static long roomInControlGroups() {
        long least = Long.MAX_VALUE;
        try (Stream<String> groups = Files.lines(Path.of("/proc/self/cgroup"))) {
            for (String line : (Iterable<String>) groups::iterator) {
                String[] parts = line.split(":", 3);
                if (parts.length < 3 || !(parts[1].isEmpty() || parts[1].equals("pids"))) {
                    continue;
                }
                Path root = Path.of("/sys/fs/cgroup", parts[1]);
                Path own = Path.of(root + parts[2]);
                for (Path group = own; group.startsWith(root); group = group.getParent()) {
                    long most = numberIn(group.resolve("pids.max").toString());
                    long now = numberIn(group.resolve("pids.current").toString());
                    if (most != Long.MAX_VALUE && now != Long.MAX_VALUE) {
                        least = Math.min(least, Math.max(0, most - now));
                    }
                }
            }
        } catch (IOException | UncheckedIOException unknown) {
            return Long.MAX_VALUE;
        }
        return least;
    }

    private static long mappingsNow() {
        try {
            return Files.readString(Path.of("/proc/self/maps")).lines().count();
        } catch (IOException unknown) {
            return 0;
        }
    }

    /** The number in a file of the kernel; the largest where there is no such file or it says max. */
    private static long numberIn(String path) {
        // In one read: these files answer only the first, and readString begins with a single byte.
        try (BufferedReader file = Files.newBufferedReader(Path.of(path))) {
            return Long.parseLong(file.readLine());
        } catch (IOException | NumberFormatException unlimited) {
            return Long.MAX_VALUE;
        }
    }
}
