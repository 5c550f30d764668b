import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** What the first {@code go} brings, so that no task can be worked out before it comes. */
final class Go {
    private static final byte[] WORD = "go ".getBytes(StandardCharsets.UTF_8);

    final long seed;
    final String file;
    final InetSocketAddress origin;

    /** For a probe. */
    Go() {
        seed = 7;
        file = null;
        origin = null;
    }

    /** From its line. */
    Go(Job job, byte[] line) throws Refused {
        if (line.length < WORD.length || !Arrays.equals(line, 0, WORD.length, WORD, 0, WORD.length)) {
            throw Wire.unexpected(line);
        }
        if (!(Job.decode(Arrays.copyOfRange(line, WORD.length, line.length)) instanceof Map<?, ?> fields)) {
            throw new Refused(Job.WRONG, "go brings no JSON object");
        }
        seed = Job.number(fields, "seed", 0).longValue();
        origin = job.workload.equals("request") ? address(Job.text(fields, "origin")) : null;
        file = job.workload.equals("file-read") ? Job.text(fields, "file") : null;
    }

    private static InetSocketAddress address(String text) throws Refused {
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
            return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IndexOutOfBoundsException | IllegalArgumentException error) {
            throw new Refused(Job.WRONG, "\"origin\" is \"" + text + "\", not HOST:PORT");
        }
    }
}
