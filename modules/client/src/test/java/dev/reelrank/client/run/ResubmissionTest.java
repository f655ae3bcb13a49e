package dev.reelrank.client.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.run.Submission.Item;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ResubmissionTest {
    private static final RunConfiguration SETTINGS = RunConfiguration.defaults();
    private static final BlobRef IMAGE = image('a');

    private final RunView run = new RunView("x");

    ResubmissionTest() {
        run.apply(updated(RunUpdated.Status.DONE, List.of("first")));
        run.apply(
                new SampleFact(
                        "x",
                        "fox",
                        "first",
                        "a fox",
                        IMAGE,
                        null,
                        null,
                        SETTINGS,
                        null,
                        Instant.EPOCH));
        run.apply(sample("fox", SampleUpdated.Status.DONE));
    }

    @Test
    void theSameRunTakesNewSamplesAndTheOldOnesAgain() {
        assertThatCode(
                        () ->
                                Resubmission.requireSame(
                                        run,
                                        SETTINGS,
                                        List.of(
                                                item("fox", "a fox", IMAGE),
                                                item("owl", "an owl", IMAGE))))
                .doesNotThrowAnyException();
    }

    @Test
    void changedSettingsAreRefusedByNameWithTheTwoWaysOut() {
        var changed =
                new RunConfiguration(
                        SETTINGS.prompt(),
                        SETTINGS.candidate().withSeeds(List.of(5L)),
                        SETTINGS.ranking(),
                        SETTINGS.grade());
        assertThatThrownBy(() -> Resubmission.requireSame(run, changed, List.of()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("candidate.seeds is [1337,2024,7777] in the run, here [5]")
                .hasMessageContaining("another --run");
    }

    @Test
    void aSampleWithAnotherPromptOrPictureIsNamed() {
        assertThatThrownBy(
                        () ->
                                Resubmission.requireSame(
                                        run, SETTINGS, List.of(item("fox", "a wolf", image('b')))))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("sample fox has another prompt, image");
    }

    @Test
    void aRunThatWasDoneHasNotEndedUntilTheNewSamplesHave() {
        assertThat(run.ended(Set.of("first"), List.of("fox"))).isTrue();
        assertThat(run.ended(Set.of("second"), List.of("owl"))).isFalse();
        run.apply(updated(RunUpdated.Status.CLOSED, List.of("first", "second")));
        run.apply(sample("owl", SampleUpdated.Status.RUNNING));
        assertThat(run.ended(Set.of("second"), List.of("owl"))).isFalse();
        run.apply(sample("owl", SampleUpdated.Status.DONE));
        assertThat(run.ended(Set.of("second"), List.of("owl"))).isTrue();
    }

    private static Item item(String id, String prompt, BlobRef image) {
        return new Item(id, prompt, image, null, null);
    }

    private static BlobRef image(char digit) {
        var sha = String.valueOf(digit).repeat(64);
        return new BlobRef("store:blobs/" + sha, sha, 3, "image/png");
    }

    private static SampleUpdated sample(String id, SampleUpdated.Status status) {
        return new SampleUpdated(
                "x", id, status, false, 0, StageName.GRADE, List.of(), Instant.EPOCH);
    }

    private static RunUpdated updated(RunUpdated.Status status, List<String> submissions) {
        return new RunUpdated(
                "x", status, 1, 1, 0, 0, SETTINGS, null, Instant.EPOCH, Instant.EPOCH, submissions);
    }
}
