package dev.reelrank.reranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RankCommandIT {
    @TempDir Path folder;
    private Path reference;

    @BeforeEach
    void writeReference() {
        reference = folder.resolve("reference.png");
        Images.writePng(reference, RenderedClips.still(0));
    }

    @Test
    void shouldPrintJsonWithEveryFieldAndWriteThePictures() throws IOException {
        RenderedClips.rendered(folder.resolve("seed9.mp4"), 0, 9);
        RenderedClips.rendered(folder.resolve("seed10.mp4"), 5, 9);
        var pictures = folder.resolve("why");

        var json = rank("--explain", pictures.toString(), video("seed10.mp4"), video("seed9.mp4"));

        assertThat(json.get("subject").asText()).isEqualTo("red ring");
        assertThat(json.get("mask").fieldNames())
                .toIterable()
                .contains("used", "box", "whyNot", "area");
        assertThat(json.get("candidates").get(0).fieldNames())
                .toIterable()
                .containsExactly(
                        "video",
                        "maskedIdentity",
                        "minIdentity",
                        "fullIdentity",
                        "patchConcentration",
                        "patchConcentrationNormalized",
                        "temporalConsistency",
                        "brightnessDrift",
                        "duplicateSubject",
                        "composite",
                        "motion",
                        "geometry");
        assertThat(json.get("winner").get("reason").asText()).isNotBlank();
        assertThat(pictures.toFile().list())
                .containsExactlyInAnyOrder(
                        "mask.png",
                        "identity.png",
                        "heat-01.png",
                        "heat-02.png",
                        "contact-sheet.png");
    }

    @Test
    void shouldChooseTheFirstNameInNaturalOrderOrTheNamedDefaultWhenScoresAreEqual()
            throws IOException {
        for (var name : List.of("seed10.mp4", "seed9.mp4")) {
            RenderedClips.rendered(folder.resolve(name), 0, 5);
        }
        var byName = rank(video("seed10.mp4"), video("seed9.mp4"));
        assertThat(byName.get("winner").get("index").asInt()).isEqualTo(1);
        assertThat(byName.get("winner").get("reason").asText()).contains("spread too small");

        var named = rank("--default", video("seed10.mp4"), video("seed10.mp4"), video("seed9.mp4"));
        assertThat(named.get("winner").get("index").asInt()).isZero();
    }

    @Test
    void shouldChooseTheSameVideoWhateverTheOrder() throws IOException {
        var names = new ArrayList<String>();
        for (int i = 0; i < 3; i++) {
            names.add("clip" + i + ".mp4");
            RenderedClips.rendered(folder.resolve(names.get(i)), i, 5);
        }
        var first = winner(names);
        Collections.rotate(names, 1);
        assertThat(winner(names)).isEqualTo(first);
        Collections.reverse(names);
        assertThat(winner(names)).isEqualTo(first);
    }

    @Test
    void shouldKeepScoresInRangeForBlackAndWhiteVideosAndAmongStills() throws IOException {
        RenderedClips.flat(folder.resolve("black.mp4"), 0, 9, 128, 128);
        RenderedClips.flat(folder.resolve("white.mp4"), 255, 9, 128, 128);
        RenderedClips.flat(folder.resolve("one.mp4"), 120, 1, 128, 128);
        RenderedClips.flat(folder.resolve("other.mp4"), 60, 1, 128, 128);

        assertScoresInRange(rank(video("black.mp4"), video("white.mp4")));
        var stills = rank(video("one.mp4"), video("other.mp4"));
        assertScoresInRange(stills);
        assertThat(stills.get("candidates").get(1).get("temporalConsistency").asDouble()).isOne();
    }

    private static void assertScoresInRange(JsonNode json) {
        for (var candidate : json.get("candidates")) {
            for (var key :
                    List.of(
                            "maskedIdentity",
                            "minIdentity",
                            "fullIdentity",
                            "temporalConsistency")) {
                assertThat(candidate.get(key).asDouble()).isBetween(-1.0, 1.0);
            }
            assertThat(candidate.get("patchConcentrationNormalized").asDouble())
                    .isBetween(0.0, 1.0);
            assertThat(candidate.get("composite").asDouble()).isBetween(-1.0, 1.0);
        }
    }

    @Test
    void shouldCallACopyOfTheReferenceIdenticalAfterDecoding() throws IOException {
        RenderedClips.video(
                folder.resolve("still.mp4"), Collections.nCopies(9, RenderedClips.still(0)));

        var candidate = rank(video("still.mp4")).get("candidates").get(0);

        assertThat(candidate.get("maskedIdentity").asDouble()).isCloseTo(1, within(1e-3));
        assertThat(candidate.get("fullIdentity").asDouble()).isCloseTo(1, within(1e-3));
        assertThat(candidate.get("temporalConsistency").asDouble()).isCloseTo(1, within(1e-3));
        assertThat(candidate.get("brightnessDrift").asDouble()).isLessThan(0.01);
    }

    @Test
    void shouldSayWhatIsWrongWithTheInput() throws IOException {
        var good = RenderedClips.rendered(folder.resolve("good.mp4"), 0, 5);
        var empty = Files.createFile(folder.resolve("empty.mp4"));
        assertThatThrownBy(() -> rank(good.toString(), empty.toString()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("empty.mp4")
                .hasMessageContaining("0 bytes");
        assertThatThrownBy(() -> rank("--default", "other.mp4", good.toString()))
                .hasMessageContaining("--default other.mp4 is not one of the videos");
        var weights = Files.writeString(folder.resolve("w.yaml"), "identiy: 0.5");
        assertThatThrownBy(() -> rank("--weights", weights.toString(), good.toString()))
                .hasMessageContaining("unknown weight 'identiy'");
        reference = empty;
        assertThatThrownBy(() -> rank(good.toString()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("cannot read the image")
                .hasMessageContaining("0 bytes");
    }

    @Test
    void shouldTakeWeightsFromAFile() throws IOException {
        var video = RenderedClips.rendered(folder.resolve("good.mp4"), 0, 5).toString();
        var weights =
                Files.writeString(
                        folder.resolve("w.yaml"), "identity: 1\nconcentration: 0\ntemporal: 0\n");
        var json = rank("--weights", weights.toString(), video);
        var candidate = json.get("candidates").get(0);
        assertThat(candidate.get("composite").asDouble())
                .isEqualTo(candidate.get("maskedIdentity").asDouble());
    }

    private String video(String name) {
        return folder.resolve(name).toString();
    }

    private String winner(List<String> names) throws IOException {
        var json = rank(names.stream().map(this::video).toArray(String[]::new));
        return json.get("winner").get("video").asText();
    }

    private JsonNode rank(String... arguments) throws IOException {
        var out = new StringWriter();
        var all =
                new ArrayList<>(
                        List.of(
                                "--models",
                                TinyModels.FOLDER.toString(),
                                "--reference",
                                reference.toString(),
                                "--prompt",
                                "A red ring turns.",
                                "--threads",
                                "1",
                                "--json"));
        all.addAll(List.of(arguments));
        var thrown = new AtomicReference<Exception>();
        int exit =
                new CommandLine(new RankCommand())
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(new StringWriter()))
                        .setExecutionExceptionHandler(
                                (e, line, result) -> {
                                    thrown.set(e);
                                    return 1;
                                })
                        .execute(all.toArray(String[]::new));
        if (thrown.get() instanceof StageException e) {
            throw e;
        }
        assertThat(thrown.get()).isNull();
        assertThat(exit).isZero();
        return new ObjectMapper().readTree(out.toString());
    }
}
