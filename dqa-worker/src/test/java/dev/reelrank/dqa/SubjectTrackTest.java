package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.grading.spatial.Trace;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Action;
import dev.reelrank.testbed.Clip;
import dev.reelrank.testbed.Motion;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the renderer, which knows where its subjects go; the masks are its own. */
final class SubjectTrackTest {
    private static final int FRAMES = 17;
    private static final int GRID = 16;

    @ParameterizedTest
    @EnumSource
    void shouldFindTheWayThatTheSubjectGoes(Action action) {
        var scenes =
                IntStream.range(0, 400)
                        .mapToObj(i -> SceneMaker.scene(Split.VALIDATION.seed(i)))
                        .filter(s -> s.action() == action && s.second() == null)
                        .limit(3)
                        .toList();
        assertThat(scenes).hasSize(3);
        for (Scene scene : scenes) {
            Clip clip = Renderer.render(scene, FRAMES);
            Trace trace = follow(clip.frames(), clip.masks().get(0), scene.size());

            var motion = new Motion(scene);
            var start = motion.at(0, 0);
            var end = motion.at(0, 1);
            double pan = scene.camera().offset(1);
            var last = trace.last();
            assertThat(last.x())
                    .as("%s", scene)
                    .isCloseTo((end.x() - start.x()) / scene.size() + pan, within(0.04));
            assertThat(last.y())
                    .as("%s", scene)
                    .isCloseTo((end.y() - start.y()) / scene.size(), within(0.04));
            if (action == Action.BOUNCE) {
                assertThat(trace.highest()).as("%s", scene).isBetween(0.15, 0.3);
            }
            // Plain corners run ahead of what the flow can follow: less than the turn, but its way.
            if (action.rotates()) {
                double turn = end.angle() - start.angle();
                assertThat(last.turn() / turn).as("%s", scene).isBetween(0.25, 1.2);
            }
            if (action == Action.GROW || action == Action.SHRINK) {
                double growth = Math.log(end.radius() / start.radius());
                assertThat(last.growth() / growth).as("%s", scene).isBetween(0.5, 1.4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LEFT", "ROTATE_CLOCKWISE", "GROW"})
    void shouldFindNoMovementWhenThePictureIsFrozen(Action action) {
        Scene scene =
                IntStream.range(0, 400)
                        .mapToObj(i -> SceneMaker.scene(Split.VALIDATION.seed(i)))
                        .filter(s -> s.action() == action)
                        .findFirst()
                        .orElseThrow();
        Clip clip = Renderer.render(scene, FRAMES);

        Trace trace =
                follow(
                        Collections.nCopies(FRAMES, clip.frames().get(0)),
                        clip.masks().get(0),
                        scene.size());

        assertThat(trace.stir()).isZero();
        assertThat(trace.unrest()).isLessThan(0.005);
        assertThat(trace.last().x()).isZero();
        assertThat(trace.last().turn()).isZero();
        assertThat(trace.last().growth()).isZero();
    }

    private static Trace follow(List<RgbImage> frames, byte[] mask, int size) {
        int[] labels = new int[GRID * GRID];
        int cell = size / GRID;
        for (int p = 0; p < labels.length; p++) {
            int middle = (p / GRID * cell + cell / 2) * size + p % GRID * cell + cell / 2;
            labels[p] = mask[middle] == 1 ? 0 : 1;
        }
        var facts =
                new PromptFacts(
                        List.of("thing"),
                        List.of(),
                        List.of(),
                        null,
                        List.of(),
                        PromptFacts.Source.RULES);
        var picture = new Segmentation(GRID, GRID, labels, 1);
        try (var flows = new Flows(frames)) {
            return SubjectTrack.of(new Arrangement(facts, List.of(picture, picture)), 0)
                    .follow(flows)
                    .trace();
        }
    }
}
