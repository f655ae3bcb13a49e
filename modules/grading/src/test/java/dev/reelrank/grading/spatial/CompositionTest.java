package dev.reelrank.grading.spatial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.prompt.Relation.Kind;
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
        var picture =
                new Segmentation(
                        4, 4, new int[] {0, G, G, G, 0, G, G, G, G, G, G, 1, G, G, G, 1}, 2);
        assertThat(score(picture, Kind.LEFT_OF)).isEqualTo(1);
        assertThat(score(picture, Kind.RIGHT_OF)).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(score(picture, Kind.ON)).isEqualTo(1);
        assertThat(score(picture, Kind.BEHIND)).isEqualTo(1);
        var inFront =
                Composition.of(
                        List.of("ring", "box"),
                        List.of(new Relation("box", Kind.FOREGROUND, "box")),
                        null,
                        List.of(picture));
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
                        null,
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
                        null,
                        List.of(there, changed));
        assertThat(composition.holds()).containsExactly(0.5);
    }

    @Test
    void shouldCountWhetherTheFirstObjectWentWhereItShould() {
        var left = new Segmentation(4, 1, new int[] {0, G, G, G}, 1);
        var right = new Segmentation(4, 1, new int[] {G, G, G, 0}, 1);
        assertThat(moved(left, right, Movement.RIGHT)).isEqualTo(1);
        assertThat(moved(left, right, Movement.LEFT)).isZero();
        assertThat(moved(left, left, Movement.LEFT)).isEqualTo(0.5);
        var large = new Segmentation(4, 1, new int[] {0, 0, G, G}, 1);
        assertThat(moved(left, large, Movement.GROW)).isEqualTo(1);
        assertThat(moved(left, large, Movement.SHRINK)).isZero();
        // Being there, and having gone the wrong way.
        var composition =
                Composition.of(List.of("ring"), List.of(), Movement.LEFT, List.of(left, right));
        assertThat(composition.score()).isEqualTo(0.5);
        assertThat(Composition.of(List.of("ring"), List.of(), Movement.LEFT, List.of(left)).moved())
                .isNull();
    }

    @Test
    void shouldReadTheWayFromTheAction() {
        assertThat(Movement.of("the red ring slides slowly to the left")).contains(Movement.LEFT);
        assertThat(Movement.of("the box rises")).contains(Movement.UP);
        assertThat(Movement.of("the apple grows larger")).contains(Movement.GROW);
        assertThat(Movement.of("the cat bounces up and down")).isEmpty();
        assertThat(Movement.of("the watch turns clockwise")).isEmpty();
    }

    private static double moved(Segmentation first, Segmentation last, Movement movement) {
        return Composition.of(List.of("ring"), List.of(), movement, List.of(first, last)).moved();
    }

    private static double score(Segmentation picture, Kind kind) {
        return composition(picture, kind).score();
    }

    private static Composition composition(Segmentation picture, Kind kind) {
        return Composition.of(
                List.of("ring", "box"),
                List.of(new Relation("ring", kind, "box")),
                null,
                List.of(picture));
    }
}
