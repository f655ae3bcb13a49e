package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small AnimateDiff among the models, as a user runs it: from text alone, ranked against the
 * sample's image, then aligned as Video-DPO does it and run with its adapter.
 */
final class AnimateDiffRunIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MODEL = "candidate.model=animatediff";

    /** Half of its own size and frames: here the run is tested, not the pictures. */
    private static final List<String> SMALLER =
            List.of("--set", "candidate.size=64x64", "--set", "candidate.frames=8");

    @TempDir Path folder;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void shouldMakeVideosFromTextAndLearnFromTheirJitter() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(ReelrankProcess.HOME.resolve("models/testbed/animatediff")),
                "no weights of a small AnimateDiff are among the models");
        runs("first");
        JsonNode first = report("first");
        JsonNode sample = first.at("/samples/0");
        assertThat(sample.path("status").asText()).isEqualTo("done");
        assertThat(sample.path("candidates")).hasSize(2);
        JsonNode made = sample.at("/candidates/0/generation");
        assertThat(made.at("/used/family").asText()).isEqualTo("animatediff");
        assertThat(made.path("width").asInt()).isEqualTo(64);
        assertThat(made.path("frames").asInt()).isEqualTo(8);
        assertThat(sample.at("/candidates/0/composite").isNumber()).isTrue();
        assertThat(sample.path("grade").asText()).isNotBlank().isNotEqualTo("null");
        assertThat(first.path("notes").path("animatediff").asText()).contains("text alone");
        assertThat(first.path("notes").has("wan")).isFalse();
        Path video = out().resolve("first").resolve(sample.path("sampleId").asText() + ".mp4");
        assertThat(VideoReader.probe(video).frames()).isEqualTo(8);
        learns();
        runs("after", "--set", "candidate.loras=[{name: 'adapter:smooth@1', strength: 1}]");
        JsonNode lora = report("after").at("/samples/0/candidates/0/generation/used/loras/0");
        assertThat(lora.path("part").asText()).isEqualTo("unet");
        assertThat(lora.path("layers").asInt()).isPositive();
    }

    private void learns() throws Exception {
        String pairs = folder.resolve("pairs.jsonl").toString();
        reelrank("pairs", "--run", "first", "--by", "jitter:img2img", "--out", pairs);
        reelrank(
                "align",
                "--pairs",
                pairs,
                "--base",
                "animatediff",
                "--name",
                "smooth",
                "--set",
                "align.steps=2",
                "--set",
                "align.pairsPerStep=1",
                "--set",
                "align.heldOut=0");
    }

    private void runs(String name, String... more) throws Exception {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--set",
                                MODEL,
                                "--num-samples",
                                "1",
                                "--config",
                                command().smallConfiguration().toString(),
                                "--run",
                                name,
                                "--out",
                                out().toString()));
        arguments.addAll(SMALLER);
        arguments.addAll(List.of(more));
        reelrank(arguments.toArray(String[]::new));
    }

    private void reelrank(String... arguments) throws Exception {
        assertThat(command().run(arguments)).as(command().said()).isZero();
    }

    @AfterEach
    void endTheFarm() throws IOException, InterruptedException {
        EndOfFarm.await(command().data());
    }

    private Path out() {
        return folder.resolve("out");
    }

    private JsonNode report(String run) throws IOException {
        return JSON.readTree(out().resolve(run).resolve("report.json").toFile());
    }

    private ReelrankProcess command() {
        return new ReelrankProcess(folder);
    }
}
