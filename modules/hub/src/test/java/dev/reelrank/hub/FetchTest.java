package dev.reelrank.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.hub.local.LockedModel;
import dev.reelrank.hub.local.ModelsLock;
import dev.reelrank.hub.plan.ModelPlan;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a fetch leaves on the disk, from a hub that works. */
final class FetchTest extends Fetching {
    @Test
    void shouldBringTheFilesOfThePlanAndRecordTheirCommit() throws Exception {
        var fetched = fixture.run().get(0);

        assertThat(fixture.tree())
                .containsExactly(
                        "models.lock.json",
                        "toy/README.md",
                        "toy/config.json",
                        "toy/part two/weights-2.safetensors",
                        "toy/weights-1.safetensors");
        assertThat(fixture.file("weights-1.safetensors")).hasBinaryContent(FetchFixture.WEIGHTS);
        assertThat(fetched.missingFiles()).isEqualTo(4);
        assertThat(locked().commit()).isEqualTo(fixture.commit);
    }

    @Test
    void shouldFetchNothingTwice() throws Exception {
        fixture.run();
        int before = fixture.hub.requests().size();

        assertThat(fixture.run().get(0).missingFiles()).isZero();
        assertThat(fixture.hub.requests()).hasSize(before);
    }

    @Test
    void shouldLeaveOutWhatInferenceDoesNotRead() throws Exception {
        fixture.options = new FetchOptions(true, false, 2);
        fixture.run();
        assertThat(fixture.tree()).doesNotContain("toy/README.md").contains("toy/config.json");

        fixture.options = new FetchOptions(false, false, 2);
        assertThat(fixture.run().get(0).missingFiles()).isEqualTo(1);
        assertThat(fixture.tree()).contains("toy/README.md");
    }

    @Test
    void shouldWriteNothingWhenOnlyPlanning() throws Exception {
        var planned = fixture.fetch().plan(fixture.plan()).get(0);

        assertThat(planned.missingFiles()).isEqualTo(4);
        assertThat(planned.missingBytes())
                .isEqualTo(
                        FetchFixture.WEIGHTS.length
                                + FetchFixture.SECOND.length
                                + FetchFixture.CONFIG.length
                                + FetchFixture.CARD.length);
        assertThat(fixture.models).doesNotExist();
    }

    @Test
    void shouldStayAtTheRecordedCommitUntilAskedToUpdate() throws Exception {
        fixture.run();
        var other = FetchFixture.files();
        other.put(
                "config.json",
                "{\"model_type\": \"toy\", \"version\": 2}".getBytes(StandardCharsets.UTF_8));
        other.remove("part two/weights-2.safetensors");
        other.put("weights-2.safetensors", FetchFixture.SECOND);
        String second = fixture.hub.commit("org/toy", other);

        fixture.run();
        assertThat(locked().commit()).isEqualTo(fixture.commit);
        assertThat(fixture.file("config.json")).hasBinaryContent(FetchFixture.CONFIG);

        fixture.options = new FetchOptions(false, true, 2);
        assertThat(fixture.run().get(0).missingFiles()).isEqualTo(2);
        assertThat(locked().commit()).isEqualTo(second);
        assertThat(fixture.file("config.json")).content().contains("\"version\": 2");
        assertThat(fixture.tree())
                .containsExactly(
                        "models.lock.json",
                        "toy/README.md",
                        "toy/config.json",
                        "toy/weights-1.safetensors",
                        "toy/weights-2.safetensors");
    }

    @Test
    void shouldKeepTheOldModelWholeWhileAnUpdateIsIncomplete() throws Exception {
        fixture.run();
        var other = FetchFixture.files();
        other.put(
                "config.json",
                "{\"model_type\": \"toy\", \"version\": 2}".getBytes(StandardCharsets.UTF_8));
        other.put("weights-1.safetensors", LocalHub.content(9, 2 << 20));
        String second = fixture.hub.commit("org/toy", other);
        fixture.hub.fail(
                "weights-1.safetensors",
                LocalHub.status(503),
                LocalHub.status(503),
                LocalHub.status(503),
                LocalHub.status(503));
        fixture.options = new FetchOptions(false, true, 1);
        assertThatThrownBy(fixture::run).isInstanceOf(StageException.class);
        assertThat(fixture.file("weights-1.safetensors")).hasBinaryContent(FetchFixture.WEIGHTS);
        assertThat(fixture.file("config.json")).hasBinaryContent(FetchFixture.CONFIG);

        fixture.options = new FetchOptions(false, false, 1);
        fixture.run();
        assertThat(locked().commit()).isEqualTo(second);
        assertThat(fixture.file("weights-1.safetensors"))
                .hasBinaryContent(other.get("weights-1.safetensors"));
        assertThat(fixture.tree()).noneMatch(path -> path.endsWith(".new"));
    }

