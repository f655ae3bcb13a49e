package dev.reelrank.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What verify and status find in a models folder. */
final class VerifyTest extends Fetching {
    private List<FileProblem> problems() {
        return new Verify(fixture.models, FetchProgress.NONE).run(List.of()).get(0).problems();
    }

    private ModelState state() throws IOException {
        return new Status(fixture.models).of(fixture.plan()).get(0);
    }

    @Test
    void shouldFindNothingInAModelAsItCame() throws Exception {
        fixture.run();
        assertThat(problems()).isEmpty();
        assertThat(state().state()).isEqualTo(ModelState.State.READY);
        assertThat(state().commit()).isEqualTo(fixture.commit);
    }

    @Test
    void shouldFindAnAlteredATruncatedAndAMissingFile() throws Exception {
        fixture.run();
        Files.delete(fixture.file("README.md"));
        Files.writeString(fixture.file("config.json"), "x", StandardOpenOption.APPEND);
        byte[] altered = FetchFixture.SECOND.clone();
        altered[5]++;
        Files.write(fixture.file("part two/weights-2.safetensors"), altered);

        assertThat(problems())
                .extracting(FileProblem::path, p -> p.problem().replaceAll("\\d+", "N"))
                .contains(
                        org.assertj.core.groups.Tuple.tuple("README.md", "is missing"),
                        org.assertj.core.groups.Tuple.tuple("config.json", "has N bytes, not N"))
                .hasSize(3);
        assertThat(problems().get(2).problem()).startsWith("has other content than sha256:");
        assertThat(state().state()).isEqualTo(ModelState.State.PARTIAL);
        assertThat(state().presentFiles()).isEqualTo(2);
    }

    @Test
    void shouldSayThatNothingWasFetched() throws Exception {
        assertThatThrownBy(this::problems).hasMessageContaining("models.lock.json");
        assertThat(state().state()).isEqualTo(ModelState.State.MISSING);

        Files.createDirectories(fixture.file("."));
        assertThat(state().state()).isEqualTo(ModelState.State.UNKNOWN);
    }

    @Test
    void shouldCountWhatHasArrivedOfAPartialFile() throws Exception {
        var fault = LocalHub.breakOffAfter(1_200_000);
        fixture.hub.fail("weights-1.safetensors", fault, fault, fault, fault, fault);
        assertThatThrownBy(fixture::run);

        assertThat(state().state()).isEqualTo(ModelState.State.PARTIAL);
        assertThat(state().presentBytes()).isBetween(1_000_000L, 2_000_000L);
    }

    @Test
    void shouldRefuseALockFileThatLeadsOutOfTheFolder() throws Exception {
        fixture.run();
        Path lock = fixture.models.resolve("models.lock.json");
        Files.writeString(
                lock, Files.readString(lock).replace("\"config.json\"", "\"../../config.json\""));

        assertThatThrownBy(this::problems)
                .hasMessageContaining("models.lock.json")
                .hasMessageContaining("../../config.json");
    }
}
