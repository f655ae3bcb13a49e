package dev.reelrank.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The command as a process, as a user starts it.
 *
 * @param folder its data and its log go here
 */
record ReelrankProcess(Path folder) {
    private static final Pattern STUDIO = Pattern.compile("Studio: (http://\\S+)");

    static final Path HOME = Path.of("../..").toAbsolutePath().normalize();

    /** A configuration of two candidates with two steps each, in a file. */
    Path smallConfiguration() throws IOException {
        return Files.writeString(
                folder.resolve("small.yaml"),
                "candidate: {seeds: [7, 8], steps: 2}\nranking: {frames: 4, maskFrames: 2}\n");
    }

    /** The address of the studio that a command of this folder serves, as soon as it prints it. */
    String studio(Process command) throws IOException, InterruptedException {
        return await(command, STUDIO);
    }

    /** Waits until a command that goes on has said something; returns its first group. */
    String await(Process command, Pattern something) throws IOException, InterruptedException {
        Instant limit = Instant.now().plusSeconds(300);
        while (Instant.now().isBefore(limit) && command.isAlive()) {
            var match = something.matcher(said());
            if (match.find()) {
                return match.group(match.groupCount());
            }
            Thread.sleep(100);
        }
        throw new AssertionError("it never said " + something + ": " + said());
    }

    Process start(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx512m",
                                "-Dai.djl.onnx.disable_alternative=true",
                                "-Djava.awt.headless=true",
                                "-Dreelrank.home=" + HOME));
        command.addAll(classes());
        command.add("dev.reelrank.cli.Main");
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(outputFile().toFile()));
        builder.environment().put("REELRANK_DATA", data().toString());
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        // Its farm ends before the optimising compiler has earned what it costs.
        builder.environment().put("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");
        return builder.start();
    }

    /**
     * What the launcher starts, the jars, with an archive of their classes, where Maven has made
     * both; the test's own class path where only classes were compiled.
     */
    static List<String> classes() {
        String built = System.getProperty("reelrank.built");
        if (built == null) {
            return List.of("-cp", System.getProperty("java.class.path"));
        }
        String archive = built + "/tests.jsa";
        return List.of(
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:cds*=off",
                "-Dreelrank.classes=" + archive,
                "-cp",
                built + "/*:" + built + "/lib/*");
    }

    /** Waits for its end and returns its exit code. */
    int run(String... arguments) throws IOException, InterruptedException {
        return start(arguments).waitFor();
    }

    Path data() {
        return folder.resolve("data");
    }

    private Path log() {
        return folder.resolve("said.log");
    }

    private Path outputFile() {
        return folder.resolve("output.log");
    }

    /** What all commands wrote to standard error. */
    String said() throws IOException {
        return Files.exists(log()) ? Files.readString(log(), StandardCharsets.UTF_8) : "";
    }

    /** What all commands wrote to standard output. */
    String output() throws IOException {
        return Files.exists(outputFile())
                ? Files.readString(outputFile(), StandardCharsets.UTF_8)
                : "";
    }
}
