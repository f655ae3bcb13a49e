package dev.reelrank.testbed.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.testbed.Split;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class PromptFilesTest {
    private static final int SIZE = 16;

    @Test
    void shouldWriteFramesAndALinePerClip() {
        byte[][] made = new PromptFiles(SIZE, 3, 1, 0).make(Split.TRAIN.seed(5));
        assertThat(made[0]).hasSize(3 * SIZE * SIZE * 3);
        assertThat(new String(made[1], StandardCharsets.UTF_8))
                .startsWith("{\"prompt\":\"An empty room")
                .endsWith("\"fault\":null}\n");
    }

    @Test
    void shouldBendOrSwimAsOftenAsIsAskedFor() {
        var files = new PromptFiles(SIZE, 2, 1, 0.3);
        long faulty =
                LongStream.range(0, 200)
                        .mapToObj(i -> files.make(Split.TRAIN.seed(i))[1])
                        .map(line -> new String(line, StandardCharsets.UTF_8))
                        .filter(
                                line ->
                                        line.matches(
                                                "(?s).*\"(bending_walls|swimming_texture)\"}.*"))
                        .count();
        assertThat(faulty).isBetween(40L, 80L);
    }

    @Test
    void shouldLeaveTheCameraOfAPlainRoomNoChoice() {
        for (long i = 0; i < 60; i++) {
            RoomScene scene = RoomMaker.plain(Split.TRAIN.seed(i));
            if (scene.move() == RoomMove.PUSH_IN) {
                var from = scene.path().at(0);
                var to = scene.path().at(1);
                assertThat(Math.hypot(to.x() - from.x(), to.z() - from.z()))
                        .isBetween(0.699, 0.701);
            }
            assertThat(scene.fieldOfView()).isBetween(1.099, 1.101);
        }
    }
}
