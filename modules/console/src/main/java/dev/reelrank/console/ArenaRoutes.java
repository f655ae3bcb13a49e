package dev.reelrank.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.console.arena.Arena;
import dev.reelrank.console.arena.Ballot;
import dev.reelrank.console.arena.Contest;
import dev.reelrank.console.arena.Tally;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.page.VotesPage;
import dev.reelrank.console.web.Media;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Answer;
import dev.reelrank.pipeline.event.VoteCast.Shown;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The addresses of the arena: handing out pairs, taking answers, showing what they say. */
final class ArenaRoutes {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A day: whoever takes longer was not looking. */
    private static final long LONGEST_LOOK = 86_400_000;

    private final Arena arena;
    private final Facts facts;
    private final Media media;
    private final VotesPage page;

    ArenaRoutes(Arena arena, Facts facts, Media media, VotesPage page) {
        this.arena = arena;
        this.facts = facts;
        this.media = media;
        this.page = page;
    }

    /** Adds the addresses. */
    void addTo(RoutesConfig routes) {
        routes.post("/arena/ballots", this::next);
        routes.post("/arena/votes", this::vote);
        routes.post("/arena/votes/{vote}/undo", this::undo);
        routes.get(
                "/arena/media/{token}",
                ctx -> media.sendBlind(ctx, arena.media(ctx.pathParam("token"))));
        routes.get("/votes", this::votes);
    }

    private void next(Context ctx) {
        JsonNode body = json(ctx);
        var contest = contest(text(body, "run"), text(body, "other"));
        String rater = text(body, "rater");
        Optional<Ballot> ballot =
                arena.next(contest, rater == null ? "" : rater, text(body, "watched"));
        ObjectNode answer = JSON.createObjectNode();
        if (ballot.isEmpty()) {
            boolean none = contest.pairs(facts).isEmpty();
            answer.put("done", true)
                    .put(
                            "message",
                            none
                                    ? "There are no two different videos to compare yet."
                                    : "You have compared every pair that there is. Thank you.");
        } else {
            Ballot b = ballot.get();
            answer.put("ballot", b.id())
                    .put("prompt", b.prompt())
                    .put("image", "/arena/media/" + b.imageToken())
                    .put("left", "/arena/media/" + b.leftToken())
                    .put("right", "/arena/media/" + b.rightToken());
        }
        ctx.contentType("application/json").result(answer.toString());
    }

    private void vote(Context ctx) {
        JsonNode body = json(ctx);
        Answer answer;
        try {
            answer = Answer.valueOf(String.valueOf(text(body, "answer")));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(
                    "answer",
                    "answer is '%s'; it must be LEFT, RIGHT, EQUAL, BOTH_BAD or SKIPPED"
                            .formatted(text(body, "answer")));
        }
        String ballot = text(body, "ballot");
        if (ballot == null) {
            throw Problem.invalid("ballot", "ballot is missing: it is the id of the pair");
        }
        VoteCast vote = arena.vote(ballot, answer, millis(body.path("millis")));
        ctx.contentType("application/json")
                .result(
                        JSON.createObjectNode()
                                .put("vote", vote.voteId())
                                .put("undoSeconds", Arena.UNDO.toSeconds())
                                .toString());
    }

    /** How long somebody looked, in milliseconds; 0 if the page did not say. */
    private static long millis(JsonNode node) {
        if (node.isMissingNode()) {
            return 0;
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 0) {
            throw Problem.invalid("millis", "millis must be a whole number, at least 0");
        }
        return Math.min(node.asLong(), LONGEST_LOOK);
    }

    private void undo(Context ctx) {
        arena.undo(ctx.pathParam("vote"));
        ctx.status(204);
    }

    private void votes(Context ctx) {
        String run = blank(ctx.queryParam("run"));
        String other = blank(ctx.queryParam("other"));
        if (run == null) {
            ctx.html(page.html(null, null, null));
            return;
        }
        var contest = contest(run, other);
        contest.pairs(facts);
        ctx.html(page.html(run, other, Tally.of(contest, arena.votes(contest), this::better)));
    }

    private static Contest contest(@Nullable String run, @Nullable String other) {
        if (run == null) {
            throw Problem.invalid(
                    "run", "run is missing: the arena compares the candidates of a run");
        }
        return new Contest(run, other == null || other.equals(run) ? null : other);
    }

    /** Which side the reranker scores higher. */
    private Optional<Answer> better(VoteCast vote) {
        Optional<Double> left = composite(vote.sampleId(), vote.left());
        Optional<Double> right = composite(vote.sampleId(), vote.right());
        if (left.isEmpty() || right.isEmpty() || left.get().equals(right.get())) {
            return Optional.empty();
        }
        return Optional.of(left.get() > right.get() ? Answer.LEFT : Answer.RIGHT);
    }

    private Optional<Double> composite(String sampleId, Shown shown) {
        return facts.sample(shown.runId(), sampleId, Contest::composites)
                .map(scores -> scores.get(shown.seed()));
    }

    private static JsonNode json(Context ctx) {
        try {
            JsonNode node = JSON.readTree(ctx.bodyAsBytes());
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw Problem.invalid("the body is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw Problem.invalid("the body cannot be read: " + e.getMessage());
        }
        throw Problem.invalid("the body must be a JSON object");
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
            throw Problem.invalid(field, field + " must be text");
        }
        return value.isTextual() ? blank(value.asText()) : null;
    }

    private static @Nullable String blank(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
