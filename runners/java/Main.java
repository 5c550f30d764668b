/**
 * The Java runner: {@code describe}, {@code probe NAME}, or, with no argument, serve one job on standard input.
 *
 * <p>{@link Threads} and {@link Executing} hold the workloads in their runtime's own idiom.
 */
final class Main {
    private static final String USAGE = "usage: Main describe | probe NAME | (no argument: serve one job)";

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            Serving.serve();
        } else if (arguments.length == 1 && arguments[0].equals("describe")) {
            Wire.send(Catalogue.describe());
        } else if (arguments.length == 2 && arguments[0].equals("probe")) {
            Wire.send(Catalogue.probe(arguments[1]));
        } else {
            System.err.println(USAGE);
            System.exit(1);
        }
        System.exit(0); // Not a return: threads may be at work, or wait, that nobody needs any more.
    }
}
