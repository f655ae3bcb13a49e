package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sam3IT {
    @TempDir Path folder;

    @Test
    void shouldSegmentAsTransformersDoes() throws IOException {
        try (var sam3 = Sam3.load(Fixtures.path("sam3"), Fixtures.SETTINGS)) {
            for (var expected : Fixtures.expected("sam3").get("segments")) {
                var picture = Fixtures.picture(expected.get("picture").asText());
                double threshold = expected.get("threshold").asDouble();

                var found = sam3.segment(picture, expected.get("phrase").asText(), threshold, 0.5);

                assertThat(found).hasSize(expected.get("scores").size());
                for (int i = 0; i < found.size(); i++) {
                    var instance = found.get(i);
                    assertThat(instance.score())
                            .isCloseTo(expected.get("scores").get(i).asDouble(), within(1e-4));
                    var box = instance.box().toList();
                    for (int k = 0; k < 4; k++) {
                        assertThat(box.get(k))
                                .isCloseTo(
                                        expected.get("boxes").get(i).get(k).asDouble(),
                                        within(0.5));
                    }
                    var bits =
                            BitSet.valueOf(
                                    HexFormat.of().parseHex(expected.get("masks").get(i).asText()));
                    var mask = new Mask(picture.width(), picture.height(), bits);
                    assertThat(mask.area()).isGreaterThan(50);
                    assertThat(instance.mask().intersectionOverUnion(mask))
                            .isGreaterThanOrEqualTo(0.999);
                }
            }
        }
    }

    @Test
    void shouldReuseWhatItSawAndReadWhenAskedAgain() throws IOException {
        try (var sam3 = Sam3.load(Fixtures.path("sam3"), Fixtures.SETTINGS);
                var square = sam3.look(Fixtures.picture("square"));
                var wide = sam3.look(Fixtures.picture("wide"))) {
            var circle = sam3.read("a red circle");
            var watch = sam3.read("the watch");
            var first = sam3.segment(square, circle, 0.1, 0.5);

            sam3.segment(wide, watch, 0.1, 0.5);
            var again = sam3.segment(square, circle, 0.1, 0.5);

            assertThat(again).hasSameSizeAs(first);
            for (int i = 0; i < first.size(); i++) {
                assertThat(again.get(i).score()).isEqualTo(first.get(i).score());
                assertThat(again.get(i).mask().intersectionOverUnion(first.get(i).mask()))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void shouldHoldNoTextTowerBetweenPhrasesWhenItIsLargeAndOnTheCpu() throws IOException {
        var large = withLarge("text");
        try (var small = Sam3.load(Fixtures.path("sam3"), Fixtures.SETTINGS);
                var passing = Sam3.load(large, Fixtures.SETTINGS)) {
            var expected = small.read("a red circle").features();

            assertThat(passing.read("a red circle").features()).isEqualTo(expected);
            assertThat(passing.read("the watch").features()).isNotEqualTo(expected);

            // Only who opens the tower again notices.
            Files.delete(large.resolve("text.onnx"));
            assertThatThrownBy(() -> passing.read("a red circle"))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                    .hasMessageContaining("text.onnx");
        }
    }

    @Test
    void shouldAnswerAlikeWhenLargeGraphsGiveTheirMemoryBackOnTheCpu() throws IOException {
        try (var small = Sam3.load(Fixtures.path("sam3"), Fixtures.SETTINGS);
                var large = Sam3.load(withLarge("vision"), Fixtures.SETTINGS)) {
            for (var name : new String[] {"square", "wide"}) {
                var picture = Fixtures.picture(name);
                var expected = small.segment(picture, "a red circle", 0.1, 0.5);

                var found = large.segment(picture, "a red circle", 0.1, 0.5);

                assertThat(found).hasSameSizeAs(expected).isNotEmpty();
                for (int i = 0; i < found.size(); i++) {
                    assertThat(found.get(i).score())
                            .isCloseTo(expected.get(i).score(), within(1e-6));
                    assertThat(found.get(i).mask().intersectionOverUnion(expected.get(i).mask()))
                            .isGreaterThan(0.9999);
                }
            }
        }
    }

    /** The fixture with 129 MiB of weights beside a graph, of which nobody reads any. */
    private Path withLarge(String graph) throws IOException {
        try (var files = Files.list(Fixtures.path("sam3"))) {
            for (var file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        var name = graph + ".onnx.data";
        long bytes = 129L << 20;
        try (var beside = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
            beside.setLength(bytes);
        }
        var json = new ObjectMapper();
        var file = folder.resolve("manifest.json").toFile();
        var manifest = json.readTree(file);
        ((ObjectNode) manifest.get("files")).putObject(name).put("bytes", bytes).put("sha256", "");
        json.writeValue(file, manifest);
        return folder;
    }

    @Test
    void shouldFindNothingAboveAnImpossibleThreshold() throws IOException {
        try (var sam3 = Sam3.load(Fixtures.path("sam3"), Fixtures.SETTINGS)) {
            assertThat(sam3.segment(Fixtures.picture("square"), "a ring", 1, 0.5)).isEmpty();
        }
    }

    @Test
    void shouldNotKeepMemoryOfAnswersWhenOnePictureIsAskedOftenAgain() throws IOException {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/status")));
        try (var sam3 = Sam3.load(Fixtures.path("sam3"), Fixtures.SETTINGS);
                var square = sam3.look(Fixtures.picture("square"))) {
            var circle = sam3.read("a red circle");
            ask(sam3, square, circle, 300);
            long before = residentKib();

            // An answer is 40 KiB: kept, they would be 120 MiB. The heap is resident from the start
            // (pom.xml), so it does not blur this.
            ask(sam3, square, circle, 3000);

            assertThat(residentKib() - before).isLessThan(60_000);
        }
    }

    private static void ask(Sam3 sam3, VisionFeatures picture, Phrase phrase, int times) {
        for (int i = 0; i < times; i++) {
            sam3.segment(picture, phrase, 1, 0.5);
        }
        System.gc();
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
