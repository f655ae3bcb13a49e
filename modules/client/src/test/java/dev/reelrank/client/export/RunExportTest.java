package dev.reelrank.client.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.GifWriter;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunExportTest {
    private static final int FRAMES = 5;

    @TempDir Path folder;
    private Path out;
    private ResultStore store;
    private final RunView run = new RunView("r");

    @BeforeEach
    void open() throws IOException {
        store = Stores.open(folder.resolve("store").toString());
        out = Files.createDirectory(folder.resolve("out"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void shouldHoldAPlayableVideoPerSampleAndTheirSums() throws IOException {
        done("fox", rendered(1));
        done("owl", rendered(2));
        ended(RunUpdated.Status.DONE);

        ExportSummary made = export(true);

        Map<String, byte[]> held = unpacked();
        assertThat(held).containsOnlyKeys("r/fox.mp4", "r/owl.mp4", "r/sha256sums.txt");
        String sums = new String(held.get("r/sha256sums.txt"), StandardCharsets.UTF_8);
        for (String id : List.of("fox", "owl")) {
            byte[] video = held.get("r/" + id + ".mp4");
            assertThat(sums).contains(Sha256.of(video) + "  " + id + ".mp4\n");
            var text = new String(video, StandardCharsets.ISO_8859_1);
            assertThat(text).contains("hvc1");
            assertThat(text.indexOf("moov")).isBetween(0, text.indexOf("mdat"));
            Path kept = out.resolve("all").resolve(id + ".mp4");
            assertThat(kept).hasBinaryContent(video);
            var info = VideoReader.probe(kept);
            assertThat(info.codec()).isEqualTo("hevc");
            assertThat(info.pixelFormat()).isEqualTo("yuv420p");
            assertThat(VideoReader.readAll(kept)).hasSize(FRAMES);
        }
        assertThat(made.videos()).isEqualTo(2);
        assertThat(made.ratio()).isEqualTo((double) made.originalBytes() / made.encodedBytes());
        assertThat(made.archiveBytes()).isEqualTo(Files.size(archive()));
        assertThat(names(out)).containsExactly("all", "all.tar.gz");
    }

    @Test
    void shouldMakeEqualBytesFromEqualFactsAndReplaceTheFormerArchive() throws IOException {
        done("fox", rendered(1));
        ended(RunUpdated.Status.DONE);
        export(false);
        byte[] first = Files.readAllBytes(archive());
        Files.writeString(archive(), "something else");

        export(false);

        assertThat(archive()).hasBinaryContent(first);
        assertThat(names(out)).containsExactly("all.tar.gz");
    }

    @Test
    void shouldRefuseARunThatStillGoesOnAndNameWhatItWaitsFor() throws IOException {
        done("fox", rendered(1));
        sample("owl", SampleUpdated.Status.RUNNING);
        ended(RunUpdated.Status.CLOSED);

        assertThatThrownBy(() -> export(false))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("still goes on")
                .hasMessageContaining("owl")
                .hasMessageContaining("collect --follow --run r");
        assertThat(names(out)).isEmpty();
    }

    @Test
    void shouldListSamplesWithoutAVideoAndWriteNothing() throws IOException {
        done("fox", rendered(1));
        sample("owl", SampleUpdated.Status.FAILED);
        sample("cat", SampleUpdated.Status.FAILED);
        ended(RunUpdated.Status.DONE);

        assertThatThrownBy(() -> export(true))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.NO_CANDIDATE))
                .hasMessageContaining("2 of 3")
                .hasMessageContaining("cat")
                .hasMessageContaining("owl");
        assertThat(names(out)).isEmpty();
    }

    @Test
    void shouldListVideosThatDoNotDecodeAndWriteNothing() throws IOException {
        Path whole = rendered(1);
        byte[] bytes = Files.readAllBytes(whole);
        done("fox", whole);
        done("half", write("half.mp4", Arrays.copyOf(bytes, bytes.length / 2)));
        done("none", write("none.mp4", new byte[0]));
        done("short", RenderedClips.rendered(folder.resolve("short.mp4"), 1, FRAMES - 1));
        BlobRef lost = done("lost", rendered(3));
        Files.delete(store.fetch(lost, folder));
        ended(RunUpdated.Status.DONE);

        assertThatThrownBy(() -> export(false))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO))
                .hasMessageContaining("4 of 5")
                .hasMessageContaining("half (")
                .hasMessageContaining("none (")
                .hasMessageContaining("short (it has 4 frames")
                .hasMessageContaining("lost (");
        assertThat(names(out)).isEmpty();
    }

    @Test
    void shouldMakeOddSidesEvenAndSayWhich() throws IOException {
        var rgb = new byte[97 * 65 * 3];
        Arrays.fill(rgb, (byte) 200);
        Path odd = folder.resolve("odd.gif");
        GifWriter.write(odd, Collections.nCopies(FRAMES, new RgbImage(97, 65, rgb)), 20);
        take("odd", odd, 20);
        ended(RunUpdated.Status.DONE);

        assertThat(export(true).padded()).containsExactly("odd");

        var back = VideoReader.readAll(out.resolve("all/odd.mp4"));
        assertThat(back).hasSize(FRAMES);
        assertThat(back.get(0).width()).isEqualTo(98);
        assertThat(back.get(0).height()).isEqualTo(66);
        // A black line at the edge would be seen.
        assertThat(back.get(0).at(97, 65, 0)).isBetween(190, 210);
    }

    @Test
    void shouldRemoveWhatAKilledExportLeft() throws IOException {
        Path left = Files.createDirectories(out.resolve(".all.tar.gz.part/videos"));
        Files.writeString(left.resolve("old.mp4"), "half");
        done("fox", rendered(1));
        ended(RunUpdated.Status.DONE);

        export(false);

        assertThat(unpacked()).containsOnlyKeys("r/fox.mp4", "r/sha256sums.txt");
        assertThat(names(out)).containsExactly("all.tar.gz");
    }

    private ExportSummary export(boolean keep) {
        var options =
                new ExportOptions(
                        archive(), VideoCodec.H265, 28, EncodingPreset.ULTRAFAST, 2, keep);
        return new RunExport(store, options, Finish.NONE, line -> {}).write(run);
    }

    private Path archive() {
        return out.resolve("all.tar.gz");
    }

    private Map<String, byte[]> unpacked() throws IOException {
        var held = new TreeMap<String, byte[]>();
        try (var file = Files.newInputStream(archive());
                var tar = new TarArchiveInputStream(new GzipCompressorInputStream(file))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                held.put(entry.getName(), tar.readAllBytes());
            }
        }
        return held;
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private Path rendered(int scene) {
        return RenderedClips.rendered(folder.resolve(scene + ".mp4"), scene, FRAMES);
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private BlobRef done(String id, Path video) {
        return take(id, video, 16);
    }

    private BlobRef take(String id, Path video, double fps) {
        BlobRef blob = store.putBlob(video, "video/mp4");
        sample(id, SampleUpdated.Status.DONE);
        fact(
                id,
                StageName.CANDIDATE,
                7L,
                new CandidateResult(
                        7, blob, 64, 48, FRAMES, fps, 2, null, 1, "euler", null, "libx264", null));
        fact(
                id,
                StageName.RANKING,
                null,
                new RankingResult(
                        null,
                        "other",
                        new RankingResult.SubjectMask(false, List.of(), 0, "none"),
                        List.of(),
                        new RankingResult.Winner(7, 0, "the only one"),
                        0,
                        null,
                        null));
        return blob;
    }

    private void sample(String id, SampleUpdated.Status status) {
        var image = new BlobRef("file:///fox.png", "0".repeat(64), 1, "image/png");
        run.apply(
                new SampleFact(
                        "r",
                        id,
                        "first",
                        "a fox",
                        image,
                        null,
                        null,
                        RunConfiguration.defaults(),
                        null,
                        Instant.EPOCH));
        run.apply(
                new SampleUpdated(
                        "r",
                        id,
                        status,
                        false,
                        0,
                        StageName.GRADE,
                        new ArrayList<>(),
                        Instant.EPOCH));
    }

    private void ended(RunUpdated.Status status) {
        run.apply(
                new RunUpdated(
                        "r",
                        status,
                        run.samples().size(),
                        0,
                        0,
                        0,
                        RunConfiguration.defaults(),
                        null,
                        Instant.EPOCH,
                        Instant.parse("2026-01-02T03:04:05Z"),
                        List.of()));
    }

    private void fact(String id, StageName stage, Long seed, StageResult result) {
        run.apply(
                new StageFact(
                        new WorkRef(id + "-" + stage.id() + seed, "r", id, stage, seed, 0),
                        new Producer("w", "1@0", "host", "cpu", "cpu"),
                        new Computation(
                                "key", 1, "weights", "fp32", "cpu", false, 0, 1, Map.of(),
                                Map.of()),
                        result,
                        null,
                        Instant.EPOCH));
    }
}
