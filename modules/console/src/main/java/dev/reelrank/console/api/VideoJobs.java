package dev.reelrank.console.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.client.Session;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import dev.reelrank.console.web.Media;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.video.Images;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Video jobs over HTTP, in the form of OpenAI's video interface: {@code POST /v1/videos} and what
 * belongs to it. A job is a run of its own with one sample, so it appears on every page and in
 * every command as other runs do.
 */
public final class VideoJobs {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern DATA_URI =
            Pattern.compile("data:image/(png|jpeg|webp);base64,(?<data>[A-Za-z0-9+/=\\s]+)");
    private static final int LIST_LIMIT = 100;

    private final Facts facts;
    private final Media media;
    private final JobDesk desk;

    public VideoJobs(Session session, Facts facts, Media media, Clock clock) {
        this.facts = facts;
        this.media = media;
        this.desk = new JobDesk(session, facts, clock);
    }

    /** An address and what answers it. */
    record Endpoint(HandlerType method, String path, Handler handler) {}

    /** All of them; the document names each. */
    List<Endpoint> endpoints() {
        return List.of(
                new Endpoint(HandlerType.POST, "/v1/videos", this::create),
                new Endpoint(HandlerType.GET, "/v1/videos", this::list),
                new Endpoint(
                        HandlerType.GET,
                        "/v1/videos/{id}",
                        ctx -> json(ctx, 200, desk.job(ctx.pathParam("id")))),
                new Endpoint(HandlerType.DELETE, "/v1/videos/{id}", this::delete),
                new Endpoint(HandlerType.POST, "/v1/videos/{id}/cancel", this::cancel),
                new Endpoint(HandlerType.GET, "/v1/videos/{id}/content", this::content),
                new Endpoint(HandlerType.GET, "/v1/videos/{id}/frames/{number}", this::frame),
                new Endpoint(HandlerType.GET, "/v1/openapi.json", VideoJobs::document));
    }

    /** Adds the addresses. */
    public void addTo(RoutesConfig routes) {
        endpoints().forEach(e -> routes.addHttpHandler(e.method(), e.path(), e.handler()));
    }

    private static void document(Context ctx) throws IOException {
        try (var in = VideoJobs.class.getResourceAsStream("/dev/reelrank/console/openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("openapi.json is not on the class path");
            }
            ctx.contentType("application/json").result(in.readAllBytes());
        }
    }

    private void create(Context ctx) throws IOException {
        VideoRequest request = ctx.isMultipartFormData() ? form(ctx) : body(ctx);
        byte[] image = request.image();
        try {
            Images.read(image, "input_reference");
        } catch (StageException e) {
            throw Problem.invalid("input_reference", String.valueOf(e.getMessage()));
        }
        json(ctx, 200, desk.submit(ctx.header("Idempotency-Key"), request));
    }

    private void delete(Context ctx) {
        String id = ctx.pathParam("id");
        desk.delete(id);
        json(
                ctx,
                200,
                JSON.createObjectNode()
                        .put("id", id)
                        .put("object", "video.deleted")
                        .put("deleted", true));
    }

    private void cancel(Context ctx) {
        json(ctx, 200, desk.cancel(ctx.pathParam("id")));
    }

    private static VideoRequest form(Context ctx) throws IOException {
        UploadedFile file = ctx.uploadedFile("input_reference");
        byte[] bytes = null;
        if (file != null) {
            try (var in = file.content()) {
                bytes = in.readAllBytes();
            }
        }
        return VideoRequest.of(
                ctx.formParam("prompt"),
                bytes,
                ctx.formParam("model"),
                ctx.formParam("size"),
                ctx.formParam("seconds"),
                ctx.formParam("reelrank"));
    }

    private static VideoRequest body(Context ctx) {
        JsonNode node;
        try {
            node = JSON.readTree(ctx.bodyAsBytes());
        } catch (IOException e) {
            throw Problem.invalid("the body is neither multipart/form-data nor JSON");
        }
        if (node == null || !node.isObject()) {
            throw Problem.invalid("the body must be multipart/form-data or a JSON object");
        }
        return VideoRequest.of(
                text(node, "prompt"),
                image(node.path("input_reference")),
                text(node, "model"),
                text(node, "size"),
                text(node, "seconds"),
                node.has("reelrank") ? node.get("reelrank").toString() : null);
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (value.isContainerNode()) {
            throw Problem.invalid(field, field + " must be text, not an array or an object");
        }
        return value.isValueNode() && !value.isNull() ? value.asText() : null;
    }

