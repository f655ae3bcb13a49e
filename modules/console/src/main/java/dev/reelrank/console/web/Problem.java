package dev.reelrank.console.web;

/** A request that cannot be answered, in words for whoever sent it. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

    /**
     * @param status of HTTP, 400..599
     * @param code for programs
     * @param message for people: what is wrong and what helps
     */
    public Problem(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** There is no such thing; the message says what there is. */
    public static Problem notFound(String message) {
        return new Problem(404, "not_found", message);
    }

    /** The request says something that cannot be. */
    public static Problem invalid(String message) {
        return new Problem(400, "invalid_request", message);
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** For people. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
