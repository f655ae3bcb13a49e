package dev.reelrank.console.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a video job looks to a program: OpenAI's video object, and ours under {@code reelrank}. */
final class VideoJob {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Shares of the way, in percent. */
    private static final int PROMPT = 5;

    private static final int CANDIDATES = 80;
    private static final int RANKING = 5;

    private VideoJob() {}

    /** A job that flow has not taken in yet. */
    static ObjectNode queued(
            String id, String prompt, RunConfiguration configuration, Instant created) {
        CandidateConfig candidate = configuration.candidate();
        ObjectNode node = JSON.createObjectNode();
        node.put("id", id).put("object", "video").put("status", "queued").put("progress", 0);
        node.put("created_at", created.getEpochSecond()).putNull("completed_at");
        node.put("prompt", prompt);
        node.put("model", candidate.model() == null ? "default" : candidate.model());
        node.put(
                "size",
                candidate.width() == null || candidate.height() == null
                        ? "auto"
                        : candidate.width() + "x" + candidate.height());
        node.put("seconds", length(candidate.frames(), candidate.fps()));
        node.putNull("error").putNull("expires_at").putNull("remixed_from_video_id");
        return node;
    }

    private static @Nullable String length(@Nullable Integer frames, @Nullable Double fps) {
        return frames == null || fps == null
                ? null
                : Double.toString(Math.round(frames / fps * 100) / 100.0);
    }

    static ObjectNode of(String id, SampleView view, List<ProgressReported> progress) {
        var fact = view.sample();
        ObjectNode node =
                queued(
                        id,
                        fact.map(f -> f.originalPrompt()).orElse(""),
                        fact.map(f -> f.configuration()).orElseGet(RunConfiguration::defaults),
                        fact.map(f -> f.at()).orElse(Instant.EPOCH));
        node.put("status", status(view));
        node.put("progress", progress(view, progress));
        view.update()
                .filter(u -> view.terminal())
                .ifPresent(u -> node.put("completed_at", u.at().getEpochSecond()));
        CandidateResult shown = shown(view);
        if (shown != null) {
            node.put("size", shown.width() + "x" + shown.height());
            node.put("seconds", length(shown.frames(), shown.fps()));
        }
        view.update()
                .map(SampleUpdated::failure)
                .ifPresent(
                        f ->
                                node.putObject("error")
                                        .put("code", f.code().name().toLowerCase(Locale.ROOT))
                                        .put("message", f.message()));
        node.set("reelrank", own(view));
        return node;
    }

    private static @Nullable CandidateResult shown(SampleView view) {
        return view.winner()
                .orElseGet(() -> view.candidates().isEmpty() ? null : view.candidates().get(0));
    }

    private static String status(SampleView view) {
        Optional<SampleUpdated> update = view.update();
        if (update.isEmpty()) {
            return "queued";
        }
        return switch (update.get().status()) {
            case DONE -> "completed";
            case FAILED -> "failed";
            case RUNNING -> view.facts().isEmpty() ? "queued" : "in_progress";
        };
    }

    /** 0..100; the candidates are nearly all of the way. */
    private static int progress(SampleView view, List<ProgressReported> progress) {
        if (view.terminal()) {
            return 100;
        }
        double done = view.prompt().isPresent() ? PROMPT : 0;
        int seeds = view.sample().map(s -> s.configuration().candidate().finished()).orElse(1);
        double candidates = view.candidates().size();
        for (ProgressReported step : progress) {
            boolean open =
                    step.work().stage().equals(StageName.CANDIDATE)
                            && view.candidates().stream()
                                    .noneMatch(
                                            c -> Long.valueOf(c.seed()).equals(step.work().seed()));
            candidates += open ? step.step() / (double) step.of() : 0;
        }
        done += CANDIDATES * Math.min(1, candidates / seeds);
        done += view.ranking().isPresent() ? RANKING : 0;
        return (int) Math.min(99, done);
    }

    private static ObjectNode own(SampleView view) {
        ObjectNode own = JSON.createObjectNode();
        own.put("written_prompt", view.prompt().map(p -> p.prompt()).orElse(null));
        own.put("grade", view.grade().map(g -> g.grade()).orElse(null));
        own.put("score", view.grade().map(g -> g.score()).orElse(null));
        own.put("winner", view.ranking().map(r -> r.winner().seed()).orElse(null));
        own.put("reason", view.ranking().map(r -> r.winner().reason()).orElse(null));
        ArrayNode candidates = own.putArray("candidates");
        for (CandidateResult c : view.candidates()) {
            candidates
                    .addObject()
                    .put("seed", c.seed())
                    .put("frames", c.frames())
                    .put("fps", c.fps())
                    .put(
                            "composite",
                            view.ranking()
                                    .flatMap(
                                            r ->
                                                    r.candidates().stream()
                                                            .filter(s -> s.seed() == c.seed())
                                                            .findFirst())
                                    .map(CandidateScore::composite)
                                    .orElse(null));
        }
        return own;
    }
}
