package dev.reelrank.client.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A run's folder: {@code <sample_id>.mp4}, {@code prompts/}, {@code
 * candidates/<sample_id>/<seed>.mp4} and {@code <seed>-preview.mp4}, {@code sheets/}, {@code
 * upscaled/<sample_id>.mp4} where the run asks for it, {@code report.json}. Every file appears
 * whole under its name ({@link WholeFile}).
 */
public final class RunFiles {
    private final Path folder;
    private final ResultStore store;
    private final boolean keepOnly;
    private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** With every winner. */
    public RunFiles(Path out, String runId, ResultStore store) {
        this(out, runId, store, false);
    }

    /**
     * @param out the folder of all runs
     * @param keepOnly write the winner only of samples that the gate keeps; candidates, prompts,
     *     sheets and report are written all the same
     */
    public RunFiles(Path out, String runId, ResultStore store, boolean keepOnly) {
        this.folder = out.resolve(runId);
        this.store = store;
        this.keepOnly = keepOnly;
    }

    public Path folder() {
        return folder;
    }

    /** Where a candidate lies within the run's folder. */
    static String candidate(String sampleId, long seed) {
        return "candidates/" + sampleId + "/" + seed + ".mp4";
    }

    /** Where the preview of a draft lies within the run's folder. */
    static String preview(String sampleId, long seed) {
        return "candidates/" + sampleId + "/" + seed + "-preview.mp4";
    }

    /** Writes what is known of one sample. */
    public void write(SampleView sample) {
        try {
            if (sample.prompt().isPresent()) {
                prompt(sample, sample.prompt().get());
            }
            for (CandidateResult c : sample.candidates()) {
                blob(c.video(), folder.resolve(candidate(sample.sampleId(), c.seed())));
            }
            Path winner = folder.resolve(sample.sampleId() + ".mp4");
            if (keepOnly && sample.grade().filter(GradeResult::keep).isEmpty()) {
                // One that was written before is not what this folder is to hold.
                Files.deleteIfExists(winner);
            } else if (sample.winner().isPresent()) {
                blob(sample.winner().get().video(), winner);
            }
            var sheet = sample.ranking().map(RankingResult::contactSheet).orElse(null);
            if (sheet != null) {
                sheet(sample, sheet, folder.resolve("sheets/" + sample.sampleId() + ".png"));
            }
            for (CandidateResult draft : sample.drafts()) {
                blob(draft.video(), folder.resolve(preview(sample.sampleId(), draft.seed())));
            }
            BlobRef compared = sample.comparison().map(r -> r.contactSheet()).orElse(null);
            if (compared != null) {
                blob(compared, folder.resolve("sheets/" + sample.sampleId() + "-previews.png"));
            }
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    /**
     * Whether the winner of a sample is written here: there is one, and the gate keeps it if only
     * kept ones are wanted.
     */
    public boolean holds(SampleView sample) {
        return sample.winner().isPresent()
                && !(keepOnly && sample.grade().filter(GradeResult::keep).isEmpty());
    }

    /**
     * Writes the enlarged winner of a sample beside its winner.
     *
     * @return where it lies
     */
    public Path upscaled(String sampleId, BlobRef video) {
        Path to = folder.resolve("upscaled").resolve(sampleId + ".mp4");
        try {
            blob(video, to);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
        return to;
    }

    /** The sheet of the ranking, with the decision below it once there is one. */
    private void sheet(SampleView sample, BlobRef sheet, Path to) throws IOException {
        var grade = sample.grade().orElse(null);
        var verdict = grade == null ? null : grade.verdict();
        if (grade == null || verdict == null) {
            blob(sheet, to);
            return;
        }
        Path folder = Objects.requireNonNull(to.getParent(), "a file in no folder");
        Files.createDirectories(folder);
        bytes(to, DecidedSheet.of(Files.readAllBytes(store.fetch(sheet, folder)), grade, verdict));
    }

    /** Writes {@code report.json} over all samples. */
    public ObjectNode report(RunView view) {
        ObjectNode report = new Report(json).of(view);
        try {
            text(folder.resolve("report.json"), json.writeValueAsString(report) + "\n");
            return report;
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private void prompt(SampleView sample, PromptResult prompt) throws IOException {
        Path base = folder.resolve("prompts");
        ObjectNode about = json.createObjectNode();
        about.put("sampleId", sample.sampleId());
        about.put("cacheKey", sample.fact(StageName.PROMPT).orElseThrow().computation().inputKey());
        about.put("sha256", Sha256.of(prompt.prompt()));
        about.put("mode", prompt.mode());
        about.put("source", prompt.source().name().toLowerCase(java.util.Locale.ROOT));
        about.put("words", prompt.words());
        about.put("attempts", prompt.attempts());
        about.put("repaired", prompt.repaired());
        Path textFile = base.resolve(sample.sampleId() + ".prompt.txt");
        Path aboutFile = base.resolve(sample.sampleId() + ".prompt.json");
        // An export that a user edited in place belongs to the user until it is submitted: it is
        // not
        // overwritten.
        if (Files.exists(textFile) && Files.exists(aboutFile) && edited(textFile, aboutFile)) {
            return;
        }
        text(textFile, prompt.prompt());
        text(aboutFile, json.writeValueAsString(about) + "\n");
    }

    private boolean edited(Path textFile, Path aboutFile) throws IOException {
        return !Sha256.of(textFile)
                .equals(json.readTree(aboutFile.toFile()).path("sha256").asText());
    }

    private void blob(BlobRef blob, Path to) throws IOException {
        if (Files.exists(to)
                && Files.size(to) == blob.size()
                && Sha256.of(to).equals(blob.sha256())) {
            return;
        }
        Path folder = Objects.requireNonNull(to.getParent(), "a file in no folder");
        WholeFile.write(to, part -> Files.copy(store.fetch(blob, folder), part));
    }

    private static void text(Path to, String text) throws IOException {
        bytes(to, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(Path to, byte[] bytes) throws IOException {
        if (Files.exists(to) && java.util.Arrays.equals(Files.readAllBytes(to), bytes)) {
            return;
        }
        WholeFile.write(to, bytes);
    }

    private StageException cannotWrite(IOException e) {
        return new StageException(
                FailureCode.OUT_OF_DISK,
                "cannot write to %s: %s; free some space or choose another folder with --out (collect writes the results again)"
                        .formatted(folder, e.getMessage()),
                e);
    }
}
