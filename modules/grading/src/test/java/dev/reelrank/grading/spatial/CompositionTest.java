package dev.reelrank.grading.spatial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.prompt.Relation.Kind;
import dev.reelrank.grading.spatial.Composition.Promise;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CompositionTest {
    private static final int G = 2;

    @Test
    void shouldGiveEachPatchToTheNearestPhrase() {
        // Two patches: along the first axis, along the third; lengths do not matter.
        var s =
                Segmentation.of(
                        2,
                        1,
                        new float[] {5, 1, 0, 0, 0, 0.1f},
                        List.of(
                                new float[] {1, 0, 0},
                                new float[] {0, 9, 0},
                                new float[] {0, 0, 1}),
                        2);
        assertThat(s.labels()).containsExactly(0, 2);
        assertThat(s.place(0).share()).isEqualTo(0.5);
        assertThat(s.place(0).x()).isEqualTo(0.25);
        assertThat(s.place(1).share()).isZero();
    }

    @Test
    void shouldFindShareCentreAndLowestRow() {
        var place =
                new Segmentation(
                                4, 4, new int[] {G, G, G, G, 0, 0, G, G, 0, 0, G, G, G, G, G, 1}, 2)
                        .place(0);
        assertThat(place.share()).isEqualTo(0.25);
        assertThat(place.x()).isEqualTo(0.25);
        assertThat(place.y()).isEqualTo(0.5);
        assertThat(place.bottom()).isEqualTo(0.75);
    }

    @Test
    void shouldVerifyRelationsByWhereThingsAre() {
        var aside =
                new Segmentation(
                        4, 4, new int[] {0, G, G, G, 0, G, G, G, G, G, G, 1, G, G, G, 1}, 2);
        assertThat(holds(aside, Kind.LEFT_OF)).isEqualTo(1);
        assertThat(holds(aside, Kind.RIGHT_OF)).isZero();
        // Above, but beside it.
        assertThat(holds(aside, Kind.ON)).isZero();
        assertThat(holds(aside, Kind.BEHIND)).isZero();
        var stacked =
                new Segmentation(
                        4, 4, new int[] {G, 0, G, G, G, 0, G, G, G, 1, G, G, G, 1, 1, G}, 2);
        assertThat(holds(stacked, Kind.ON)).isEqualTo(1);
        // Only one patch of the upper one touches the lower one.
        assertThat(holds(stacked, Kind.BEHIND)).isCloseTo(1 / 3.0, within(1e-12));
        var hidden =
                new Segmentation(
                        4, 4, new int[] {G, G, G, G, G, 0, 1, G, G, 0, 1, G, G, 0, 1, G}, 2);
        assertThat(holds(hidden, Kind.BEHIND)).isEqualTo(1);
        // One above the other in the same column stand beside neither side of each other.
        assertThat(holds(stacked, Kind.LEFT_OF)).isBetween(0.5, 1.0);
        var inFront =
                Composition.of(
                        List.of("ring", "box"),
                        List.of(new Relation("box", Kind.FOREGROUND, "box")),
                        List.of(),
                        List.of(stacked));
        assertThat(inFront.holds()).containsExactly(1.0);
    }

    @Test
    void shouldNotLetARelationHoldWhenOneOfTheTwoIsNotThere() {
        var picture = new Segmentation(2, 1, new int[] {0, G}, 2);
        var composition = composition(picture, Kind.LEFT_OF);
        assertThat(composition.present()).containsExactly(1.0, 0.0);
        assertThat(composition.holds()).containsExactly(0.0);
        assertThat(composition.score()).isCloseTo(1.0 / 3, within(1e-12));
    }

    @Test
    void shouldKnowAThingOfARelationByItsNoun() {
        var composition =
                Composition.of(
                        List.of("striped red ring", "blue box"),
                        List.of(new Relation("ring", Kind.LEFT_OF, "box")),
                        List.of(),
                        List.of(new Segmentation(2, 1, new int[] {0, 1}, 2)));
        assertThat(composition.holds()).containsExactly(1.0);
    }

    @Test
    void shouldMeanOverThePictures() {
        var there = new Segmentation(2, 1, new int[] {0, 1}, 2);
        var changed = new Segmentation(2, 1, new int[] {1, 0}, 2);
        var composition =
                Composition.of(
                        List.of("ring", "box"),
                        List.of(new Relation("ring", Kind.LEFT_OF, "box")),
                        List.of(),
                        List.of(there, changed));
        assertThat(composition.holds()).containsExactly(0.5);
    }

    @Test
    void shouldJudgeARelationBeforeTheActionWhenItSendsOneOfTheTwoAway() {
        var before = new Segmentation(2, 1, new int[] {0, 1}, 2);
        var after = new Segmentation(2, 1, new int[] {1, 0}, 2);
        var composition =
                Composition.of(
                        List.of("ring", "box"),
                        List.of(new Relation("ring", Kind.LEFT_OF, "box")),
                        List.of(new Promise(0, Movement.RIGHT, null)),
                        List.of(before, after));
        assertThat(composition.holds()).containsExactly(1.0);
    }

    @Test
    void shouldCountWhetherTheActorWentWhereItShould() {
        var picture = new Segmentation(2, 1, new int[] {0, G}, 1);
        var right = new Trace(List.of(Pose.START, new Pose(0.2, 0, 0, 0)), 0.2, 0.2);
        var composition =
                Composition.of(
                        List.of("ring"),
                        List.of(),
                        List.of(
                                new Promise(0, Movement.LEFT, right),
                                new Promise(0, Movement.ANY, right)),
                        List.of(picture));
        assertThat(composition.moved()).containsExactly(0.0, 1.0);
        assertThat(composition.score()).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(
                        Composition.of(
                                        List.of("ring"),
                                        List.of(),
                                        List.of(new Promise(0, Movement.LEFT, null)),
                                        List.of(picture))
                                .moved())
                .isEmpty();
    }

    private static double holds(Segmentation picture, Kind kind) {
        return composition(picture, kind).holds().get(0);
    }

    private static Composition composition(Segmentation picture, Kind kind) {
        return Composition.of(
                List.of("ring", "box"),
                List.of(new Relation("ring", kind, "box")),
                List.of(),
                List.of(picture));
    }
}
