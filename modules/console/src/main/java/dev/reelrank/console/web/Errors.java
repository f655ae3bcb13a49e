package dev.reelrank.console.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.StageException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns failures into answers: a page for browsers, JSON for programs. */
public final class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    private static final ObjectMapper JSON = new ObjectMapper();

    private Errors() {}

    /** Renders a problem as a page. */
    public interface Page {
        String html(Problem problem);
    }

    /** Adds the handlers. */
    public static void addTo(RoutesConfig routes, Page page) {
        routes.exception(Problem.class, (e, ctx) -> answer(ctx, e, page));
        routes.exception(StageException.class, (e, ctx) -> answer(ctx, problem(e), page));
        routes.exception(
                HttpResponseException.class, (e, ctx) -> answer(ctx, problem(e, ctx), page));
        routes.exception(
                Exception.class,
                (e, ctx) -> {
                    if (isGone(e)) {
                        return;
                    }
                    Optional<Problem> refused = refused(e);
                    if (refused.isPresent()) {
                        answer(ctx, refused.get(), page);
                        return;
                    }
                    LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
                    answer(
                            ctx,
                            new Problem(
                                    500,
                                    "internal_error",
                                    "an internal error; the log of the studio has it"),
                            page);
                });
    }

    private static Problem problem(HttpResponseException e, Context ctx) {
        return switch (e.getStatus()) {
            case 404 -> Problem.notFound("there is no page at " + ctx.path());
            case 405 ->
                    new Problem(
                            405,
                            "wrong_method",
                            "%s does not answer to %s".formatted(ctx.path(), ctx.method()));
            case 413 -> tooLarge();
            default ->
                    new Problem(
                            e.getStatus(), "http_" + e.getStatus(), String.valueOf(e.getMessage()));
        };
    }

    /** What the server itself could not read, such as a form that ends too early. */
    private static Optional<Problem> refused(Throwable e) {
        Problem found = null;
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (String.valueOf(t.getMessage()).contains("exceeded")) {
                // The parser of forms has no type of its own for it.
                return Optional.of(tooLarge());
            }
            if (t instanceof HttpException http && http.getCode() < 500) {
                found =
                        new Problem(
                                http.getCode(),
                                "http_" + http.getCode(),
                                "the request cannot be read: " + http.getReason());
            }
        }
        return Optional.ofNullable(found);
    }

    private static Problem tooLarge() {
        return new Problem(413, "too_large", "the request is larger than 32 MiB");
    }

    /** The client has gone: there is nobody to tell. */
    private static boolean isGone(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof org.eclipse.jetty.io.EofException) {
                return true;
            }
        }
        return e instanceof IOException && "Broken pipe".equals(e.getMessage());
    }

    private static Problem problem(StageException e) {
        FailureCategory category = e.code().category();
        int status =
                category == FailureCategory.EXTERNAL || category == FailureCategory.RESOURCES
                        ? 503
                        : category == FailureCategory.USER || category == FailureCategory.CONFIG
                                ? 400
                                : 500;
        return new Problem(
                status, e.code().name().toLowerCase(Locale.ROOT), String.valueOf(e.getMessage()));
    }

    private static void answer(Context ctx, Problem problem, Page page) {
        ctx.status(problem.status());
        if (problem.status() == 413 || problem.code().equals("http_400")) {
            // The rest of the request is not read, so nothing can follow on this connection.
            ctx.header("Connection", "close");
        }
        String accept = ctx.header("Accept");
        boolean browser =
                accept != null && accept.contains("text/html") && !ctx.path().startsWith("/v1/");
        if (browser) {
            ctx.html(page.html(problem));
        } else {
            ctx.contentType("application/json").result(json(problem));
        }
    }

    /** Answers to what the server refuses before it is a request of an address. */
    public static boolean unreadable(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        Problem problem;
        if (status == HttpStatus.INTERNAL_SERVER_ERROR_500 && isForm(request)) {
            // The server reads forms before anything of ours, and counts a large one as its own
            // failure.
            problem = new Problem(413, "too_large", "the form is larger than this address takes");
            response.setStatus(problem.status());
        } else {
            String what = HttpStatus.getMessage(status);
            problem = new Problem(status, "http_" + status, "the request cannot be read: " + what);
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, json(problem), callback);
        return true;
    }

    private static boolean isForm(Request request) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        return type != null
                && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
    }

    /** In the form of OpenAI's errors. */
    private static String json(Problem problem) {
        ObjectNode node = JSON.createObjectNode();
        node.putObject("error")
                .put("message", problem.text())
                .put("type", problem.status() < 500 ? "invalid_request_error" : "server_error")
                .put("param", problem.parameter())
                .put("code", problem.code());
        return node.toString();
    }
}