    /**
     * A data URI, bare or as {@code {"image_url": …}}; addresses of other hosts are not fetched.
     */
    private static byte @Nullable [] image(JsonNode node) {
        String uri = node.isObject() ? node.path("image_url").asText("") : node.asText("");
        if (uri.isEmpty()) {
            return null;
        }
        var match = DATA_URI.matcher(uri);
        if (!match.matches()) {
            throw Problem.invalid(
                    "input_reference",
                    "input_reference must be a data URI such as data:image/png;base64,…; nothing is fetched from other hosts");
        }
        try {
            return Base64.getMimeDecoder().decode(match.group("data"));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(
                    "input_reference", "input_reference is not base64: " + e.getMessage());
        }
    }

    private void list(Context ctx) {
        int limit = number(ctx.queryParam("limit"), 20, LIST_LIMIT);
        String after = ctx.queryParam("after");
        List<String> ids =
                facts.runs().stream()
                        .map(RunRow::runId)
                        .filter(id -> id.startsWith(JobDesk.PREFIX))
                        .toList();
        if ("asc".equals(ctx.queryParam("order"))) {
            ids = new java.util.ArrayList<>(ids);
            java.util.Collections.reverse(ids);
        }
        int from = after == null ? 0 : ids.indexOf(after) + 1;
        if (after != null && from == 0) {
            throw Problem.invalid(
                    "after", "after is '%s', and there is no such video".formatted(after));
        }
        List<String> page = ids.subList(from, Math.min(ids.size(), from + limit));
        ObjectNode answer = JSON.createObjectNode().put("object", "list");
        ArrayNode data = answer.putArray("data");
        page.forEach(id -> data.add(desk.job(id)));
        answer.put("has_more", from + page.size() < ids.size());
        answer.put("first_id", page.isEmpty() ? null : page.get(0));
        answer.put("last_id", page.isEmpty() ? null : page.get(page.size() - 1));
        json(ctx, 200, answer);
    }

    private static int number(@Nullable String text, int otherwise, int most) {
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,4}") || Integer.parseInt(text) < 1) {
            throw Problem.invalid(
                    "limit", "limit is '%s'; it must be 1 to %d".formatted(text, most));
        }
        return Math.min(most, Integer.parseInt(text));
    }

    private void content(Context ctx) throws IOException {
        CandidateResult video = video(ctx);
        String variant = ctx.queryParam("variant");
        if (variant == null || variant.equals("video")) {
            media.send(ctx, video.video());
        } else if (variant.equals("thumbnail")) {
            media.sendPoster(ctx, video.video());
        } else {
            throw Problem.invalid(
                    "variant", "variant is '%s'; it must be video or thumbnail".formatted(variant));
        }
    }

    /** The winner, or the candidate of {@code ?seed=}. */
    private CandidateResult video(Context ctx) {
        String id = ctx.pathParam("id");
        String seed = ctx.queryParam("seed");
        desk.job(id);
        return facts.sample(id, JobDesk.SAMPLE, v -> choose(v, seed))
                .flatMap(c -> c)
                .orElseThrow(
                        () ->
                                new Problem(
                                        409,
                                        "not_ready",
                                        "video '%s' has no %s yet; ask for its status"
                                                .formatted(
                                                        id,
                                                        seed == null
                                                                ? "winner"
                                                                : "candidate of seed " + seed)));
    }

    private static java.util.Optional<CandidateResult> choose(
            SampleView view, @Nullable String seed) {
        return seed == null
                ? view.winner()
                : view.candidates().stream()
                        .filter(c -> Long.toString(c.seed()).equals(seed))
                        .findFirst();
    }

    private void frame(Context ctx) {
        CandidateResult video = video(ctx);
        String number = ctx.pathParam("number");
        int index;
        if (number.equals("representative")) {
            index = video.frames() / 2;
        } else if (number.matches("\\d{1,6}")) {
            index = Integer.parseInt(number);
        } else {
            throw Problem.invalid("number", "a frame is a number from 0, or 'representative'");
        }
        ctx.contentType("image/png").result(Images.png(media.frame(video.video(), index)));
    }

    private static void json(Context ctx, int status, JsonNode node) {
        ctx.status(status).contentType("application/json").result(node.toString());
    }
}
