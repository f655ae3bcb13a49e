package dev.reelrank.console.web;

import org.jspecify.annotations.Nullable;

/** A request that cannot be answered, in words for whoever sent it. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final @Nullable String parameter;

    /**
     * @param status of HTTP, 400..599
     * @param code for programs
     * @param message for people: what is wrong and what helps
     */
    public Problem(int status, String code, String message) {
        this(status, code, message, null);
    }

    private Problem(int status, String code, String message, @Nullable String parameter) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.parameter = parameter;
    }

    /** There is no such thing; the message says what there is. */
    public static Problem notFound(String message) {
        return new Problem(404, "not_found", message);
    }

    /** The request says something that cannot be. */
    public static Problem invalid(String message) {
        return new Problem(400, "invalid_request", message);
    }

    /**
     * A field, a query parameter or a header of the request says something that cannot be.
     *
     * @param parameter its name; a field of an object in a field as {@code outer.inner}
     */
    public static Problem invalid(String parameter, String message) {
        return new Problem(400, "invalid_request", message, parameter);
    }

    /** The same problem, with the parameter of the request that it comes from. */
    public Problem of(String name) {
        return new Problem(status, code, text(), name);
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** What in the request is wrong, null if it is not one parameter. */
    public @Nullable String parameter() {
        return parameter;
    }

    /** For people. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
