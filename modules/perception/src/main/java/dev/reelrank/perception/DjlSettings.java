package dev.reelrank.perception;

/** What DJL reads from system properties, and what would surprise a user otherwise. */
final class DjlSettings {
    private DjlSettings() {}

    static void apply() {
        // Array arithmetic would otherwise start a second whole engine beside ONNX Runtime.
        defaultTo("ai.djl.onnx.disable_alternative", "true");
        // No look-ups on the network, no reports about the machine.
        defaultTo("ai.djl.offline", "true");
        defaultTo("OPT_OUT_TRACKING", "true");
    }

    private static void defaultTo(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
