package keystead.conformance;

/** A refusal as the SDK exposes it. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;
    final String code;
    final String text;
    final String requestId;

    Refusal(int status, String code, String text, String requestId) {
        super(status + " " + code + ": " + text);
        this.status = status;
        this.code = code;
        this.text = text;
        this.requestId = requestId;
    }
}
