package dev.reelrank.bench.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RoomTableTest {
    private static final List<String> FAULTS =
            List.of("bending_walls", "sliding_object", "swimming_texture", "camera_jump", "frozen");

    @Test
    void shouldCountAClipWithoutScoreAsTheWorseOne() {
        var table = table(List.of(scene(0, 0.3, 0.5, null), scene(1, 0.3, 0.5, 0.9)));
        assertThat(table.noticed().get("frozen"))
                .containsEntry("epipolar_sampson", 1.0)
                .containsEntry("geometry_vggt_mse", 1.0);
        assertThat(table.missed()).containsExactly("2 of 100 scenes were looked at");
    }

    @Test
    void shouldNameWhatIsNotNoticedOftenEnough() {
        // In the second scene the clean clip is worse than every faulty one.
        var table = table(List.of(scene(0, 0.3, 0.5, 0.9), scene(1, 0.8, 0.5, 0.5)));
        assertThat(table.noticed().get("camera_jump")).containsEntry("epipolar_sampson", 0.5);
        assertThat(table.either()).containsEntry("camera_jump", 0.5);
        assertThat(table.missed())
                .contains("epipolar_sampson notices camera_jump in 50 % of the pairs");
        assertThat(table.table()).contains("camera_jump").contains("50 %");
    }

    @Test
    void shouldGiveNothingToACleanClipWithoutScore() {
        var table = table(List.of(scene(0, null, 0.5, 0.9)));
        assertThat(table.noticed().get("frozen")).containsEntry("epipolar_sampson", 0.0);
        assertThat(table.cleanWithout()).containsEntry("epipolar_sampson", 1);
    }

    @Test
    void shouldSayHowOftenAHarmlessChangeTurnsTheOrder() {
        List<RoomCase> turned = scene(0, 0.3, 0.5, 0.9);
        turned.removeIf(c -> c.made().equals("crf28"));
        turned.add(one(0, "crf28", 0.7));
        var table = table(List.of(turned, scene(1, 0.3, 0.5, 0.9)));
        // Four of ten noticed pairs: the frozen clip of the first scene stays the worse one.
        assertThat(table.harmless().get("crf28")).containsEntry("epipolar_sampson", 0.4);
        assertThat(table.oneSided().get("crf28")).containsEntry("epipolar_sampson", 0.4);
        var byFault = Objects.requireNonNull(table.harmlessByFault().get("crf28"));
        assertThat(byFault.get("camera_jump")).containsEntry("epipolar_sampson", 0.5);
        assertThat(byFault.get("frozen")).containsEntry("epipolar_sampson", 0.0);
        assertThat(table.harmless().get("brightness")).containsEntry("epipolar_sampson", 0.0);
        assertThat(table.missed())
                .contains(
                        "crf28 alone turns the order of epipolar_sampson in 50 % of the noticed pairs of"
                                + " camera_jump");
    }

    @Test
    void shouldChangeBothClipsAlike() {
        // Compression makes both clips worse, and leaves their order.
        List<RoomCase> alike = scene(0, 0.3, 0.5, 0.9);
        alike.removeIf(c -> c.made().endsWith("crf28"));
        alike.add(one(0, "crf28", 0.7));
        FAULTS.forEach(f -> alike.add(one(0, f + "+crf28", 0.8)));
        var table = table(List.of(alike));
        assertThat(table.harmless().get("crf28")).containsEntry("epipolar_sampson", 0.0);
        assertThat(table.oneSided().get("crf28")).containsEntry("epipolar_sampson", 0.8);
        assertThat(table.byMove().get("frozen")).containsEntry("push_in", 1.0);
    }

    private static RoomTable table(List<List<RoomCase>> scenes) {
        var all = new ArrayList<RoomCase>();
        scenes.forEach(all::addAll);
        return RoomTable.of("a test", "geometry_vggt_mse", "test", all);
    }

    /** A scene whose faults all have one score, but the frozen one another. */
    private static List<RoomCase> scene(
            int index, @Nullable Double clean, double faulty, @Nullable Double frozen) {
        var cases = new ArrayList<RoomCase>();
        cases.add(one(index, "clean", clean));
        FAULTS.forEach(
                f -> cases.add(one(index, f, f.equals("frozen") ? frozen : (Double) faulty)));
        for (String change : RoomTable.HARMLESS) {
            FAULTS.forEach(
                    f ->
                            cases.add(
                                    one(
                                            index,
                                            f + "+" + change,
                                            f.equals("frozen") ? frozen : (Double) faulty)));
        }
        cases.add(one(index, "crf28", clean));
        cases.add(one(index, "brightness", clean));
        return cases;
    }

    private static RoomCase one(int index, String made, @Nullable Double score) {
        return new RoomCase(index, "push_in", made, score, score, score, 0.9, 0.1, 1);
    }
}
