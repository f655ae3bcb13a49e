package dev.reelrank.alignment.pairs;

import static dev.reelrank.alignment.pairs.Examples.blob;
import static dev.reelrank.alignment.pairs.Examples.pair;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.alignment.pairs.PairCheck.Content;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PairCheckTest {
    private final Set<BlobRef> gone = new HashSet<>();
    private final Map<BlobRef, Content> contents = new HashMap<>();
    private final Set<BlobRef> broken = new HashSet<>();
    private final PairCheck check = new PairCheck(blob -> !gone.contains(blob), this::inspect);

    @Test
    void findsNothingInGoodPairs() {
        assertThat(
                        check.check(
                                List.of(pair("a", "x", "y"), pair("b", "x", "z")),
                                List.of(pair("c", "p", "q"))))
                .isEmpty();
    }

    @Test
    void namesAMissingBlob() {
        gone.add(blob("y"));

        assertThat(problems(pair("a", "x", "y")))
                .singleElement()
                .asString()
                .contains("pair 1")
                .contains("the loser is not in the result store");
    }

    @Test
    void namesABrokenVideoByItsPair() {
        broken.add(blob("w57"));

        assertThat(problems(pair("a", "x", "y"), pair("b", "w57", "z")))
                .singleElement()
                .asString()
                .contains("pair 2")
                .contains("the winner cannot be read: it ends early");
    }

    @Test
    void findsLatentsThatAreNotFinite() {
        contents.put(blob("x"), new Content(List.of(64L, 64L, 17L), false));

        assertThat(problems(pair("a", "x", "y")))
                .singleElement()
                .asString()
                .contains("the winner holds NaN or infinity");
    }

    @Test
    void findsSidesOfDifferentShapes() {
        contents.put(blob("x"), new Content(List.of(64L, 64L, 9L), true));

        assertThat(problems(pair("a", "x", "y")))
                .singleElement()
                .asString()
                .contains("the winner's shape is [64, 64, 9], the loser's [64, 64, 17]");
    }

    @Test
    void findsAWinnerThatEqualsItsLoser() {
        assertThat(problems(pair("a", "x", "x")))
                .singleElement()
                .asString()
                .contains("the winner equals its loser");
    }

    @Test
    void findsDuplicatesAndContradictions() {
        assertThat(problems(pair("a", "x", "y"), pair("a", "x", "y"), pair("a", "y", "x")))
                .extracting(Object::toString)
                .satisfiesExactly(
                        p -> assertThat(p).contains("pair 2").contains("duplicate of pair 1"),
                        p -> assertThat(p).contains("pair 3").contains("contradicts pair 2"));
    }

    @Test
    void findsASampleThatStandsOnBothSidesOfTheSplit() {
        assertThat(check.check(List.of(pair("a", "x", "y")), List.of(pair("a", "x", "z"))))
                .singleElement()
                .asString()
                .contains("sample a stands in the held-out pairs too");
    }

    private List<PairCheck.Problem> problems(VideoPair... pairs) {
        return check.check(List.of(pairs), List.of());
    }

    private Content inspect(PairVideo side) {
        if (broken.contains(side.blob())) {
            throw new StageException(FailureCode.UNREADABLE_VIDEO, "it ends early");
        }
        return contents.getOrDefault(side.blob(), new Content(List.of(64L, 64L, 17L), true));
    }
}
