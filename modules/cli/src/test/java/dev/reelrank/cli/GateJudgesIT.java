package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Truth;
import dev.reelrank.testbed.WrittenPrompts;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The models that ship, on a recording and on the recording of another scene. */
final class GateJudgesIT {
    private static final ModelFolders MODELS = ModelFolders.of(Path.of("../../models/testbed"));
    private static final Set<String> ALL = Set.of("identity", "composite", "grade");

    @TempDir Path folder;

    private static Truth truth(int index) {
        return new Truth(SceneMaker.scene(Split.VALIDATION.seed(index)), 17);
    }

    private Path video(String name, Truth truth) {
        Path file = folder.resolve(name + ".mp4");
        VideoWriter.write(file, truth.clip().frames(), VideoSettings.h264(8));
        return file;
    }

    @Test
    void shouldPreferARecordingOfTheSampleToThatOfAnother() {
        var judges = new GateJudges();
        judges.check(ALL, MODELS, Device.CPU);
        var scene = truth(0);
        try (var judge = judges.open(ALL, MODELS, Device.CPU, 1)) {
            var figures =
                    judge.judge(
                            scene.clip().frames().get(0),
                            WrittenPrompts.ultraEnrich(SceneMaker.scene(Split.VALIDATION.seed(0))),
                            List.of(video("own", scene), video("other", truth(7))));
            assertThat(figures).hasSize(2);
            for (String name : ALL) {
                assertThat(figures.get(0).get(name))
                        .as(name)
                        .isGreaterThan(figures.get(1).get(name));
            }
            assertThatThrownBy(() -> judge.judge(null, "a fox", List.of()))
                    .hasMessageContaining("compare with a reference image");
        }
    }

    @Test
    void shouldNameMissingModelsBeforeATraining() {
        var nothing = ModelFolders.of(folder);
        for (String figure : ALL) {
            assertThatThrownBy(() -> new GateJudges().check(Set.of(figure), nothing, Device.CPU))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING));
        }
        new GateJudges().check(Set.of(), nothing, Device.CPU);
    }
}
