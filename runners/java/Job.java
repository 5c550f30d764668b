import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one trial is to run, as the wire says it, and which jobs make no sense. {@link Go} has the rest. */
final class Job {
    static final int PROTOCOL = 2;

    // Values of the parameters kernel, io, policy, call and across.
    static final long SHA256 = 1;
    static final long DIRECT = 1;
    static final long YIELD = 0;
    static final long ESCAPE = 1;
    static final long YIELD_WITH_LOCK = 1;

    static final String WRONG = "protocol-error";
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** Parameters and their defaults, as in /crates/protocol/src/workload.rs. */
    private static final Map<String, Long> DEFAULTS = Map.ofEntries(
            Map.entry("duration_ns", 1_000_000L), Map.entry("jitter_ns", 0L), Map.entry("times", 100L),
            Map.entry("capacity", 1024L), Map.entry("file_bytes", 64L << 20), Map.entry("io", 0L),
            Map.entry("kernel", 0L), Map.entry("steps", 1000L), Map.entry("burners", 2L),
            Map.entry("slice_ns", 1_000_000L), Map.entry("slices", 50L), Map.entry("policy", 0L),
            Map.entry("call", 0L), Map.entry("across", 0L));
    private static final Set<String> AT_LEAST_ONE = Set.of("times", "capacity", "burners", "slices");
    private static final Map<String, List<String>> CHOICES = Map.of(
            "kernel", List.of("integer", "sha256"), "io", List.of("cached", "direct"),
            "policy", List.of("yield", "hog"), "call", List.of("naive", "escape"),
            "across", List.of("nothing", "yield"));
    private static final Set<String> WITH_SPANS =
            Set.of("sleep", "hold", "mutex", "request", "file-read", "cpu", "blocking");

    final String runtime;
    final String workload;
    final int tasks;
    final int workers;
    final int rounds;
    final String spansFile;
    private final Map<?, ?> params;

    /** A job of one task that does nothing, for a probe. */
    Job(String runtime) {
        this.runtime = runtime;
        workload = "spawn";
        tasks = workers = rounds = 1;
        spansFile = null;
        params = Map.of();
    }

    /** From the job line. */
    Job(byte[] line) throws Refused {
        if (!(decode(line) instanceof Map<?, ?> fields)) {
            throw new Refused(WRONG, "the job is not a JSON object");
        }
        if (!BigInteger.valueOf(PROTOCOL).equals(fields.get("protocol"))) {
            throw new Refused(WRONG, "the job uses protocol " + fields.get("protocol")
                    + "; this runner supports " + PROTOCOL);
        }
        runtime = text(fields, "runtime");
        workload = text(fields, "workload");
        tasks = count(fields, "tasks");
        workers = count(fields, "workers");
        rounds = count(fields, "rounds");
        spansFile = fields.get("spans_file") == null ? null : text(fields, "spans_file");
        Object given = fields.containsKey("params") ? fields.get("params") : Map.of();
        if (!(given instanceof Map<?, ?> object)) {
            throw new Refused(WRONG, "the job's \"params\" is not an object");
        }
        params = object;
        checkParams();
    }

    /** A parameter; its default where the job does not give it. */
    long param(String name) {
        Object given = params.get(name);
        return given == null ? DEFAULTS.getOrDefault(name, 0L) : ((BigInteger) given).longValue();
    }

    /** How many spans a round records. */
    int spans() {
        if (workload.equals("mixed")) {
            return Math.multiplyExact(tasks, Math.toIntExact(param("times")));
        }
        return WITH_SPANS.contains(workload) ? tasks : 0;
    }

    /** How long each task of sleep is to sleep, nanoseconds: sleep_ns of /crates/protocol/src/proof.rs. */
    long[] sleeps(long seed) {
        long[] sleeps = new long[workload.equals("sleep") ? tasks : 0];
        long duration = param("duration_ns");
        long jitter = param("jitter_ns");
        for (int task = 0; task < sleeps.length; task++) {
            long share = jitter == 0 ? 0 : Long.remainderUnsigned(Arithmetic.splitmix64(seed + task), jitter + 1);
            sleeps[task] = duration + share;
        }
        return sleeps;
    }

    private void checkParams() throws Refused {
        for (Object name : params.keySet()) {
            number(params, (String) name, 0);
        }
        for (String name : DEFAULTS.keySet()) {
            long value = param(name);
            if (value == 0 && AT_LEAST_ONE.contains(name)) {
                throw new Refused(WRONG, name + " = 0: " + workload + " needs at least 1");
            }
            List<String> choices = CHOICES.get(name);
            if (choices != null && value >= choices.size()) {
                throw new Refused(WRONG, name + " = " + value + ": it is one of " + String.join(", ", choices));
            }
        }
        if (workload.equals("ping-pong") && tasks % 2 != 0) {
            throw new Refused(WRONG, tasks + " tasks: ping-pong runs pairs of tasks; give an even number");
        }
    }

    static Object decode(byte[] line) throws Refused {
        try {
            return Json.read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString());
        } catch (CharacterCodingException | IllegalArgumentException error) {
            String excerpt = Wire.excerpt(line);
            throw new Refused(WRONG, "the job is not a JSON object (" + error.getMessage() + "): " + excerpt);
        }
    }

    static String text(Map<?, ?> fields, String name) throws Refused {
        if (fields.get(name) instanceof String text) {
            return text;
        }
        throw new Refused(WRONG, "\"" + name + "\" is " + fields.get(name) + ", not a string");
    }

    static BigInteger number(Map<?, ?> fields, String name, int least) throws Refused {
        if (fields.get(name) instanceof BigInteger number && number.compareTo(BigInteger.valueOf(least)) >= 0
                && number.compareTo(MOST) <= 0) {
            return number;
        }
        throw new Refused(WRONG, "\"" + name + "\" is " + fields.get(name) + ", not a number from " + least);
    }

    private static int count(Map<?, ?> fields, String name) throws Refused {
        BigInteger number = number(fields, name, 1);
        if (number.bitLength() >= Integer.SIZE) {
            throw new Refused("unsupported", number + " " + name + " are more than an array has room for");
        }
        return number.intValue();
    }
}
