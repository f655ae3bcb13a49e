package dev.reelrank.reranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.worker.store.LocalStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankingStageIT {
    @TempDir static Path folder;
    private static ResultStore store;
    private static RankingStage stage;
    private static BlobRef image;

    private final List<String> progress = new ArrayList<>();
    private static final int GREEN = 0xff1b8a3c;

    /** Height of the head of a sheet, and width of the text before its frames. */
    private static final int HEAD = 190;

    private static final int LABEL = 230;

    private boolean cancelled;

    @BeforeAll
    static void load() {
        store = LocalStore.open(folder.resolve("store"));
        stage = TinyModels.stage(folder.resolve("cache"));
        stage.load(stage.loadKey(RankingConfig.defaults()), Device.CPU);
        image = store.putBlob(Images.png(RenderedClips.still(0)), "image/png");
    }

    @AfterAll
    static void close() {
        stage.close();
        store.close();
    }

    @Test
    void shouldRankCandidatesOfDifferentSizeAndLengthAndStoreTheContactSheet() throws IOException {
        var result =
                success(
                        run(
                                "red ring",
                                0.1,
                                RenderedClips.rendered(folder.resolve("a.mp4"), 0, 17),
                                RenderedClips.rendered(folder.resolve("b.mp4"), 1, 9),
                                RenderedClips.flat(folder.resolve("c.mp4"), 90, 5, 96, 64)));

        assertThat(result.candidates()).extracting(c -> c.seed()).containsExactly(100L, 101L, 102L);
        assertThat(result.winner().reason()).contains("differ in size or length");
        assertThat(result.winner().seed()).isEqualTo(100L + result.winner().index());
        assertThat(result.subject()).isEqualTo("red ring");
        assertThat(result.subjectGroup()).isEqualTo("jewelry");
        var sheet = Images.read(store.fetch(result.contactSheet(), folder));
        assertThat(sheet.width()).isGreaterThan(600);
        assertThat(progress).endsWith("0: 3/3");
    }

    @Test
    void shouldShowDraftsInTheirOrderWhateverNumberGoesOn() throws IOException {
        Path[] videos = {
            RenderedClips.rendered(folder.resolve("k.mp4"), 0, 5),
            RenderedClips.rendered(folder.resolve("l.mp4"), 1, 5),
            RenderedClips.rendered(folder.resolve("m.mp4"), 2, 5)
        };
        var ranked = success(run("red ring", 0.1, videos));
        assertThat(greenRows(ranked)).isEqualTo(1);
        var compared = success(run(request("red ring", 0.1, 3, videos)));
        assertThat(greenRows(compared)).isZero();
        assertThat(compared.kept())
                .startsWith(ranked.winner().seed())
                .containsExactlyInAnyOrder(100L, 101L, 102L);
        assertThat(firstFrame(ranked, 0)).isNotEqualTo(firstFrame(ranked, 1));
        for (int i = 0; i < videos.length; i++) {
            int place = compared.kept().indexOf(100L + i);
            assertThat(firstFrame(compared, place)).isEqualTo(firstFrame(ranked, i));
        }
    }

    /** A hash of the first frame in a row of the sheet, without its border. */
    private static int firstFrame(RankingResult result, int row) throws IOException {
        var sheet = ImageIO.read(store.fetch(result.contactSheet(), folder).toFile());
        int height = (sheet.getHeight() - HEAD) / result.candidates().size();
        return Arrays.hashCode(
                sheet.getRGB(LABEL + 2, HEAD + row * height + 10, 160, 100, null, 0, 160));
    }

    /** How often the left edge of a frame begins. */
    private static int greenRows(RankingResult result) throws IOException {
        var sheet = ImageIO.read(store.fetch(result.contactSheet(), folder).toFile());
        int found = 0;
        int before = 0;
        for (int y = 0; y < sheet.getHeight(); y++) {
            int colour = sheet.getRGB(2, y);
            found += colour == GREEN && before != GREEN ? 1 : 0;
            before = colour;
        }
        return found;
    }

    @Test
    void shouldStoreWhatItFoundInEachFrame() throws IOException {
        var result =
                success(
                        run(
                                "red ring",
                                0.1,
                                RenderedClips.rendered(folder.resolve("i.mp4"), 0, 17),
                                RenderedClips.rendered(folder.resolve("j.mp4"), 1, 9)));
        var details = new ObjectMapper().readTree(store.fetch(result.details(), folder).toFile());
        assertThat(details.get("candidates")).hasSize(2);
        for (int i = 0; i < 2; i++) {
            var candidate = details.get("candidates").get(i);
            assertThat(candidate.get("seed").asLong()).isEqualTo(100 + i);
            var identities = new ArrayList<Double>();
            candidate.get("frames").forEach(f -> identities.add(f.get("identity").asDouble()));
            assertThat(identities.stream().mapToDouble(d -> d).average().orElseThrow())
                    .isCloseTo(result.candidates().get(i).maskedIdentity(), within(1e-3));
            assertThat(candidate.at("/frames/0/previous").isNull()).isTrue();
            for (var view : candidate.get("views")) {
                assertThat(view.get("heat"))
                        .hasSize(view.get("rows").asInt() * view.get("columns").asInt());
            }
            assertThat(candidate.get("views")).isNotEmpty();
        }
        var mask = ImageIO.read(new ByteArrayInputStream(details.get("mask").binaryValue()));
        var reference = RenderedClips.still(0);
        assertThat(mask.getWidth()).isEqualTo(reference.width());
        assertThat(mask.getHeight()).isEqualTo(reference.height());
    }

    @Test
    void shouldGiveTheSameResultWhenAskedAgain() {
        var video = RenderedClips.rendered(folder.resolve("again.mp4"), 2, 9);
        var other = RenderedClips.rendered(folder.resolve("other.mp4"), 3, 9);
        var first = success(run("red ring", 0.1, video, other));
        assertThat(success(run("red ring", 0.1, video, other))).isEqualTo(first);
    }

    @Test
    void shouldScoreTheFullImageAndSayWhyWhenTheSubjectIsNotFound() {
        var result =
                success(
                        run(
                                "red ring",
                                1.0,
                                RenderedClips.rendered(folder.resolve("d.mp4"), 0, 5)));

        assertThat(result.mask().used()).isFalse();
        assertThat(result.mask().whyNot()).contains("nothing in the image matches");
        var score = result.candidates().get(0);
        assertThat(score.maskedIdentity()).isEqualTo(score.fullIdentity());
        assertThat(result.winner().reason()).isEqualTo("the only candidate");
    }

    @Test
    void shouldNameTheCandidateThatDoesNotDecode() throws IOException {
        var broken = Files.write(folder.resolve("broken.mp4"), new byte[4000]);
        var outcome =
                run("red ring", 0.3, RenderedClips.rendered(folder.resolve("e.mp4"), 0, 5), broken);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        f -> {
                            assertThat(f.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO);
                            assertThat(f.message()).contains("seed 101");
                        });
    }

    @Test
    void shouldNotLetAStillWinAgainstVideos() {
        var outcome =
                run(
                        "red ring",
                        0.3,
                        RenderedClips.rendered(folder.resolve("g.mp4"), 0, 5),
                        RenderedClips.rendered(folder.resolve("h.mp4"), 0, 1));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        f -> {
                            assertThat(f.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO);
                            assertThat(f.message()).contains("seed 101").contains("single frame");
                        });
    }

    @Test
    void shouldHandTheWorkOnWhenItIsCancelled() {
        cancelled = true;
        assertThat(run("red ring", 0.3, RenderedClips.rendered(folder.resolve("f.mp4"), 0, 5)))
                .isInstanceOf(Outcome.Returned.class);
    }

    private static RankingResult success(Outcome<RankingResult> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Success.class);
        return ((Outcome.Success<RankingResult>) outcome).result();
    }

    private Outcome<RankingResult> run(
            @Nullable String subject, double instanceThreshold, Path... videos) {
        return run(request(subject, instanceThreshold, null, videos));
    }

    private Outcome<RankingResult> run(RankingRequest request) {
        return stage.run(List.of(request), context()).get(0);
    }

    private static RankingRequest request(
            @Nullable String subject,
            double instanceThreshold,
            @Nullable Integer keep,
            Path... videos) {
        var config = RankingConfig.defaults().withEveryMask(instanceThreshold);
        var candidates = new ArrayList<CandidateVideo>();
        for (var video : videos) {
            candidates.add(
                    new CandidateVideo(
                            100 + candidates.size(), store.putBlob(video, "video/mp4"), "work"));
        }
        return new RankingRequest(
                "A ring.", "A red ring.", subject, image, candidates, config, keep);
    }

    private StageContext context() {
        return new StageContext() {
            @Override
            public void progress(int item, int step, int of) {
                progress.add(item + ": " + step + "/" + of);
            }

            @Override
            public boolean cancelled() {
                return cancelled;
            }

            @Override
            public ResultStore store() {
                return store;
            }

            @Override
            public Path scratch() {
                return folder;
            }

            @Override
            public Device device() {
                return Device.CPU;
            }
        };
    }
}
