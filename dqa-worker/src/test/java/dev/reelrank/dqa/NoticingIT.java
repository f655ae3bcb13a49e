package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testsupport.RenderedClips;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two scenes of each corruption, and only the evidence that is meant to notice it. */
final class NoticingIT {
    @TempDir Path folder;

    @Test
    void shouldLowerTheVisionRewardWhenThereIsAGhost() {
        falls("visionReward", Corruption.GHOST, s -> true, PhaseName.LANGUAGE);
    }

    @Test
    void shouldLowerTheSemanticEvidenceWhenAnotherSubjectIsShown() {
        falls("semantic", Corruption.WRONG_SUBJECT, s -> true, PhaseName.LANGUAGE);
    }

    @Test
    void shouldLowerTheBenchmarkWhenThePictureFlickers() {
        falls("benchmark", Corruption.FLICKER, s -> true, PhaseName.PERCEPTION, PhaseName.MOTION);
    }

    @Test
    void shouldLowerTheBenchmarkWhenTheColourDrifts() {
        falls("benchmark", Corruption.COLOUR_DRIFT, s -> true, PhaseName.PERCEPTION);
    }

    @Test
    void shouldLowerTheBenchmarkWhenTheSubjectIsSwapped() {
        falls("benchmark", Corruption.IDENTITY_SWAP, s -> true, PhaseName.PERCEPTION);
    }

    @Test
    void shouldLowerTheSpatialEvidenceWhenThingsStandInTheWrongPlace() {
        falls(
                "spatial",
                Corruption.WRONG_PLACE,
                s -> s.relation() != null,
                PhaseName.LANGUAGE,
                PhaseName.PERCEPTION);
    }

    @Test
    void shouldLowerTheSpatialEvidenceWhenTheSubjectGoesTheWrongWay() {
        falls(
                "spatial",
                Corruption.WRONG_DIRECTION,
                s -> true,
                PhaseName.LANGUAGE,
                PhaseName.PERCEPTION,
                PhaseName.MOTION);
    }

    @Test
    void shouldLowerTheSpatialEvidenceWhenTheSubjectStaysWhereItIs() {
        falls(
                "spatial",
                Corruption.FREEZE,
                s -> true,
                PhaseName.LANGUAGE,
                PhaseName.PERCEPTION,
                PhaseName.MOTION);
    }

    /** No language model: what the clip is to do is known from word rules alone. */
    @Test
    void shouldNotKeepFrozenOrBackwardClipsThoughFactsComeFromRules() {
        var files = new ArrayList<VideoFile>();
        for (int i = 0; i < 2; i++) {
            for (var c : List.of(Corruption.FREEZE, Corruption.WRONG_DIRECTION)) {
                files.add(
                        file(
                                i,
                                RenderedClips.corrupted(
                                        folder.resolve("rules-" + c + "-" + i + ".mp4"), i, c)));
            }
        }
        try (var stage = TestbedStage.stage(folder)) {
            var graded =
                    stage.gradeFiles(
                            files,
                            EnumSet.of(PhaseName.PERCEPTION, PhaseName.MOTION),
                            GradeConfig.defaults(),
                            null,
                            1);
            for (int i = 0; i < graded.size(); i++) {
                var result = Objects.requireNonNull(graded.get(i).result());
                assertThat(Objects.requireNonNull(result.verdict()).decision()).isEqualTo("reject");
                assertThat(RecordedSignals.of(result.evidence()).measures().get("spatial.moved"))
                        .isLessThanOrEqualTo(0.5);
                assertThat(result.grade()).isIn("C", "F");
            }
        }
    }

    private void falls(
            String evidence, Corruption corruption, Predicate<Scene> which, PhaseName... phases) {
        int[] scenes =
                IntStream.range(0, 100)
                        .filter(i -> which.test(RenderedClips.scene(i)))
                        .limit(2)
                        .toArray();
        var files = new ArrayList<VideoFile>();
        for (int i : scenes) {
            files.add(
                    file(
                            i,
                            RenderedClips.rendered(
                                    folder.resolve("clean-" + i + "-" + 17 + ".mp4"), i, 17)));
            files.add(
                    file(
                            i,
                            RenderedClips.corrupted(
                                    folder.resolve(corruption + "-" + i + ".mp4"), i, corruption)));
        }
        try (var stage = TestbedStage.stage(folder)) {
            List<GradedFile> graded =
                    stage.gradeFiles(
                            files,
                            EnumSet.copyOf(List.of(phases)),
                            GradeConfig.defaults(),
                            null,
                            1);
            for (int i = 0; i < graded.size(); i += 2) {
                assertThat(score(graded.get(i + 1), evidence))
                        .as("%s of scene %d with %s", evidence, scenes[i / 2], corruption)
                        .isLessThan(score(graded.get(i), evidence));
            }
        }
    }

    private static VideoFile file(int scene, Path video) {
        return new VideoFile(RenderedClips.prompt(scene), null, RenderedClips.still(scene), video);
    }

    private static double score(GradedFile graded, String evidence) {
        var result = Objects.requireNonNull(graded.result());
        return Objects.requireNonNull(
                Objects.requireNonNull(result.evidence().get(evidence)).score());
    }
}
