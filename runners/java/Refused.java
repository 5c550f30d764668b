/** This runner will not serve the job: {@code unsupported}, {@code unavailable} or {@code protocol-error}, and why. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    final String status;

    Refused(String status, String reason) {
        super(reason);
        this.status = status;
    }
}
