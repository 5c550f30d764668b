import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Which runtimes this runner hosts, and how one is started. */
final class Catalogue {
    private static final List<String> ALL = List.of("sleep", "spawn", "hold", "yield", "ping-pong", "fan-in", "skynet",
            "mutex", "brigade", "request", "echo", "file-read", "cpu", "mixed", "blocking");
    private static final String KEEPS = "a task keeps its thread until it ends, so ";
    private static final String NO_CLOCK = "the JDK does not report the CPU time of a virtual thread";
    private static final String NO_BLOCK =
            "in a virtual thread, blocking calls release the carrier thread: see sleep";
    /** A pool sized for waiting, as tokio documents it for its own pool of blocking threads. */
    private static final int POOL_DEFAULT = 512;
    /** ForkJoinPool's own limit. */
    private static final int MOST_CARRIERS = 32767;

    private static final String COLD =
            "the JVM compiles at run time: later rounds and longer loads are faster";
    private static final String FEW_ALIVE = "the first threads end before the last ones start";
    private static final String COLD_POOL = "its threads start within the makespan; " + COLD;

    /** Shown wherever a figure is ranked; for all three runtimes, unless they have their own. */
    private static final Map<String, String> CAVEATS =
            Map.of("spawn", COLD, "request", COLD, "echo", COLD, "file-read", COLD, "cpu", COLD);

    private static final Map<String, Runtime> RUNTIMES = new TreeMap<>(Map.of(
            "java-threads",
            new Runtime("one platform thread (OS thread) per task", "", Map.of(),
                    Map.of("sleep", FEW_ALIVE, "request", FEW_ALIVE + "; " + COLD)),
            "java-thread-pool",
            new Runtime("a fixed pool of platform threads with one queue",
                    ",\"workers_default\":" + POOL_DEFAULT + ",\"blocks_worker\":true",
                    Map.of("yield", KEEPS + "it cannot yield to a queued task",
                            "skynet", KEEPS + "waiting parents would fill the pool and deadlock"),
                    Map.of("sleep", COLD_POOL, "spawn", COLD_POOL)),
            "java-virtual-threads",
            new Runtime("one virtual thread per task on a pool of carrier threads, work-stealing, epoll", "",
                    Map.of("mixed", NO_CLOCK, "blocking", NO_BLOCK),
                    Map.of("file-read", "reading a file blocks the carrier thread; " + COLD))));

    private record Runtime(String model, String more, Map<String, String> unsupported, Map<String, String> own) {
        List<String> workloads() {
            List<String> workloads = new ArrayList<>(ALL);
            workloads.removeAll(unsupported.keySet());
            return workloads;
        }

        Map<String, String> caveats() {
            Map<String, String> caveats = new TreeMap<>(CAVEATS);
            caveats.putAll(own);
            return caveats;
        }
    }

    private Catalogue() {}

    static String describe() {
        List<String> described = new ArrayList<>();
        for (String name : List.of("java-threads", "java-thread-pool", "java-virtual-threads")) {
            Runtime runtime = RUNTIMES.get(name);
            List<String> workloads = runtime.workloads().stream().map(Json::quote).toList();
            described.add("{\"name\":" + Json.quote(name) + ",\"version\":" + Json.quote(version())
                    + ",\"language\":\"java\",\"model\":" + Json.quote(runtime.model) + ",\"workloads\":["
                    + String.join(",", workloads) + "],\"unsupported\":" + object(runtime.unsupported)
                    + ",\"caveats\":" + object(runtime.caveats()) + runtime.more + "}");
        }
        return "{\"protocol\":" + Job.PROTOCOL + ",\"runtimes\":[" + String.join(",", described) + "]}";
    }

    private static String object(Map<String, String> texts) {
        List<String> members = new ArrayList<>();
        texts.forEach((name, text) -> members.add(Json.quote(name) + ":" + Json.quote(text)));
        return "{" + String.join(",", members) + "}";
    }

    /** The JDK's version, and whose build it is. */
    private static String version() {
        return System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
    }

