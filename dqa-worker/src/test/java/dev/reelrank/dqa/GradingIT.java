package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.grading.benchmark.Dimension;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.torch.MemoryReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GradingIT {
    @TempDir Path folder;

    /** What is resident, and what happened. */
    private final Set<String> resident = new TreeSet<>();

    private final List<String> events = new ArrayList<>();
    private int mostResident;

    @Test
    void shouldNeverHoldTheModelsOfTwoPhasesAndLoadEachOnceForAChunk() {
        List<GradingPhase> phases =
                TestbedStage.stage(folder).phases().stream()
                        .<GradingPhase>map(Watched::new)
                        .toList();
        double largest = phases.stream().mapToDouble(GradingPhase::needGib).max().orElseThrow();
        double sum = phases.stream().mapToDouble(GradingPhase::needGib).sum();
        assertThat(largest).isLessThan(sum);
        // Room for the largest phase and no more.
        var grading = new Grading(phases, largest);
        List<Item> chunk = List.of(item(0), item(1), item(2));

        var graded = grading.run(chunk, Device.CPU, 1, done -> {}, () -> false).orElseThrow();

        assertThat(mostResident).isEqualTo(1);
        assertThat(resident).isEmpty();
        assertThat(events)
                .containsExactly(
                        "load language",
                        "look",
                        "look",
                        "look",
                        "close language",
                        "load perception",
                        "look",
                        "look",
                        "look",
                        "close perception",
                        "load motion",
                        "look",
                        "look",
                        "look",
                        "close motion");
        assertThat(graded.memory())
                .extracting(m -> m.phase())
                .containsExactly("language", "perception", "motion");
        assertThat(graded.memory()).allSatisfy(m -> assertThat(m.peakMib()).isPositive());
        assertThat(graded.items()).allSatisfy(i -> assertThat(i.failure()).isNull());
        assertThat(graded.items()).extracting(Item::video).isEqualTo(videos(chunk));
        assertThat(graded.items())
                .extracting(Item::found)
                .allSatisfy(f -> assertThat(f.findings()).hasSize(2))
                .allSatisfy(f -> assertThat(f.arrangement()).isNotNull())
                .allSatisfy(f -> assertThat(f.traces()).isNotEmpty());
        assertThat(chunk)
                .as("what went in is as it was")
                .allSatisfy(i -> assertThat(i.found().findings()).isEmpty());
    }

    @Test
    void shouldRefuseAPhaseThatDoesNotFitBeforeAnythingIsLoaded() {
        List<GradingPhase> phases =
                TestbedStage.stage(folder).phases().stream()
                        .<GradingPhase>map(Watched::new)
                        .toList();
        assertThatThrownBy(() -> new Grading(phases, 0.2))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("memory budget is 0.2 GiB")
                .hasMessageContaining("language phase");
        assertThat(events).isEmpty();
    }

    @Test
    void shouldReleaseTheModelsWhenAVideoFailsAndGoOnWithTheOthers() {
        var broken =
                Item.of(
                        new VideoFile(
                                "A ring.",
                                null,
                                RenderedClips.still(0),
                                folder.resolve("gone.mp4")),
                        4);
        var graded =
                new Grading(List.of(new Watched(new MotionPhase())), 24)
                        .run(List.of(broken, item(0)), Device.CPU, 1, done -> {}, () -> false)
                        .orElseThrow();
        assertThat(graded.items().get(0).failure().code()).isEqualTo(FailureCode.UNREADABLE_VIDEO);
        assertThat(dimensions(graded, 1)).hasSize(4);
        assertThat(resident).isEmpty();
    }

    @Test
    void shouldGradeAVideoOfFewPixelsInPartAndTheOthersOfItsChunkWhole() {
        var tiny =
                Item.of(
                        new VideoFile(
                                "A ring.",
                                null,
                                RenderedClips.still(0),
                                RenderedClips.flat(folder.resolve("grey-8-5.mp4"), 90, 5, 8, 8)),
                        2);

        var graded =
                new Grading(TestbedStage.stage(folder).phases(), 24)
                        .run(List.of(tiny, item(0)), Device.CPU, 1, done -> {}, () -> false)
                        .orElseThrow();

        assertThat(graded.items().get(0).failure()).isNull();
        assertThat(dimensions(graded, 0))
                .extracting(d -> d.name())
                .contains("temporal_flickering")
                .doesNotContain("warping_error_dis");
        assertThat(graded.items().get(0).found().benchmark().finding().details())
                .contains("at least 16 pixels per side");
        assertThat(dimensions(graded, 1)).hasSizeGreaterThan(7);
    }

    @Test
    void shouldBlameTheVideoAloneForAFaultOfOurs() {
        var odd = item(0);
        var good = item(1);
        var phase =
                new Watched(new MotionPhase()) {
                    @Override
                    void before(Item item) {
                        if (item == odd) {
                            throw new ArithmeticException("a fault");
                        }
                    }
                };

        var graded =
                new Grading(List.of(phase), 24)
                        .run(List.of(odd, good), Device.CPU, 1, done -> {}, () -> false)
                        .orElseThrow();

        var failure = graded.items().get(0).failure();
        assertThat(failure.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(failure).hasMessageContaining("motion").hasMessageContaining("clean-0");
        assertThat(graded.items().get(1).failure()).isNull();
        assertThat(dimensions(graded, 1)).hasSize(4);
    }

    @Test
    void shouldLookForFlickerBehindTheFramesThatFlowLooksAt() {
        var late =
                RenderedClips.greyThenFlicker(folder.resolve("flicker-32-258-6.mp4"), 32, 258, 6);

        var strip = Film.strip(late, 257, 360);

        assertThat(strip.frames()).hasSize(257);
        assertThat(strip.length()).isEqualTo(264);
        assertThat(strip.steadiness())
                .isLessThan(
                        Film.strip(
                                        RenderedClips.flat(
                                                folder.resolve("grey-32-5.mp4"), 90, 5, 32, 32),
                                        257,
                                        360)
                                .steadiness());
    }

    @Test
    void shouldStopBetweenTwoPhasesWhenItIsCancelled() {
        var grading =
                new Grading(
                        List.of(new Watched(new MotionPhase()), new Watched(new MotionPhase())),
                        24);
        assertThat(grading.run(List.of(item(0)), Device.CPU, 1, d -> {}, () -> !events.isEmpty()))
                .isEmpty();
        assertThat(events).containsExactly("load motion", "look", "close motion");
    }

    private Item item(int index) {
        return Item.of(
                new VideoFile(
                        RenderedClips.prompt(index),
                        null,
                        RenderedClips.still(index),
                        RenderedClips.rendered(
                                folder.resolve("clean-" + index + "-" + 5 + ".mp4"), index, 5)),
                2);
    }

    private static List<VideoFile> videos(List<Item> items) {
        return items.stream().map(Item::video).toList();
    }

    private static List<Dimension> dimensions(Grading.Graded graded, int index) {
        return graded.items().get(index).found().benchmark().dimensions();
    }

    /** The real phase, and a look at when its models are there. */
    private class Watched implements GradingPhase {
        private final GradingPhase phase;

        Watched(GradingPhase phase) {
            this.phase = phase;
        }

        void before(Item item) {}

        @Override
        public String name() {
            return phase.name();
        }

        @Override
        public double needGib() {
            return phase.needGib();
        }

        @Override
        public void check() {
            phase.check();
        }

        @Override
        public Loaded load(Device device, int cores) {
            events.add("load " + name());
            resident.add(name());
            mostResident = Math.max(mostResident, resident.size());
            Loaded loaded = phase.load(device, cores);
            return new Loaded() {
                @Override
                public Found look(Item item) {
                    events.add("look");
                    before(item);
                    return loaded.look(item);
                }

                @Override
                public MemoryReport memory() {
                    return loaded.memory();
                }

                @Override
                public void close() {
                    loaded.close();
                    resident.remove(name());
                    events.add("close " + name());
                }
            };
        }
    }
}
