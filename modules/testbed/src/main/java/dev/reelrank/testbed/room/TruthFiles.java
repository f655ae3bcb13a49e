package dev.reelrank.testbed.room;

import dev.reelrank.pipeline.RgbImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Frames, exact depths and cameras of clean clips. */
final class TruthFiles implements RoomFiles {
    /** Units of a stored depth per metre. */
    private static final double UNITS = 4000;

    private static final int CAMERA = 13;

    private final RoomRenderer renderer;
    private final int size;
    private final int frames;

    TruthFiles(int size, int frames, int samples) {
        this.renderer = new RoomRenderer(size, size, samples);
        this.size = size;
        this.frames = frames;
    }

    @Override
    public List<String> names() {
        return List.of("rgb.u8", "depth.u16", "cameras.f32");
    }

    @Override
    public byte[][] make(long seed) {
        RoomClip clip = renderer.render(RoomMaker.scene(seed), frames);
        int pixels = size * size;
        byte[][] files = {
            new byte[frames * pixels * 3],
            new byte[frames * pixels * Short.BYTES],
            new byte[frames * CAMERA * Float.BYTES]
        };
        ByteBuffer rgb = ByteBuffer.wrap(files[0]);
        ByteBuffer depth = ByteBuffer.wrap(files[1]).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer cameras = ByteBuffer.wrap(files[2]).order(ByteOrder.LITTLE_ENDIAN);
        for (RgbImage frame : clip.frames()) {
            rgb.put(frame.rgb());
        }
        for (float[] of : clip.depths()) {
            for (float metres : of) {
                depth.putShort((short) Math.min(0xffff, Math.round(metres * UNITS)));
            }
        }
        for (RoomCamera camera : clip.cameras()) {
            for (double value : camera.rotation()) {
                cameras.putFloat((float) value);
            }
            for (double value : camera.translation()) {
                cameras.putFloat((float) value);
            }
            cameras.putFloat((float) camera.focal());
        }
        return files;
    }
}
