package dev.reelrank.console.web;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every request passes: the token, the origin of requests that change something, and the host
 * that the browser believes it talks to.
 */
public final class Guard {
    /** The cookie that holds a token after the form was sent. */
    public static final String COOKIE = "reelrank-token";

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Access access;
    private final boolean loopback;

    /**
     * @param loopback the server listens on this machine alone
     */
    public Guard(Access access, boolean loopback) {
        this.access = access;
        this.loopback = loopback;
    }

    /** Sets the headers that every answer has. */
    public void headers(Context ctx) {
        ctx.header(
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; style-src 'self';"
                        + " script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
        ctx.header("X-Content-Type-Options", "nosniff");
        // With no-referrer, browsers would send forms of these pages without their origin.
        ctx.header("Referrer-Policy", "same-origin");
        ctx.header("Cross-Origin-Resource-Policy", "same-origin");
    }

    /**
     * Lets a request pass, or says why not.
     *
     * @throws Problem 401 without a token that is known, 403 if the token or the origin does not
     *     allow it, 421 for another host than this one
     */
    public void check(Context ctx) {
        if (loopback && !LOOPBACK.contains(host(ctx.host()))) {
            // A page of another host whose name leads to this machine would otherwise be read.
            throw new Problem(
                    421, "wrong_host", "this studio answers to localhost; open it by that name");
        }
        boolean writes = !Set.of(HandlerType.GET, HandlerType.HEAD).contains(ctx.method());
        String origin = ctx.header("Origin");
        if (writes && origin != null && !sameHost(origin, ctx.host())) {
            throw new Problem(
                    403, "wrong_origin", "a page of another address must not change anything here");
        }
        Optional<Access.Role> role = access.role(token(ctx));
        if (role.isEmpty()) {
            throw new Problem(
                    401,
                    "no_token",
                    "a token is needed: send 'Authorization: Bearer TOKEN', or sign in at /sign-in");
        }
        if (writes && role.get() != Access.Role.WRITE) {
            throw new Problem(403, "read_only", "this token may look, but change nothing");
        }
    }

    private static @Nullable String token(Context ctx) {
        String header = ctx.header("Authorization");
        if (header != null && header.toLowerCase(Locale.ROOT).startsWith("bearer ")) {
            return header.substring("bearer ".length()).strip();
        }
        return ctx.cookie(COOKIE);
    }

    private static boolean sameHost(String origin, @Nullable String host) {
        try {
            return URI.create(origin).getAuthority() != null
                    && URI.create(origin).getAuthority().equalsIgnoreCase(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String host(@Nullable String header) {
        return header == null ? "" : header.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    }
}
