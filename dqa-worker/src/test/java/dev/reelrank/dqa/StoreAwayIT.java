package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.Prepared;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An unreachable store is not the fault of a sample: there is no grade, not even a partial one, and
 * the same work gives its grade once the store is back.
 */
final class StoreAwayIT {
    @TempDir Path folder;
    private Path root;
    private ResultStore store;
    private StageSession<GradeRequest, GradeResult> session;
    private Prepared<GradeRequest> item;

    @BeforeEach
    void open() {
        root = folder.resolve("store");
        store = LocalStore.open(root);
        session =
                new StageSession<>(
                        TestbedStage.stage(folder.resolve("cache")),
                        store,
                        ReportCodec.avro(Stages.STANDARD),
                        Device.CPU,
                        new Producer("test", "1@0", "host", "cpu", "cpu"),
                        Clock.systemUTC());
        var request =
                new GradeRequest(
                        RenderedClips.prompt(0),
                        RenderedClips.prompt(0),
                        null,
                        store.putBlob(Images.png(RenderedClips.still(0)), "image/png"),
                        new CandidateVideo(
                                1,
                                store.putBlob(
                                        RenderedClips.rendered(
                                                folder.resolve("clean-" + 0 + "-" + 5 + ".mp4"),
                                                0,
                                                5),
                                        "video/mp4"),
                                "work"),
                        PreferenceVersion.NONE,
                        GradeConfig.defaults());
        item = session.prepare(new WorkRef("w", "run", "s", StageName.GRADE, null, 0), request);
    }

    @AfterEach
    void close() {
        session.close();
        store.close();
    }

    @Test
    void shouldMakeNoGradeWhileTheStoreIsAwayAndGradeOnceItIsBack() throws IOException {
        move(root, folder.resolve("away"));
        assertExternal(compute(BatchListener.NONE));

        move(folder.resolve("away"), root);
        // What the store held before it went is what it holds now: no grade among it.
        assertThat(root.resolve("results")).isEmptyDirectory();
        // It goes again while the phases look at the video, and the grade cannot be kept.
        assertExternal(compute(new Leaving()));

        move(folder.resolve("away"), root);
        assertThat(root.resolve("results")).isEmptyDirectory();
        assertThat(session.look(item)).isEmpty();
        var graded = (Succeeded) compute(BatchListener.NONE);
        assertThat(((GradeResult) graded.result()).partial()).isFalse();
        assertThat(session.look(item)).isPresent();
    }

    private Body compute(BatchListener listener) {
        return session.compute(List.of(item), 1, false, listener).get(0);
    }

    private static void assertExternal(Body body) {
        assertThat(body)
                .isInstanceOfSatisfying(
                        Failed.class,
                        f -> {
                            // This is what makes a worker keep its record and flow emit it again.
                            assertThat(f.code().category()).isEqualTo(FailureCategory.EXTERNAL);
                            assertThat(f.message()).contains("store");
                        });
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the store away after the first phase. */
    private final class Leaving implements BatchListener {
        @Override
        public void progress(int index, int step, int of) {
            if (step == 1) {
                move(root, folder.resolve("away"));
            }
        }

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public void loaded(String model, long millis) {}
    }
}
