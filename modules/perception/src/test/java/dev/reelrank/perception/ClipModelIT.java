package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testsupport.RelativeError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClipModelIT {
    private static final RgbImage PLAIN = new RgbImage(8, 8, new byte[192]);

    private static ClipModel clip;

    @BeforeAll
    static void load() {
        clip = ClipModel.load(Fixtures.path("clip"), Fixtures.SETTINGS);
    }

    @AfterAll
    static void close() {
        clip.close();
    }

    @Test
    void shouldEmbedPicturesAsTransformersDoes() throws IOException {
        var expected = Fixtures.expected("clip");
        var found = clip.embedImages(List.of(Fixtures.picture("model"), Fixtures.picture("tall")));
        assertThat(RelativeError.of(found.get(0), Fixtures.floats(expected.get("model"))))
                .isLessThan(1e-4);
        // Through 8-bit resizing, where single pixels may round the other way.
        assertThat(RelativeError.of(found.get(1), Fixtures.floats(expected.get("tall"))))
                .isLessThan(2e-3);
    }

    @Test
    void shouldEmbedTextsAsTransformersDoesWhenTheyAreShortUnknownOrTooLong() throws IOException {
        assertTexts(clip, Fixtures.path("clip"), Fixtures.expected("clip").get("texts"), 3);
    }

    /** The configuration says 2, the text is read at the highest id; long texts must keep it. */
    @Test
    void shouldEmbedLongTextsAsTransformersDoesWithTheConfigurationThatOpenAiPublished()
            throws IOException {
        var folder = Fixtures.path("clip_published");
        var texts = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        try (var published = ClipModel.load(folder, Fixtures.SETTINGS)) {
            assertTexts(published, folder, texts, 4);
        }
    }

    private static void assertTexts(ClipModel clip, Path folder, JsonNode expected, int count) {
        try (var tokenizer = PhraseTokenizer.open(OnnxFolder.open(folder, "clip"))) {
            var texts = expected.fields();
            int seen = 0;
            while (texts.hasNext()) {
                var text = texts.next();
                var ids = Fixtures.floats(text.getValue().get("ids"));
                var tokens = tokenizer.encode(text.getKey());
                assertThat(tokens.ids()).hasSameSizeAs(ids);
                for (int i = 0; i < ids.length; i++) {
                    assertThat(tokens.ids()[i]).isEqualTo((long) ids[i]);
                }
                assertThat(
                                RelativeError.of(
                                        clip.embedText(text.getKey()),
                                        Fixtures.floats(text.getValue().get("embedding"))))
                        .isLessThan(1e-4);
                seen++;
            }
            assertThat(seen).isEqualTo(count);
        }
    }

    @Test
    void shouldSayThatAModelComputesNoNumbers() {
        var patches = new DenseValues(1, 1, clip.lookDense(PLAIN).width(), new float[24]);
        patches.values()[3] = Float.NaN;

        assertThatThrownBy(() -> clip.embedPatches(patches, new float[] {1}))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining("dense_head.onnx")
                .hasMessageContaining("not finite");
    }

    @Test
    void shouldEmbedPatchesUnderAGivenAttention() throws IOException {
        var values = clip.lookDense(Fixtures.picture("model")).resized(5, 6);
        int n = 30;
        var attention = new float[n * n];
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++) {
                sum += Math.exp(-Math.abs(i - j) / 3.0);
            }
            for (int j = 0; j < n; j++) {
                attention[i * n + j] = (float) (Math.exp(-Math.abs(i - j) / 3.0) / sum);
            }
        }

        var embeddings = clip.embedPatches(values, attention);

        var expected = Fixtures.floats(Fixtures.expected("clip").get("dense"));
        assertThat(RelativeError.of(embeddings, expected)).isLessThan(1e-4);
        assertThatThrownBy(() -> clip.embedPatches(values, new float[4]))
                .hasMessageContaining("30 patches");
    }
}
