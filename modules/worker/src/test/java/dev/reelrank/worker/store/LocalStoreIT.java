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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LocalStoreIT {
    private static final String KEY = Sha256.of("some input");

    @TempDir Path folder;
    private Path root;
    private ResultStore store;

    @BeforeEach
    void open() {
        root = folder.resolve("store");
        store = Stores.open(root.toString());
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
        var ref = store.putBlob("video".getBytes(UTF_8), "video/mp4");
        assertThat(ref.sha256()).isEqualTo(Sha256.of("video"));
        assertThat(ref.size()).isEqualTo(5);
        assertThat(store.fetch(ref, folder)).hasContent("video");
        assertThat(store.holds(ref)).isTrue();
        assertThat(root.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void shouldStoreAFileOnceHoweverOftenItIsPut() throws IOException {
        var file = Files.writeString(folder.resolve("a.png"), "picture");
        assertThat(store.putBlob(file, "image/png")).isEqualTo(store.putBlob(file, "image/png"));
        try (var blobs = Files.list(root.resolve("blobs"))) {
            assertThat(blobs).hasSize(1);
        }
    }

    @Test
    void shouldSayThatAnInputIsLostWhenItsBytesChanged() throws IOException {
        var ref = store.putBlob("video".getBytes(UTF_8), "video/mp4");
        Files.writeString(root.resolve("blobs").resolve(ref.sha256()), "vidEo");
        assertThat(store.holds(ref)).isFalse();
        assertCode(FailureCode.INPUT_LOST, () -> store.fetch(ref, folder));
    }

    @Test
    void shouldMendADamagedBlobWhenItIsPutAgain() throws IOException {
        var ref = store.putBlob("video".getBytes(UTF_8), "video/mp4");
        Files.writeString(root.resolve("blobs").resolve(ref.sha256()), "v");
        store.putBlob("video".getBytes(UTF_8), "video/mp4");
        assertThat(store.holds(ref)).isTrue();
    }

    @Test
    void shouldFetchFromAFileUriBelowAnInputRootAlone() throws IOException {
        var inputs = Files.createDirectories(folder.resolve("inputs"));
        var file = Files.writeString(inputs.resolve("a.png"), "picture").toRealPath();
        var ref = new BlobRef(file.toUri().toString(), Sha256.of(file), 7, "image/png");
        assertCode(FailureCode.INVALID_SAMPLE, () -> store.fetch(ref, folder));
        var open = LocalStore.open(root, InputRoots.of(List.of(inputs)));
        assertThat(open.fetch(ref, folder)).isEqualTo(file);
        var outside = Files.writeString(folder.resolve("b.png"), "picture");
        assertCode(
                FailureCode.INVALID_SAMPLE,
                () -> open.fetch(at(outside.toUri().toString()), folder));
        var link = Files.createSymbolicLink(inputs.resolve("link"), outside);
        assertCode(
                FailureCode.INVALID_SAMPLE, () -> open.fetch(at(link.toUri().toString()), folder));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///dev/zero",
                "file:///dev/stdin",
                "file:///",
                "file://nas01/a.png",
                "file:a.png",
                "file:///%00",
                "file:///etc/passwd",
                "file:///no/such/file"
            })
    @Timeout(20)
    void shouldReadNoInputThatNeverEndsNorSayWhatThereIs(String uri) {
        var open = LocalStore.open(root, InputRoots.of(List.of(folder)));
        for (var asked : List.of(store, open)) {
            assertThatThrownBy(() -> asked.fetch(at(uri), folder))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE))
                    .hasMessageStartingWith("the input '" + uri + "' is refused");
        }
    }

    @Test
    @Timeout(20)
    void shouldNotWaitForAPipe() throws Exception {
        var pipe = folder.resolve("pipe");
        new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
        var open = LocalStore.open(root, InputRoots.of(List.of(folder)));
        assertCode(
                FailureCode.INVALID_SAMPLE, () -> open.fetch(at(pipe.toUri().toString()), folder));
    }

    private static BlobRef at(String uri) {
        return new BlobRef(uri, KEY, 7, "image/png");
    }

    @Test
    void shouldRefuseAUriThatPointsElsewhere() {
        var ref = new BlobRef("store:blobs/../../etc/passwd", KEY, 7, "image/png");
        assertCode(FailureCode.INPUT_LOST, () -> store.fetch(ref, folder));
    }

    @Test
    void shouldAdoptTheResultOfWhoCameFirst() {
        assertThat(store.result(KEY)).isEmpty();
        assertThat(store.putResultIfAbsent(KEY, "one".getBytes(UTF_8))).asString().isEqualTo("one");
        assertThat(store.putResultIfAbsent(KEY, "two".getBytes(UTF_8))).asString().isEqualTo("one");
        assertThat(store.result(KEY).orElseThrow()).asString().isEqualTo("one");
    }

    @Test
    void shouldHaveOneWinnerWhenManyStoreAtOnce() throws Exception {
        int writers = 8;
        var barrier = new CyclicBarrier(writers);
        var pool = Executors.newFixedThreadPool(writers);
        try {
            var calls =
                    IntStream.range(0, writers)
                            .mapToObj(
                                    i ->
                                            (Callable<String>)
                                                    () -> {
                                                        barrier.await();
                                                        return new String(
                                                                store.putResultIfAbsent(
                                                                        KEY,
                                                                        ("by " + i)
                                                                                .getBytes(UTF_8)),
                                                                UTF_8);
                                                    })
                            .toList();
            var adopted = new HashSet<String>();
            for (var answer : pool.invokeAll(calls)) {
                adopted.add(answer.get());
            }
            assertThat(adopted).hasSize(1);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void shouldMakeRoomForANewResultWhenOneIsSetAside() {
        store.putResultIfAbsent(KEY, "damaged".getBytes(UTF_8));
        store.setAside(KEY);
        assertThat(store.result(KEY)).isEmpty();
        assertThat(root.resolve("aside")).isNotEmptyDirectory();
        store.setAside(KEY);
        store.putResultIfAbsent(KEY, "new".getBytes(UTF_8));
        assertThat(store.result(KEY).orElseThrow()).asString().isEqualTo("new");
    }

    @Test
    void shouldBeUnavailableAndNotEmptyWhenTheFolderIsAway() throws IOException {
        var ref = store.putBlob("video".getBytes(UTF_8), "video/mp4");
        Files.move(root, folder.resolve("away"));
        // What an unmounted share leaves: the mount point, empty.
        Files.createDirectory(root);
        assertCode(FailureCode.STORE_UNAVAILABLE, () -> store.fetch(ref, folder));
        assertCode(FailureCode.STORE_UNAVAILABLE, () -> store.holds(ref));
        assertCode(FailureCode.STORE_UNAVAILABLE, () -> store.result(KEY));
        assertCode(FailureCode.STORE_UNAVAILABLE, () -> store.setAside(KEY));
        assertCode(
                FailureCode.STORE_UNAVAILABLE, () -> store.putResultIfAbsent(KEY, new byte[] {1}));
        assertCode(FailureCode.STORE_UNAVAILABLE, () -> store.putBlob(new byte[] {1}, "x/y"));
        Files.delete(root);
        Files.move(folder.resolve("away"), root);
        assertThat(store.holds(ref)).isTrue();
    }

    @Test
    void shouldRefuseToWriteWhenLessThanTheReserveIsFree() throws IOException {
        var marker = root.resolve("store.properties");
        Files.writeString(marker, "reserve.bytes=" + Long.MAX_VALUE);
        assertCode(FailureCode.OUT_OF_DISK, () -> store.putBlob(new byte[] {1}, "x/y"));
        assertCode(FailureCode.OUT_OF_DISK, () -> store.putResultIfAbsent(KEY, new byte[] {1}));
        Files.writeString(marker, "reserve.bytes=0");
        store.putBlob(new byte[] {1}, "x/y");
    }

    @Test
    void shouldNotMakeAStoreForAWorker() {
        var absent = folder.resolve("not yet");
        assertCode(
                FailureCode.STORE_UNAVAILABLE,
                () -> Stores.existing(absent.toString(), InputRoots.NONE));
        assertThat(absent).doesNotExist();
        Stores.open(absent.toString());
        Stores.existing(absent.toString(), InputRoots.NONE);
    }

    @Test
    void shouldSayWhichStoresThereAreWhenTheSchemeIsUnknown() {
        assertThatThrownBy(() -> Stores.open("ftp://host/x")).hasMessageContaining("ftp://host/x");
    }

    private static void assertCode(FailureCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
