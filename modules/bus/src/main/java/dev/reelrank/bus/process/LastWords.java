package dev.reelrank.bus.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a process said before it died. A log is appended to by one process after another, so who
 * starts a process notes where its words begin: a death without a word is not explained by the
 * former process's.
 *
 * @param log is written to by the process
 * @param begin where its words begin, bytes
 */
public record LastWords(Path log, long begin) {
    private static final int TAIL = 8192;
    private static final Pattern FRAME = Pattern.compile("at \\S+\\(.*\\)|\\.\\.\\. \\d+ more");

    /**
     * Of the process that is started next.
     *
     * @throws IOException if the log is there and its size cannot be read
     */
    public static LastWords ofNext(Path log) throws IOException {
        return new LastWords(log, Files.exists(log) ? Files.size(log) : 0);
    }

    /**
     * The last meaningful line (not a stack frame), and the location of the log, for the error
     * people see.
     *
     * @throws IOException if the log is there and cannot be read
     */
    public String said() throws IOException {
        long size = Files.exists(log) ? Files.size(log) : 0;
        // A log that became shorter was begun anew since.
        long from = size < begin ? 0 : begin;
        if (size == from) {
            return "it wrote nothing to " + log;
        }
        try (var in = Files.newByteChannel(log)) {
            in.position(Math.max(from, size - TAIL));
            var buffer = ByteBuffer.allocate(TAIL);
            int read;
            do {
                read = in.read(buffer);
            } while (read > 0);
            String tail = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            String last =
                    tail.lines()
                            .map(String::strip)
                            .filter(l -> !l.isEmpty() && !FRAME.matcher(l).matches())
                            .reduce((a, b) -> b)
                            .orElse("");
            return message(last) + " (log: " + log + ")";
        }
    }

    /** Of a structured line its message, of any other the line. */
    private static String message(String line) {
        if (!line.startsWith("{")) {
            return line;
        }
        try {
            return new ObjectMapper().readTree(line).path("formattedMessage").asText(line);
        } catch (JsonProcessingException e) {
            // A line that was cut off returns truncated JSON unchanged.
            return line;
        }
    }
}
