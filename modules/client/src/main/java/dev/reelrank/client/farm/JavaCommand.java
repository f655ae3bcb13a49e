package dev.reelrank.client.farm;

import dev.reelrank.bus.process.ClassPath;
import dev.reelrank.bus.process.JavaHeap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How to start another process of this build: the same Java, class path and settings. */
public final class JavaCommand {
    /**
     * What is called often while a process starts is not worth the optimising compiler: a sixth of
     * the start's time went there. A loop that matters still reaches it, within milliseconds.
     */
    private static final List<String> LATE_OPTIMISING =
            List.of(
                    "-XX:Tier4InvocationThreshold=50000",
                    "-XX:Tier4MinInvocationThreshold=6000",
                    "-XX:Tier4CompileThreshold=100000",
                    "-XX:Tier4BackEdgeThreshold=400000");

    /** From here on Java warns of how the bindings of libtorch and FFmpeg read memory. */
    private static final int WARNS_OF_UNSAFE = 24;

    private JavaCommand() {}

    /**
     * The command line of a JVM like this one.
     *
     * @param heap for example 512m
     * @param shortLived start-up matters more than peak speed
     */
    public static List<String> of(
            String heap, boolean shortLived, String mainClass, List<String> arguments) {
        return of(heap, shortLived, null, mainClass, arguments);
    }

    /**
     * The same with a folder for temporary files.
     *
     * @param temporary null for the system's
     */
    static List<String> of(
            String heap,
            boolean shortLived,
            @Nullable Path temporary,
            String mainClass,
            List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JavaHeap.upTo(heap));
        if (shortLived) {
            command.add("-XX:TieredStopAtLevel=1");
        } else {
            command.addAll(LATE_OPTIMISING);
        }
        if (temporary != null) {
            command.add("-Djava.io.tmpdir=" + temporary);
        }
        command.add("--enable-native-access=ALL-UNNAMED");
        if (Runtime.version().feature() >= WARNS_OF_UNSAFE) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        String classes = System.getProperty("reelrank.classes");
        if (classes != null) {
            // Not fitting, or not there, it is left alone without a word.
            command.add("-XX:SharedArchiveFile=" + classes);
            command.add("-Xlog:cds*=off");
            command.add("-Dreelrank.classes=" + classes);
        }
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
        command.add(ClassPath.absolute());
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
