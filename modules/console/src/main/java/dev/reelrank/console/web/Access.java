package dev.reelrank.console.web;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may do what. Without tokens, everybody who reaches the server may do everything. */
public final class Access {
    private static final int SHORTEST = 16;

    private final List<Token> tokens;

    /** What a token allows. */
    public enum Role {
        /** Look at everything. */
        READ,
        /** Submit, vote and retry too. */
        WRITE
    }

    private record Token(Role role, byte[] bytes) {}

    private Access(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    /** No token is asked for. */
    public static Access open() {
        return new Access(List.of());
    }

    /**
     * Reads tokens: one per line, {@code read TOKEN} or {@code write TOKEN}; empty lines and lines
     * that begin with # are left out.
     *
     * @throws StageException INVALID_CONFIG with the line, if it is none of these or its token is
     *     shorter than 16 characters; if there is no token at all
     */
    public static Access of(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "cannot read the token file " + file + ": " + e, e);
        }
        var tokens = new ArrayList<Token>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                tokens.add(token(file, i + 1, line));
            }
        }
        if (tokens.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the token file %s has no token; write a line such as 'write %s'"
                            .formatted(file, "<at least 16 random characters>"));
        }
        return new Access(tokens);
    }

    private static Token token(Path file, int line, String text) {
        String[] words = text.split("\\s+", -1);
        Optional<Role> role =
                words.length == 2
                        ? List.of(Role.values()).stream()
                                .filter(r -> r.name().toLowerCase(Locale.ROOT).equals(words[0]))
                                .findFirst()
                        : Optional.empty();
        if (role.isEmpty() || words[1].length() < SHORTEST) {
            // The token itself is a secret and must not reach a log.
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s:%d: expected 'read TOKEN' or 'write TOKEN' with at least %d characters"
                            .formatted(file, line, SHORTEST));
        }
        return new Token(role.get(), words[1].getBytes(StandardCharsets.UTF_8));
    }

    /** Whether a token is needed at all. */
    public boolean isOpen() {
        return tokens.isEmpty();
    }

    /**
     * What somebody with this token may do; empty for nothing. Takes the same time for every wrong
     * token of a length.
     */
    public Optional<Role> role(@Nullable String token) {
        if (tokens.isEmpty()) {
            return Optional.of(Role.WRITE);
        }
        if (token == null) {
            return Optional.empty();
        }
        byte[] given = token.getBytes(StandardCharsets.UTF_8);
        Role found = null;
        for (Token known : tokens) {
            if (MessageDigest.isEqual(known.bytes(), given)
                    && (found == null || known.role() == Role.WRITE)) {
                found = known.role();
            }
        }
        return Optional.ofNullable(found);
    }
}
