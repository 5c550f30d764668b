import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The runner's end of the wire: standard input and output, a JSON object a line. */
final class Wire {
    private static final InputStream IN = new BufferedInputStream(System.in);
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final int MAX_LINE_BYTES = 1 << 20;
    private static final int EXCERPT_CHARS = 80;

    private Wire() {}

    /** The next line of input without its newline; null at the end of input. */
    static byte[] readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next; line.size() < MAX_LINE_BYTES && (next = IN.read()) >= 0;) {
            if (next == '\n') {
                return line.toByteArray();
            }
            line.write(next);
        }
        return line.size() == 0 ? null : line.toByteArray();
    }

    /** Writes a line: the only thing that ever reaches standard output. */
    static void send(String json) throws IOException {
        OUT.write((json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static void sendRefusal(Refused refused) throws IOException {
        send("{\"event\":\"refused\",\"status\":" + Json.quote(refused.status) + ",\"reason\":"
                + Json.quote(refused.getMessage()) + "}");
    }

    /** Says {@code ready}, and gives the line that answers it; null if input ends instead: then the runner ends. */
    static byte[] ready() throws IOException {
        send("{\"event\":\"ready\"}");
        return readLine();
    }

    static Refused unexpected(byte[] line) {
        return new Refused(Job.WRONG, "expected \"go\" at a checkpoint, not \"" + excerpt(line) + "\"");
    }

    /** Sends an event and waits for {@code go}. False if input ends instead: then the runner ends. */
    static boolean checkpoint(String event) throws IOException {
        send("{\"event\":\"" + event + "\"}");
        byte[] word = readLine();
        if (word == null) {
            return false;
        }
        if (!excerpt(word).equals("go")) {
            sendRefusal(unexpected(word));
            return false;
        }
        return true;
    }

    static void waitForEndOfInput() throws IOException {
        while (readLine() != null) {}
    }

    static String excerpt(byte[] line) {
        String text = new String(line, StandardCharsets.UTF_8);
        return text.substring(0, Math.min(text.length(), EXCERPT_CHARS));
    }
}
