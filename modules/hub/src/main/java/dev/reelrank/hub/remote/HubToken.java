package dev.reelrank.hub.remote;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The user's access token. Its text is never in a message: only where it came from. */
public final class HubToken {
    private final String value;
    private final String source;

    private HubToken(String value, String source) {
        this.value = value;
        this.source = source;
    }

    /**
     * {@code HF_TOKEN}, or else the file {@code HF_TOKEN_PATH}, which is {@code HF_HOME/token}
     * where it is not set.
     *
     * @param home {@code HF_HOME}
     * @throws StageException INVALID_CONFIG if what is there cannot be a token
     */
    static Optional<HubToken> find(Map<String, String> environment, Path home) {
        String given = environment.getOrDefault("HF_TOKEN", "").strip();
        if (!given.isEmpty()) {
            return Optional.of(checked(given, "the environment variable HF_TOKEN"));
        }
        String path = environment.getOrDefault("HF_TOKEN_PATH", "");
        Path file = path.isEmpty() ? home.resolve("token") : Path.of(path);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(checked(text, "file " + file));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot read the access token in " + file + ": " + e.getClass().getSimpleName(),
                    e);
        }
    }

    private static HubToken checked(String value, String source) {
        if (!value.matches("[\\x21-\\x7e]+")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    source + " is no access token: it has blanks, line breaks or special letters");
        }
        return new HubToken(value, source);
    }

    String header() {
        return "Bearer " + value;
    }

    /** Where it was found, for messages. */
    String source() {
        return source;
    }

    @Override
    public String toString() {
        return "token of " + source;
    }
}
