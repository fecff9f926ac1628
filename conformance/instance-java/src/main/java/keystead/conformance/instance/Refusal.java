package keystead.conformance.instance;

/** A refusal as an SDK exposes it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;

    Refusal(int status, String code, String text) {
        super(status + " " + code + ": " + text);
        this.status = status;
        this.code = code;
    }
}
