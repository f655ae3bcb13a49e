package dev.reelrank.worker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Against a server that speaks S3. Conditional writes that race are not tried here: this server
 * looks and writes in two steps, unlike Amazon's.
 */
final class S3StoreIT {
    private static final String BUCKET = "reelrank-test";

    @TempDir static Path serverFolder;
    private static S3Server server;
    private static ResultStore store;

    @TempDir Path folder;

    @BeforeAll
    static void start() throws IOException {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        server = S3Server.start(serverFolder, BUCKET);
        store = Stores.open(uri(server.endpoint()));
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    private static String uri(String endpoint) {
        return "s3://" + BUCKET + "/farm?endpoint=" + endpoint;
    }

    @Test
    void shouldKeepDraftsOfUnfinishedWork() throws IOException {
        var key = Sha256.of("unfinished");
        assertThat(store.drafts(key)).isEmpty();
        assertThat(store.fetchDraft(key, "state-1", folder)).isEmpty();
        store.putDraft(key, "state-2", Files.writeString(folder.resolve("two"), "two"));
        store.putDraft(key, "state-1", Files.writeString(folder.resolve("one"), "one"));
        store.putDraft(key, "state-1", Files.writeString(folder.resolve("again"), "again"));
        assertThat(store.drafts(key)).containsExactly("state-1", "state-2");
        assertThat(store.fetchDraft(key, "state-1", folder).orElseThrow()).hasContent("again");
        store.dropDraft(key, "state-1");
        store.dropDraft(key, "state-1");
        assertThat(store.drafts(key)).containsExactly("state-2");
        assertThat(store.drafts(Sha256.of("other"))).isEmpty();
    }

    @Test
    void shouldKeepABlobUnderItsHash() throws IOException {
        var file = Files.writeString(folder.resolve("a.mp4"), "video");
        var ref = store.putBlob(file, "video/mp4");
        assertThat(ref).isEqualTo(store.putBlob("video".getBytes(UTF_8), "video/mp4"));
        assertThat(ref.sha256()).isEqualTo(Sha256.of("video"));
        assertThat(store.holds(ref)).isTrue();
        assertThat(store.fetch(ref, folder)).hasContent("video");
        assertThat(store.fetch(ref, folder)).hasContent("video");
    }

    @Test
    void shouldSayThatAnInputIsLostWhenItIsGoneOrAlteredAndMendIt() {
        var gone = Sha256.of("never stored");
        var absent = new BlobRef("store:blobs/" + gone, gone, 5, "video/mp4");
        assertThat(store.holds(absent)).isFalse();
        assertCode(FailureCode.INPUT_LOST, () -> store.fetch(absent, folder));
        var ref = store.putBlob("altered".getBytes(UTF_8), "video/mp4");
        overwrite("farm/blobs/" + ref.sha256(), "AltereD");
        assertThat(store.holds(ref)).isFalse();
        assertCode(FailureCode.INPUT_LOST, () -> store.fetch(ref, folder));
        store.putBlob("altered".getBytes(UTF_8), "video/mp4");
        assertThat(store.holds(ref)).isTrue();
    }

    @Test
    void shouldAdoptTheResultOfWhoCameFirst() {
        var key = Sha256.of("first");
        assertThat(store.result(key)).isEmpty();
        assertThat(store.putResultIfAbsent(key, "one".getBytes(UTF_8))).asString().isEqualTo("one");
        assertThat(store.putResultIfAbsent(key, "two".getBytes(UTF_8))).asString().isEqualTo("one");
        store.setAside(key);
        assertThat(store.result(key)).isEmpty();
        store.setAside(key);
        assertThat(store.putResultIfAbsent(key, "two".getBytes(UTF_8))).asString().isEqualTo("two");
    }

    @Test
    void shouldListWhatTheBucketHoldsAndRemoveOnlyWhatIsOld() {
        var ref = store.putBlob("to be removed".getBytes(UTF_8), "video/mp4");
        try (var contents = Stores.contents(uri(server.endpoint()))) {
            var found = new ArrayList<StoreContents.Entry>();
            contents.each(found::add);
            var entry = found.stream().filter(e -> e.name().equals(ref.sha256())).findFirst().get();
            assertThat(entry.part()).isEqualTo(StoreContents.Part.BLOBS);
            assertThat(entry.size()).isEqualTo(13);

            // Answers to single requests tell whole seconds.
            assertThat(contents.remove(entry, entry.usedAt().minusSeconds(1))).isFalse();
            assertThat(store.holds(ref)).isTrue();
            assertThat(contents.remove(entry, entry.usedAt().plusSeconds(1))).isTrue();
            assertThat(store.holds(ref)).isFalse();
        }
    }

    @Test
    void shouldBeUnavailableWhenNobodyAnswersOrThereIsNoBucket() {
        assertCode(FailureCode.STORE_UNAVAILABLE, () -> Stores.open(uri("http://127.0.0.1:9")));
        assertCode(
                FailureCode.STORE_UNAVAILABLE,
                () -> Stores.open("s3://no-such-bucket?endpoint=" + server.endpoint()));
    }

    @Test
    @Timeout(60)
    void aFrozenServerIsAwayAndHoldsNobodyForEver() throws Exception {
        var soon = Duration.ofMillis(300);
        var deadlines =
                new S3Deadlines(soon, soon, Duration.ofSeconds(1), Duration.ofSeconds(2), soon);
        try (var hasty = S3Store.open(uri(server.endpoint()), InputRoots.NONE, deadlines)) {
            var ref = hasty.putBlob("frozen".getBytes(UTF_8), "video/mp4");
            hasty.check();
            server.freeze();
            try {
                assertCode(FailureCode.STORE_UNAVAILABLE, hasty::check);
                assertCode(FailureCode.STORE_UNAVAILABLE, () -> hasty.fetch(ref, folder));
                assertCode(
                        FailureCode.STORE_UNAVAILABLE,
                        () -> hasty.putBlob("another".getBytes(UTF_8), "video/mp4"));
                assertCode(
                        FailureCode.STORE_UNAVAILABLE,
                        () -> hasty.putResultIfAbsent(Sha256.of("k"), "one".getBytes(UTF_8)));
            } finally {
                server.thaw();
            }
            assertThat(hasty.fetch(ref, folder)).hasContent("frozen");
        }
    }

    /** A byte a second never falls silent, and would never end either. */
    @Test
    @Timeout(60)
    void aServerThatSendsAByteNowAndThenIsAwayToo() throws Exception {
        var bytes = "x".repeat(100);
        try (var dripping = new DrippingServer(bytes.length())) {
            var deadlines =
                    new S3Deadlines(
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(2),
                            Duration.ofSeconds(5));
            try (var hasty = S3Store.open(uri(dripping.endpoint()), InputRoots.NONE, deadlines)) {
                var ref =
                        new BlobRef(
                                "store:blobs/" + Sha256.of(bytes),
                                Sha256.of(bytes),
                                bytes.length(),
                                "video/mp4");
                assertCode(FailureCode.STORE_UNAVAILABLE, () -> hasty.fetch(ref, folder));
            }
        }
    }

    @Test
    void shouldNameAParameterThatDoesNotExist() {
        assertThatThrownBy(() -> Stores.open("s3://bucket/x?regin=eu"))
                .hasMessageContaining("regin");
    }

    private static void overwrite(String key, String text) {
        try (var client =
                S3Client.builder()
                        .region(Region.US_EAST_1)
                        .endpointOverride(URI.create(server.endpoint()))
                        .forcePathStyle(true)
                        .build()) {
            client.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromString(text));
        }
    }

    private static void assertCode(FailureCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
