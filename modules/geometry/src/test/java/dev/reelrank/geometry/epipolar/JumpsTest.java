package dev.reelrank.geometry.epipolar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JumpsTest {
    private static final int LEAST = 20;

    @Test
    void shouldTakeACutForAJump() {
        assertThat(jumps(200, 190, 2, 1, 180, 200, 210)).containsExactly(2, 3);
    }

    @Test
    void shouldNotTakeARoomWithFewFeaturesForJumps() {
        assertThat(jumps(24, 19, 26, 30, 18, 22, 25)).isEmpty();
    }

    @Test
    void shouldSayNothingWhereMostPairsShareTooLittle() {
        assertThat(jumps(3, 2, 60, 1, 0, 4, 55)).isEmpty();
    }

    @Test
    void shouldLookAtThePairsOfTheSmallestDistanceOnly() {
        var pairs = new ArrayList<FramePair>();
        for (int i = 0; i < 7; i++) {
            pairs.add(pair(i, i + 2, 100, 3));
        }
        pairs.add(pair(0, 4, 100, 90));
        assertThat(Jumps.marked(pairs, LEAST, 5, 5)).isEqualTo(pairs);
        pairs.set(3, pair(3, 5, 100, 90));
        assertThat(Jumps.marked(pairs, LEAST, 5, 5).get(3).distance()).isEqualTo(5);
        assertThat(Jumps.marked(pairs, LEAST, 100, 5)).as("too short a way").isEqualTo(pairs);
    }

    /** The places of the pairs that jump, by how much each shares. */
    private static List<Integer> jumps(int... matches) {
        var pairs = new ArrayList<FramePair>();
        for (int i = 0; i < matches.length; i++) {
            pairs.add(pair(i, i + 2, matches[i], 3));
        }
        return Jumps.marked(pairs, LEAST, 5, 5).stream()
                .filter(p -> Jumps.REASON.equals(p.reason()))
                .map(FramePair::first)
                .toList();
    }

    private static FramePair pair(int first, int second, int matches, double way) {
        return new FramePair(first, second, matches, way, 0.5, 0.2, 0.2, null);
    }
}
