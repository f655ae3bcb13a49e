package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GradeStageIT {
    @TempDir static Path folder;
    private static ResultStore store;
    private static GradeStage stage;
    private static BlobRef image;
    private static Batch batch;
    private static List<Outcome<GradeResult>> outcomes;

    /** One chunk of all kinds: the models are loaded once. */
    @BeforeAll
    static void grade() throws IOException {
        store = LocalStore.open(folder.resolve("store"));
        stage = TestbedStage.stage(folder.resolve("cache"));
        image = store.putBlob(Images.png(RenderedClips.still(0)), "image/png");
        batch = new Batch(store, folder);
        Path broken = Files.write(folder.resolve("broken.mp4"), new byte[4000]);
        var lost = new BlobRef("store:blobs/" + "0".repeat(64), "0".repeat(64), 10, "video/mp4");
        outcomes =
                stage.run(
                        List.of(
                                request(
                                        RenderedClips.prompt(0),
                                        put(
                                                RenderedClips.rendered(
                                                        folder.resolve(
                                                                "clean-" + 0 + "-" + 17 + ".mp4"),
                                                        0,
                                                        17))),
                                request(
                                        RenderedClips.prompt(0),
                                        put(
                                                RenderedClips.rendered(
                                                        folder.resolve(
                                                                "clean-" + 0 + "-" + 1 + ".mp4"),
                                                        0,
                                                        1))),
                                request(
                                        "slowly and smoothly",
                                        put(
                                                RenderedClips.rendered(
                                                        folder.resolve(
                                                                "clean-" + 0 + "-" + 5 + ".mp4"),
                                                        0,
                                                        5))),
                                request(RenderedClips.prompt(0), put(broken)),
                                request(RenderedClips.prompt(0), lost),
                                request(
                                        RenderedClips.prompt(0),
                                        put(
                                                RenderedClips.flat(
                                                        folder.resolve("black.mp4"),
                                                        0,
                                                        5,
                                                        64,
                                                        64)))),
                        batch);
    }

    @AfterAll
    static void close() {
        stage.close();
        store.close();
    }

    @Test
    void shouldGradeOnFiveKindsOfEvidenceAndSayWhy() {
        var result = success(0);
        assertThat(result.partial()).isFalse();
        assertThat(result.evidence())
                .containsOnlyKeys("semantic", "spatial", "benchmark", "preference", "visionReward");
        assertThat(result.score()).isBetween(0.5, 1.0);
        assertThat(result.evidence().get("semantic").details()).contains("Is there a");
        assertThat(result.evidence().get("spatial").details()).contains("ProxyCLIP");
        assertThat(result.evidence().get("benchmark").details())
                .contains("temporal_flickering", "subject_consistency_dinov3", "OpenCV DIS");
        assertThat(result.evidence().get("visionReward").details())
                .contains("aesthetic", "motion", "coherence", "fidelity", "reason");
        assertThat(result.reasoning()).contains("Strongest").contains("Weakest");
        assertThat(result.phases())
                .extracting(GradeResult.PhaseMemory::phase)
                .containsExactly("language", "perception", "motion");
    }

    @Test
    void shouldKeepACleanClip() {
        assertThat(success(0).verdict().decision()).isEqualTo("keep");
        assertThat(success(0).verdict().defects()).isEmpty();
        assertThat(success(0).grade()).isEqualTo("A");
    }

    @Test
    void shouldRejectABlackVideoWhoseLooksNobodyCanPraise() {
        var black = success(5);
        assertThat(black.verdict().decision()).isEqualTo("reject");
        assertThat(black.verdict().defects()).extracting(d -> d.measure()).contains("blank");
        assertThat(black.evidence().get("visionReward").score()).isZero();
        assertThat(black.grade()).isIn("C", "F");
    }

    @Test
    void shouldRejectOneStillFrameOfAPromptThatAsksForMovement() {
        var still = success(1);
        assertThat(still.verdict().decision()).isEqualTo("reject");
        assertThat(still.verdict().because())
                .isEqualTo("the prompt asks for movement and nothing moves");
        assertThat(still.evidence().get("spatial").score()).isLessThan(1);
        assertThat(still.grade()).isIn("C", "F");
    }

    @Test
    void shouldNotCallAnAWhatIsGradedWithoutKnowingWhatThePromptAsks() {
        var blind = success(2);
        assertThat(blind.verdict().decision()).isNotEqualTo("keep");
        assertThat(blind.verdict().defects())
                .extracting(d -> d.measure())
                .contains("missing spatial");
        assertThat(blind.grade()).isNotIn("A", "A-", "B+");
    }

    @Test
    void shouldNotUseThePreferenceBeforeThereIsAModel() {
        var preference = success(0).evidence().get("preference");
        assertThat(preference.used()).isFalse();
        assertThat(preference.score()).isEqualTo(0.5);
        assertThat(success(0).preferenceVersion()).isZero();
    }

    @Test
    void shouldGradeAVideoOfOneFrameInPart() {
        var result = success(1);
        assertThat(result.partial()).isTrue();
        assertThat(result.score()).isNotNull();
        assertThat(result.evidence().get("benchmark").details()).contains("single frame");
        assertThat(result.reasoning()).contains("Computed in part: benchmark");
    }

    @Test
    void shouldGradeInPartWhenThePromptNamesNoObject() {
        var result = success(2);
        assertThat(result.partial()).isTrue();
        assertThat(result.evidence().get("spatial").score()).isNull();
        assertThat(result.evidence().get("spatial").used()).isFalse();
        assertThat(result.evidence().get("visionReward").used()).isTrue();
    }

    @Test
    void shouldGiveNoGradeToAVideoThatCannotBeRead() {
        assertThat(failure(3).code()).isEqualTo(FailureCode.UNREADABLE_VIDEO);
    }

    @Test
    void shouldSayWhichFailureItWasWhenAnInputIsGone() {
        assertThat(failure(4).code().category())
                .isNotEqualTo(dev.reelrank.pipeline.FailureCategory.USER);
    }

    @Test
    void shouldReportEveryPhaseOfEveryVideo() {
        assertThat(batch.progress).contains("0: 1/3", "1: 2/3", "4: 3/3");
    }

    @Test
    void shouldHandTheWorkOnWhenItIsCancelled() {
        var cancelled = new Batch(store, folder);
        cancelled.cancelled = true;
        assertThat(
                        stage.run(
                                List.of(
                                        request(
                                                "A ring.",
                                                put(
                                                        RenderedClips.rendered(
                                                                folder.resolve(
                                                                        "clean-" + 0 + "-" + 5
                                                                                + ".mp4"),
                                                                0,
                                                                5)))),
                                cancelled))
                .allSatisfy(o -> assertThat(o).isInstanceOf(Outcome.Returned.class));
    }

    private static GradeResult success(int index) {
        assertThat(outcomes.get(index)).isInstanceOf(Outcome.Success.class);
        return ((Outcome.Success<GradeResult>) outcomes.get(index)).result();
    }

    private static Outcome.Failed<GradeResult> failure(int index) {
        assertThat(outcomes.get(index)).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed<GradeResult>) outcomes.get(index);
    }

    private static BlobRef put(Path video) {
        return store.putBlob(video, "video/mp4");
    }

    private static GradeRequest request(String prompt, BlobRef video) {
        return new GradeRequest(
                prompt,
                prompt,
                null,
                image,
                new CandidateVideo(7, video, "work"),
                PreferenceVersion.NONE,
                GradeConfig.defaults());
    }
}
