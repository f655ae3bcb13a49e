package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.room.RoomFault;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testbed.room.RoomScene;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RoomTruthTest {
    private static final RoomScene SCENE = RoomMaker.plain(Split.VALIDATION.seed(3));
    private static final RoomTruth TRUTH = new RoomTruth(SCENE);
    private static final RoomRenderer RENDERER = new RoomRenderer(Sample.SIDE, Sample.SIDE, 2);

    private final List<RgbImage> clean = RENDERER.render(SCENE, Sample.FRAMES).frames();

    @Test
    void shouldFindNoErrorInTheTrueRoom() {
        assertThat(TRUTH.error(clean)).isZero();
        assertThat(TRUTH.reached(clean)).isEqualTo(1);
        assertThat(TRUTH.first().rgb())
                .isEqualTo(clean.get(0).rgb())
                .isEqualTo(RoomTruth.first(SCENE).rgb());
    }

    @Test
    void shouldFindErrorWhereTheRoomBendsOrItsTexturesSwim() {
        double bent = error(RENDERER.render(SCENE, 17, RoomFault.BENDING_WALLS, 1).frames());
        double swum = error(RENDERER.render(SCENE, 17, RoomFault.SWIMMING_TEXTURE, 0.5).frames());
        assertThat(bent).isGreaterThan(0.002);
        assertThat(swum).isGreaterThan(0.002);
    }

    @Test
    void shouldNotBlameACameraThatIsALittleSlower() {
        double[] times = IntStream.range(0, 17).mapToDouble(i -> 0.75 * i / 16).toArray();
        var slower = RENDERER.render(SCENE, times).frames();
        assertThat(error(slower)).isLessThan(0.0005);
        assertThat(TRUTH.reached(slower)).isEqualTo(0.75);
    }

    @Test
    void shouldSeeThatAFrozenClipGoesNowhere() {
        var frozen = Collections.nCopies(17, clean.get(0));
        assertThat(TRUTH.reached(frozen)).isZero();
        assertThat(error(frozen)).isGreaterThan(0.002);
    }

    private static double error(List<RgbImage> clip) {
        return TRUTH.error(clip);
    }
}
