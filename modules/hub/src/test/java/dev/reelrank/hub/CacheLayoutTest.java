package dev.reelrank.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.hub.local.Layout;
import dev.reelrank.hub.plan.Plans;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hub cache, as Hugging Face's tools read and write it. */
final class CacheLayoutTest extends Fetching {
    @BeforeEach
    void useTheLayoutOfCaches() {
        fixture.layout = Layout.CACHE;
    }

    private Path repository() {
        return fixture.models.resolve("models--org--toy");
    }

    private Path snapshot() {
        return repository().resolve("snapshots").resolve(fixture.commit);
    }

    @Test
    void shouldWriteBlobsByHashAndLinkToThem() throws Exception {
        fixture.run();

        assertThat(repository().resolve("refs/main")).hasContent(fixture.commit);
        assertThat(repository().resolve("blobs").resolve(LocalHub.sha256(FetchFixture.WEIGHTS)))
                .hasBinaryContent(FetchFixture.WEIGHTS);
        assertThat(repository().resolve("blobs").resolve(LocalHub.gitBlob(FetchFixture.CONFIG)))
                .hasBinaryContent(FetchFixture.CONFIG);
        Path link = snapshot().resolve("part two/weights-2.safetensors");
        assertThat(Files.readSymbolicLink(link))
                .isEqualTo(Path.of("../../../blobs", LocalHub.sha256(FetchFixture.SECOND)));
        assertThat(link).hasBinaryContent(FetchFixture.SECOND);
        assertThat(fixture.models.resolve("CACHEDIR.TAG")).content().startsWith("Signature: 8a47");
    }

    @Test
    void shouldUseBlobsThatAnotherToolBrought() throws Exception {
        Path blob = repository().resolve("blobs").resolve(LocalHub.sha256(FetchFixture.WEIGHTS));
        Files.createDirectories(blob.getParent());
        Files.write(blob, FetchFixture.WEIGHTS);

        assertThat(fixture.run().get(0).missingFiles()).isEqualTo(3);
        assertThat(snapshot().resolve("weights-1.safetensors"))
                .hasBinaryContent(FetchFixture.WEIGHTS);
    }

    @Test
    void shouldKeepTheOldSnapshotBesideTheNew() throws Exception {
        fixture.run();
        var other = FetchFixture.files();
        other.put("config.json", "{\"model_type\": \"new\"}".getBytes(StandardCharsets.UTF_8));
        String second = fixture.hub.commit("org/toy", other);
        fixture.options = new FetchOptions(false, true, 2);

        assertThat(fixture.run().get(0).missingFiles()).isEqualTo(1);
        assertThat(repository().resolve("refs/main")).hasContent(second);
        assertThat(snapshot().resolve("config.json")).hasBinaryContent(FetchFixture.CONFIG);
    }

    @Test
    void shouldNameTheFolderInsideASnapshotForWorkers() throws Exception {
        Path file = fixture.home.resolve("lightning.yaml");
        Files.writeString(
                file,
                """
                models:
                  toy: {repository: org/toy, strip: part two, inference: ["part two/*"]}
                """);
        Files.createDirectories(fixture.models);
        Files.writeString(fixture.models.resolve("models.yaml"), "wan: elsewhere\n");

        fixture.fetch().run(Plans.shipped().with(file).choose(List.of("toy")));
        assertThat(fixture.models.resolve("models.yaml"))
                .hasContent(
                        "wan: elsewhere\ntoy: models--org--toy/snapshots/"
                                + fixture.commit
                                + "/part two\n");
    }
}
