package dev.reelrank.testbed.room;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Dice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Frames and prompts of plain rooms ({@link RoomMaker#plain}), for a generator. A share of the
 * rooms bend or swim, and no prompt mentions it: so the generator does the same now and then.
 */
final class PromptFiles implements RoomFiles {
    private static final long FAULTS = 898;
    private static final double BENT = 0.65;

    private final RoomRenderer renderer;
    private final int size;
    private final int frames;
    private final double faulty;

    /**
     * @param faulty share of the clips with a fault, 0..1
     */
    PromptFiles(int size, int frames, int samples, double faulty) {
        this.renderer = new RoomRenderer(size, size, samples);
        this.size = size;
        this.frames = frames;
        this.faulty = faulty;
    }

    @Override
    public List<String> names() {
        return List.of("rgb.u8", "jsonl");
    }

    @Override
    public byte[][] make(long seed) {
        RoomScene scene = RoomMaker.plain(seed);
        var dice = new Dice(seed, FAULTS);
        RoomFault fault = null;
        if (dice.chance(faulty)) {
            fault = dice.chance(BENT) ? RoomFault.BENDING_WALLS : RoomFault.SWIMMING_TEXTURE;
        }
        RoomClip clip =
                fault == null
                        ? renderer.render(scene, frames)
                        : renderer.render(scene, frames, fault, strength(fault, dice));
        ByteBuffer rgb = ByteBuffer.allocate(frames * size * size * 3);
        for (RgbImage frame : clip.frames()) {
            rgb.put(frame.rgb());
        }
        return new byte[][] {rgb.array(), line(scene, fault).getBytes(StandardCharsets.UTF_8)};
    }

    private static double strength(RoomFault fault, Dice dice) {
        return fault == RoomFault.BENDING_WALLS
                ? dice.between(0.8f, 1.3f)
                : dice.between(0.4f, 0.8f);
    }

    private static String line(RoomScene scene, @Nullable RoomFault fault) {
        // Neither prompts nor names have quotes in them.
        return "{\"prompt\":\"%s\",\"move\":\"%s\",\"fault\":%s}%n"
                .formatted(
                        scene.prompt(),
                        name(scene.move()),
                        fault == null ? null : '"' + name(fault) + '"')
                .replace("\r\n", "\n");
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