    /** Really starts the runtime and has it run one task. */
    static String probe(String name) {
        try {
            Job job = new Job(name);
            Round.Workload workload = start(job);
            Round round = new Round(job);
            round.tell(new Go(), new long[0]);
            round.run(workload);
        } catch (Exception error) { // Any error is the answer to a probe.
            return "{\"available\":false,\"reason\":" + Json.quote(String.valueOf(error.getMessage())) + "}";
        }
        return "{\"available\":true}";
    }

    /** Builds a workload's runtime: everything that comes before the first task. */
    static Round.Workload start(Job job) throws Refused {
        Runtime runtime = RUNTIMES.get(job.runtime);
        if (runtime == null) {
            throw unsupported("this runner hosts no runtime \"" + job.runtime + "\"");
        }
        String why = runtime.unsupported.get(job.workload);
        if (why != null) {
            throw unsupported(job.runtime + " has no " + job.workload + ": " + why);
        }
        if (!ALL.contains(job.workload)) {
            throw unsupported(job.runtime + " has no workload " + job.workload);
        }
        if (job.workload.equals("blocking") && job.param("call") == Job.ESCAPE) {
            throw unsupported("call = escape: each task has its own thread to block; ask for call = naive");
        }
        if (job.workload.equals("mixed")) {
            Tasks.CpuClock.CLOCK.getCurrentThreadCpuTime();
        }
        Limits.requireFiles(job, job.runtime.equals("java-thread-pool") ? Math.min(job.tasks, job.workers) : job.tasks);
        if (job.workload.equals("file-read")) {
            Limits.prepareToOpen();
        }
        switch (job.runtime) {
            case "java-threads": return startThreads(job);
            case "java-thread-pool": return startPool(job);
            default: return startVirtual(job);
        }
    }

    private static Round.Workload startThreads(Job job) throws Refused {
        int cpus = java.lang.Runtime.getRuntime().availableProcessors();
        if (job.workers != cpus && !isProbe(job)) {
            throw unsupported(job.workers + " workers: its threads run on all " + cpus
                    + " CPUs, and the JDK cannot restrict them; use --workers " + cpus);
        }
        Limits.requireThreads(Limits.mostAlive(job), "threads");
        return Threads.WORKLOADS.get(job.workload);
    }

    private static boolean isProbe(Job job) {
        return job.tasks == 1 && job.workload.equals("spawn");
    }

    private static Round.Workload startPool(Job job) throws Refused {
        long together = 1;
        switch (job.workload) {
            case "hold": case "ping-pong": case "brigade": case "echo": together = job.tasks; break;
            case "mixed": together = job.tasks + job.param("burners"); break;
            default:
        }
        if (together > job.workers) {
            throw unsupported(job.workload + " needs " + together + " tasks alive at once, and a pool of " + job.workers
                    + " workers runs " + job.workers + "; use --workers " + together);
        }
        Limits.requireThreads(job.workers, "workers");
        return new Executing(Executors.newFixedThreadPool(job.workers)).workloads.get(job.workload);
    }

    private static Round.Workload startVirtual(Job job) throws Refused {
        if (job.workers > MOST_CARRIERS) {
            throw unsupported(job.workers + " workers: virtual threads have at most " + MOST_CARRIERS + " carriers");
        }
        // Read when the first virtual thread is made.
        System.setProperty("jdk.virtualThreadScheduler.parallelism", Integer.toString(job.workers));
        System.setProperty("jdk.virtualThreadScheduler.maxPoolSize", Integer.toString(Math.max(job.workers, 256)));
        try {
            // By name, so that this compiles with a JDK that has none.
            Method factory = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
            ExecutorService executor = (ExecutorService) factory.invoke(null);
            return new Executing(executor).workloads.get(job.workload);
        } catch (ReflectiveOperationException none) {
            throw new Refused("unavailable", "JDK " + System.getProperty("java.version")
                    + " has no virtual threads; put a JDK 21 or later first on the PATH");
        }
    }

    private static Refused unsupported(String reason) {
        return new Refused("unsupported", reason);
    }
}
