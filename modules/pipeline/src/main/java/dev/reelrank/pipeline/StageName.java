package dev.reelrank.pipeline;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The name of a stage. Which stages there are, and in which order, stands in {@link
 * dev.reelrank.pipeline.stage.Stages}; the constants here are those that code speaks about.
 *
 * @param id as in topics, commands, file names and metrics: {@code prompt}, {@code candidate}, …;
 *     matches {@code [a-z][a-z0-9]*}
 */
public record StageName(String id) {
    // Before the constants: making one asks it.
    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9]*");

    public static final StageName PROMPT = new StageName("prompt");
    public static final StageName CANDIDATE = new StageName("candidate");
    public static final StageName RANKING = new StageName("ranking");
    public static final StageName GRADE = new StageName("grade");
    public static final StageName TUNE = new StageName("tune");
    public static final StageName ALIGN = new StageName("align");
    public static final StageName EVALUATE = new StageName("evaluate");

    public StageName {
        Objects.requireNonNull(id, "id is null");
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "a stage's name matches " + ID + ", this is '" + id + "'");
        }
    }

    /** The name with a symbol as it stands in events: {@code PROMPT}. */
    public static StageName ofSymbol(String symbol) {
        return new StageName(symbol.toLowerCase(Locale.ROOT));
    }

    /** As it stands in events and in flow's state, where it was a constant's name at first. */
    public String symbol() {
        return id.toUpperCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return id;
    }
}
