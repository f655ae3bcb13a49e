package dev.reelrank.worker.store;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** A server that speaks S3, as a process; on loopback, with one bucket. */
final class S3Server implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("ports? .*?(\\d+) \\(http\\)");

    private final Process process;
    private final int port;

    private S3Server(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static S3Server start(Path folder, String bucket) throws IOException {
        var jar =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> entry.contains("s3mock"))
                        .findFirst()
                        .orElseThrow();
        var process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Xmx192m",
                                        "-XX:TieredStopAtLevel=1",
                                        "-jar",
                                        jar,
                                        "--server.address=127.0.0.1",
                                        "--server.port=0",
                                        "--com.adobe.testing.s3mock.http-port=0",
                                        "--com.adobe.testing.s3mock.store.root=" + folder,
                                        "--com.adobe.testing.s3mock.store.initial-buckets="
                                                + bucket))
                        .redirectErrorStream(true)
                        .start();
        var output = process.inputReader(StandardCharsets.UTF_8);
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            var match = PORT.matcher(line);
            if (line.contains("Tomcat started") && match.find()) {
                drain(output);
                return new S3Server(process, Integer.parseInt(match.group(1)));
            }
        }
        throw new IllegalStateException("the S3 server ended with " + process.exitValue());
    }

    /** The test reads no further, so the pipe would fill. */
    private static void drain(BufferedReader output) {
        var thread = new Thread(() -> output.lines().forEach(line -> {}), "s3-output");
        thread.setDaemon(true);
        thread.start();
    }

    /** It keeps its connections, accepts new ones, and says nothing. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
