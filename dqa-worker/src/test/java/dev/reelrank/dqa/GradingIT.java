package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

        var memory = grading.run(chunk, Device.CPU, 1, done -> {}, () -> false).orElseThrow();

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
        assertThat(memory)
                .extracting(m -> m.phase())
                .containsExactly("language", "perception", "motion");
        assertThat(memory).allSatisfy(m -> assertThat(m.peakMib()).isPositive());
        assertThat(chunk).allSatisfy(i -> assertThat(i.failure).isNull());
        assertThat(chunk).allSatisfy(i -> assertThat(i.findings).hasSize(2));
        assertThat(chunk).allSatisfy(i -> assertThat(i.arrangement).isNotNull());
        assertThat(chunk).allSatisfy(i -> assertThat(i.trace).isNotNull());
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
                new Item("A ring.", null, folder.resolve("gone.mp4"), RenderedClips.still(0), 4);
        var good = item(0);
        new Grading(List.of(new Watched(new MotionPhase())), 24)
                .run(List.of(broken, good), Device.CPU, 1, done -> {}, () -> false);
        assertThat(broken.failure.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO);
        assertThat(good.benchmark.dimensions()).hasSize(4);
        assertThat(resident).isEmpty();
    }

    @Test
    void shouldGradeAVideoOfFewPixelsInPartAndTheOthersOfItsChunkWhole() {
        var tiny =
                new Item(
                        "A ring.",
                        null,
                        RenderedClips.flat(folder.resolve("grey-8-5.mp4"), 90, 5, 8, 8),
                        RenderedClips.still(0),
                        2);
        var good = item(0);

        new Grading(TestbedStage.stage(folder).phases(), 24)
                .run(List.of(tiny, good), Device.CPU, 1, done -> {}, () -> false);

        assertThat(tiny.failure).isNull();
        assertThat(tiny.benchmark.dimensions())
                .extracting(d -> d.name())
                .contains("temporal_flickering")
                .doesNotContain("warping_error_dis");
        assertThat(tiny.benchmark.finding().details()).contains("at least 16 pixels per side");
        assertThat(good.benchmark.dimensions()).hasSizeGreaterThan(7);
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

        new Grading(List.of(phase), 24)
                .run(List.of(odd, good), Device.CPU, 1, done -> {}, () -> false);

        assertThat(odd.failure.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(odd.failure).hasMessageContaining("motion").hasMessageContaining("clean-0");
        assertThat(good.failure).isNull();
        assertThat(good.benchmark.dimensions()).hasSize(4);
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
        return new Item(
                RenderedClips.prompt(index),
                null,
                RenderedClips.rendered(
                        folder.resolve("clean-" + index + "-" + 5 + ".mp4"), index, 5),
                RenderedClips.still(index),
                2);
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
                public void look(Item item) {
                    events.add("look");
                    before(item);
                    loaded.look(item);
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
