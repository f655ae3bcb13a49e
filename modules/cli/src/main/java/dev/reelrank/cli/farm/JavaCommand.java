package dev.reelrank.cli.farm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start another process of this build: the same Java, class path and settings. */
final class JavaCommand {
    private JavaCommand() {}

    /**
     * @param heap for example 512m
     * @param shortLived start-up matters more than peak speed
     */
    static List<String> of(
            String heap, boolean shortLived, String mainClass, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        if (shortLived) {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.add("--enable-native-access=ALL-UNNAMED");
        for (String property :
                List.of(
                        "java.awt.headless",
                        "ai.djl.onnx.disable_alternative",
                        "reelrank.home",
                        "java.library.path",
                        "org.bytedeco.javacpp.pathsFirst",
                        "onnxruntime.native.path")) {
            String value = System.getProperty(property);
            if (value != null) {
                command.add("-D" + property + "=" + value);
            }
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
