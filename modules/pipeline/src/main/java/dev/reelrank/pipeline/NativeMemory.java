package dev.reelrank.pipeline;

import java.util.List;

/**
 * The memory that the bindings of native libraries grant this process.
 *
 * <p>Unasked, they refuse to go on once the process holds four times Java's heap. Weights live
 * outside the heap: those that wait on the host for their turn on a GPU are many times as large.
 */
public final class NativeMemory {
    /** Read once, when the first of their classes is initialised. */
    private static final List<String> LIMITS =
            List.of("org.bytedeco.javacpp.maxbytes", "org.bytedeco.javacpp.maxphysicalbytes");

    private NativeMemory() {}

    /**
     * Lifts the limit, unless somebody set one. To be called before the first native library is
     * used; later it changes nothing.
     */
    public static void unlimited() {
        for (String limit : LIMITS) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "0");
            }
        }
    }
}
