package dev.reelrank.djl;

/**
 * The system properties for DJL, whose defaults would surprise users. Code that uses DJL calls
 * {@link #apply} first; it is cheap and may be called often.
 */
public final class DjlSettings {
    private static final String FORK = "ai.djl.util.cuda.fork";

    /*
     * DJL looks for GPUs to name the folder that its native libraries are unpacked to. It loads the
     * CUDA runtime that it finds first into this process, for all to see; where a host has several
     * copies it may be another one than libtorch's, and libtorch's next kernels go to it: "invalid
     * resource handle". Told to look in a process of its own instead, it cannot read that one's
     * answer on Java 24 and later, and names another folder than a process that looked itself: they
     * get in each other's way. Reelrank always names devices, so no look-up is needed: while this
     * property is set the class loads no runtime, and without one it counts no GPU.
     */
    static {
        String before = System.setProperty(FORK, "true");
        try {
            Class.forName("ai.djl.util.cuda.CudaUtils");
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("this is not the pinned version of DJL", e);
        } finally {
            if (before == null) {
                System.clearProperty(FORK);
            } else {
                System.setProperty(FORK, before);
            }
        }
    }

    private DjlSettings() {}

    /** Sets what is not set yet. */
    public static void apply() {
        // Array arithmetic would otherwise start a second whole engine beside ONNX Runtime.
        defaultTo("ai.djl.onnx.disable_alternative", "true");
        // No look-ups on the network, no reports about the machine.
        defaultTo("ai.djl.offline", "true");
        defaultTo("OPT_OUT_TRACKING", "true");
        // The tokenizers' native part runs on the CPU.
        defaultTo("RUST_FLAVOR", "cpu");
    }

    private static void defaultTo(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
