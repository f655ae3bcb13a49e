package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small Qwen that ships learns to prefer light videos to dark ones, through the stage. */
final class JudgeAlignIT {
    private static final Path QWEN = Path.of("../models/testbed/qwen");

    @TempDir Path folder;

    private BlobRef video(LocalStore store, String name, int light, SplittableRandom random) {
        var frames = new ArrayList<RgbImage>();
        for (int i = 0; i < 2; i++) {
            var rgb = new byte[64 * 64 * 3];
            for (int k = 0; k < rgb.length; k++) {
                rgb[k] = (byte) (light + random.nextInt(30));
            }
            frames.add(new RgbImage(64, 64, rgb));
        }
        Path file = folder.resolve(name + ".mp4");
        VideoWriter.write(file, frames, VideoSettings.h264(8));
        return store.putBlob(file, "video/mp4");
    }

    private static AlignConfig config(int steps) {
        return dev.reelrank.trainer.AlignFigures.judge(TinyTraining.config(steps, 1, 5e-3, 0.4));
    }

    private static AlignRequest request(AlignRequest of) {
        return new AlignRequest(
                "taste", "", "", of.parent(), of.pairs(), of.media(), of.drawn(), of.config());
    }

    private AlignResult train(LocalStore store, AlignRequest request) throws Exception {
        Path link = TinyTraining.models(folder).resolve("qwen");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, QWEN.toRealPath());
        }
        try (var runner =
                StageRunner.of(TinyTraining.stage(folder, store, List.of()), store, Device.CPU)) {
            return runner.run(request(request), BatchListener.NONE).result();
        }
    }

    @Test
    void shouldTrainCompareAndKeepAnAdapterOfTheVisionLanguageModel() throws Exception {
        var random = new SplittableRandom(9);
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var tiny = new TinyTraining(folder, store);
            var pairs = new ArrayList<VideoPair>();
            for (int i = 1; i <= 10; i++) {
                pairs.add(
                        tiny.pair(
                                i,
                                video(store, "light-" + i, 130 + random.nextInt(60), random),
                                video(store, "dark-" + i, 20 + random.nextInt(60), random)));
            }
            var result = train(store, tiny.request(pairs, config(14)));
            assertThat(result.family()).isEqualTo("qwen3-vl");
            assertThat(result.files().keySet()).containsExactly("language_model");
            assertThat(result.trained() + result.heldOut()).isEqualTo(10);
            assertThat(result.heldOut()).isGreaterThan(1);
            assertThat(result.figures())
                    .containsKeys("base.preference_accuracy", "adapter.decided", "loss");
            assertThat(result.figures().get("adapter.preference_accuracy")).isGreaterThan(0.7);
            assertThat(result.verdict()).isIn(AdapterState.ACCEPTED, AdapterState.REJECTED);
            assertThat(result.reason()).contains("preference_accuracy");
            for (BlobRef blob : result.blobs()) {
                assertThat(store.holds(blob)).isTrue();
            }
            try (var other = LocalStore.open(folder.resolve("other"))) {
                var again = new TinyTraining(folder, other);
                pairs.forEach(
                        p -> {
                            other.putBlob(store.fetch(p.winner().blob(), folder), "video/mp4");
                            other.putBlob(store.fetch(p.loser().blob(), folder), "video/mp4");
                        });
                assertThat(train(other, again.request(pairs, config(14))).files())
                        .as("a repeated training ends with the same bytes")
                        .isEqualTo(result.files());
            }
            var parent = new AdapterRef("taste", 1, result.files());
            var second = train(store, tiny.request(pairs, config(2), "", parent));
            assertThat(second.figures().get("adapter.preference_accuracy")).isGreaterThan(0.7);
            var broken = store.putBlob(new byte[] {1}, "video/mp4");
            pairs.set(3, tiny.pair(4, pairs.get(3).winner().blob(), broken));
            assertThatThrownBy(() -> train(store, tiny.request(pairs, config(3))))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO))
                    .hasMessageContaining("pair 4 (");
        }
    }
}
