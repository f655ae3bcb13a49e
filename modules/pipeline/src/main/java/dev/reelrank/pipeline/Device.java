package dev.reelrank.pipeline;

import java.util.regex.Pattern;

/**
 * Where a stage computes: {@code cpu} or {@code cuda:N}.
 *
 * @param index the GPU's index as CUDA counts it, -1 for the CPU
 */
public record Device(int index) {
    public static final Device CPU = new Device(-1);

    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    /** Reads {@code cpu}, {@code cuda} (the first GPU) or {@code cuda:N}. */
    public static Device parse(String text) {
        if (text.equals("cpu")) {
            return CPU;
        }
        var match = CUDA.matcher(text);
        if (!match.matches()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "unknown device: '" + text + "'; use cpu or cuda:N, for example cuda:0");
        }
        return new Device(match.group(1) == null ? 0 : Integer.parseInt(match.group(1)));
    }

    public boolean isCuda() {
        return index >= 0;
    }

    /** {@code cpu} or {@code cuda}: what a result depends on, without the index. */
    public String kind() {
        return isCuda() ? "cuda" : "cpu";
    }

    @Override
    public String toString() {
        return isCuda() ? "cuda:" + index : "cpu";
    }
}