    @Test
    void shouldAdoptFilesThatAreThereAndReplaceThoseThatAreOthers() throws Exception {
        Files.createDirectories(fixture.file("."));
        Files.write(fixture.file("weights-1.safetensors"), FetchFixture.WEIGHTS);
        byte[] altered = FetchFixture.CONFIG.clone();
        altered[3]++;
        Files.write(fixture.file("config.json"), altered);

        assertThat(fixture.run().get(0).missingFiles()).isEqualTo(3);
        assertThat(fixture.file("config.json")).hasBinaryContent(FetchFixture.CONFIG);
        assertThat(fixture.hub.requestsFor("weights-1.safetensors")).isEmpty();
    }

    @Test
    void shouldMendAFileThatWasAlteredAfterIt() throws Exception {
        fixture.run();
        byte[] altered = FetchFixture.SECOND.clone();
        altered[12345]++;
        Path file = fixture.file("part two/weights-2.safetensors");
        Files.write(file, altered);
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1));

        assertThat(fixture.run().get(0).missingFiles()).isEqualTo(1);
        assertThat(file).hasBinaryContent(FetchFixture.SECOND);
    }

    @Test
    void shouldRefuseBeforeTheFirstByteWhatDoesNotFitOnTheDisk() throws Exception {
        fixture.hub.claimSize("weights-1.safetensors", 1_000_000_000_000_000L);

        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.OUT_OF_DISK))
                .hasMessageContaining("GB free")
                .hasMessageContaining("--models");
        assertThat(fixture.tree()).isEmpty();
    }

    @Test
    void shouldLetASecondFetchWaitAndFindTheFiles() throws Exception {
        var models = fixture.plan();
        var first = CompletableFuture.supplyAsync(() -> missing(models));
        var second = CompletableFuture.supplyAsync(() -> missing(models));

        assertThat(List.of(first.get(), second.get())).containsExactlyInAnyOrder(0, 4);
        assertThat(fixture.hub.requestsFor("weights-1.safetensors"))
                .filteredOn(r -> r.server().equals("storage"))
                .hasSize(1);
    }

    private int missing(List<ModelPlan> models) {
        try {
            return fixture.fetch().run(models).get(0).missingFiles();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldWorkOfflineFromTheLockFileAndSayWhatIsMissing() throws Exception {
        fixture.environment.put("HF_HUB_OFFLINE", "1");
        assertThatThrownBy(fixture::run).hasMessageContaining("HF_HUB_OFFLINE");
        fixture.environment.remove("HF_HUB_OFFLINE");
        fixture.run();
        int before = fixture.hub.requests().size();

        fixture.environment.put("HF_HUB_OFFLINE", "1");
        assertThat(fixture.run().get(0).missingFiles()).isZero();
        Files.delete(fixture.file("config.json"));
        assertThatThrownBy(fixture::run)
                .hasMessageContaining("config.json")
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThat(fixture.hub.requests()).hasSize(before);
    }

    @Test
    void shouldRefuseAListingThatLeadsOutOfTheFolder() throws Exception {
        fixture.hub.commit(
                "org/toy",
                Map.of("config.json", FetchFixture.CONFIG, "../../evil.safetensors", new byte[3]));

        assertThatThrownBy(fixture::run)
                .hasMessageContaining("cannot be trusted")
                .hasMessageContaining("evil");
        assertThat(fixture.tree()).isEmpty();
    }

    @Test
    void shouldNameTheFileOfThePlanThatARepositoryLacks() throws Exception {
        fixture.hub.commit("org/toy", Map.of("README.md", FetchFixture.CARD));

        assertThatThrownBy(fixture::run)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining("'config.json'")
                .hasMessageContaining("org/toy");
    }

    private LockedModel locked() {
        return new ModelsLock(fixture.models).read().get("toy");
    }
}
