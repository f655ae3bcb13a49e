package dev.reelrank.qwen;

/**
 * Which frames of a video the reward model sees: two a second, as qwen-vl-utils 0.0.14 and
 * VideoAlign (219ab9db) choose them.
 */
public final class RewardFrames {
    /** Frames a second that the published scores rest on. */
    static final double RATE = 2;

    private static final int LEAST = 4;
    private static final int MOST = 768;

    private RewardFrames() {}

    /**
     * Their indices.
     *
     * @param total frames of the video, at least 2
     * @param fps of the video: another one means other frames and another score
     * @return ascending, an even number of them
     */
    public static int[] indices(int total, double fps) {
        if (total < 2) {
            throw new IllegalArgumentException("a video of " + total + " frames has no motion");
        }
        double most = Math.floor(Math.min(MOST, total) / 2.0) * 2;
        double wanted = Math.min(Math.max(total / fps * RATE, LEAST), most);
        int count = (int) Math.rint(wanted / 2) * 2;
        return spread(total - 1, count);
    }

    /** torch.linspace in float32, rounded half to even. */
    private static int[] spread(int end, int count) {
        var indices = new int[count];
        float step = (float) end / (count - 1);
        for (int i = 0; i < count; i++) {
            float at = i < count / 2 ? step * i : end - step * (count - 1 - i);
            indices[i] = (int) Math.rint(at);
        }
        return indices;
    }
}
