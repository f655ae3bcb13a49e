package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.TuneRequest;
import dev.reelrank.pipeline.stage.TuneResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TuneStageIT {
    private static final BlobRef LOST =
            new BlobRef("store:blobs/" + "0".repeat(64), "0".repeat(64), 10, "video/mp4");

    @TempDir static Path folder;
    private static ResultStore store;
    private static TuneStage stage;
    private static List<PreferencePair> pairs;

    @BeforeAll
    static void render() {
        store = LocalStore.open(folder.resolve("store"));
        stage =
                new TuneStage(
                        ModelFolders.of(TestbedStage.MODELS),
                        new FileFingerprints(folder.resolve("cache")));
        pairs = new ArrayList<>();
        // A user who dislikes ghosts and flicker.
        for (int i = 0; i < 4; i++) {
            var clean =
                    put(
                            RenderedClips.rendered(
                                    folder.resolve("clean-" + i + "-" + 17 + ".mp4"), i, 17));
            pairs.add(
                    pair(
                            i,
                            clean,
                            put(
                                    RenderedClips.corrupted(
                                            folder.resolve(Corruption.GHOST + "-" + i + ".mp4"),
                                            i,
                                            Corruption.GHOST)),
                            "a"));
            pairs.add(
                    pair(
                            i,
                            clean,
                            put(
                                    RenderedClips.corrupted(
                                            folder.resolve(Corruption.FLICKER + "-" + i + ".mp4"),
                                            i,
                                            Corruption.FLICKER)),
                            "b"));
        }
    }

    @AfterAll
    static void close() {
        stage.close();
        store.close();
    }

    @Test
    void shouldLearnWhatIsPreferredAndWhatRejectedVideosLack() {
        var first =
                success(new TuneRequest(1, PreferenceVersion.NONE, pairs, TuneConfig.defaults()));

        assertThat(first.kept()).isTrue();
        assertThat(first.version()).isEqualTo(1);
        assertThat(first.pairs()).isEqualTo(8);
        assertThat(first.confidence()).isGreaterThan(0.7);
        assertThat(first.lossTrend().get(0))
                .isGreaterThan(first.lossTrend().get(first.lossTrend().size() - 1));
        assertThat(first.patterns())
                .containsKey("jewelry/temporal_flickering")
                .containsKey("jewelry/subject_consistency_dinov3");
        var model =
                new PreferenceModels(new com.fasterxml.jackson.databind.ObjectMapper())
                        .read(store.fetch(first.model(), folder));
        assertThat(model.features()).isEqualTo(Features.NAMES);

        // The same again, as after a kill: the same model, bit by bit.
        var again =
                success(new TuneRequest(1, PreferenceVersion.NONE, pairs, TuneConfig.defaults()));
        assertThat(again).isEqualTo(first);
    }

    @Test
    void shouldLeaveOutASelectionWhoseVideoIsGone() {
        var some = new ArrayList<>(pairs.subList(0, 2));
        some.add(pair(0, LOST, pairs.get(0).rejected(), "c"));
        var result =
                success(new TuneRequest(1, PreferenceVersion.NONE, some, TuneConfig.defaults()));
        assertThat(result.pairs()).isEqualTo(2);
    }

    @Test
    void shouldFailWhenThereIsNothingToLearnFrom() {
        var outcome =
                stage.run(
                                List.of(
                                        new TuneRequest(
                                                1,
                                                PreferenceVersion.NONE,
                                                List.of(pair(0, LOST, LOST, "d")),
                                                TuneConfig.defaults())),
                                new Batch(store, folder))
                        .get(0);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        f -> assertThat(f.code()).isEqualTo(FailureCode.NO_CANDIDATE));
    }

    @Test
    void shouldHandTheTrainingOnWhenItIsCancelled() {
        var batch = new Batch(store, folder);
        batch.cancelled = true;
        assertThat(
                        stage.run(
                                List.of(
                                        new TuneRequest(
                                                1,
                                                PreferenceVersion.NONE,
                                                pairs.subList(0, 1),
                                                TuneConfig.defaults())),
                                batch))
                .allSatisfy(o -> assertThat(o).isInstanceOf(Outcome.Returned.class));
    }

    private static TuneResult success(TuneRequest request) {
        var outcome = stage.run(List.of(request), new Batch(store, folder)).get(0);
        assertThat(outcome).isInstanceOf(Outcome.Success.class);
        return ((Outcome.Success<TuneResult>) outcome).result();
    }

    private static PreferencePair pair(int scene, BlobRef chosen, BlobRef rejected, String kind) {
        return new PreferencePair(
                "selection-" + scene + kind,
                RenderedClips.prompt(scene),
                "jewelry",
                store.putBlob(Images.png(RenderedClips.still(scene)), "image/png"),
                chosen,
                rejected);
    }

    private static BlobRef put(Path video) {
        return store.putBlob(video, "video/mp4");
    }
}
