package dev.reelrank.grading.prompt;

import java.util.Optional;

/**
 * Two things of a prompt and how they stand to each other.
 *
 * @param first phrase
 * @param kind how
 * @param second phrase; for {@link Kind#FOREGROUND} the same as the first
 */
public record Relation(String first, Kind kind, String second) {
    /** How two things stand to each other in the picture. */
    public enum Kind {
        LEFT_OF("left of", "to the left of"),
        RIGHT_OF("right of", "to the right of"),
        ON("on", "on top of"),
        BEHIND("behind", "partly behind"),
        FOREGROUND("in the foreground", "in the foreground");

        private final String words;
        private final String asked;

        Kind(String words, String asked) {
            this.words = words;
            this.asked = asked;
        }

        /**
         * Whether a prompt, lower case, speaks of this kind at all; its side may be told from the
         * other thing.
         */
        boolean isSaid(String prompt) {
            return switch (this) {
                case LEFT_OF, RIGHT_OF -> prompt.matches("(?s).*\\b(left|right) of\\b.*");
                case ON -> prompt.matches("(?s).*\\b(on|atop|upon)\\b.*");
                case BEHIND -> prompt.contains("behind");
                case FOREGROUND -> prompt.contains("foreground");
            };
        }

        /** In a list of relations: {@code ring left of ball}. */
        public String words() {
            return words;
        }

        /** In a question: {@code Is the ring to the left of the ball?} */
        public String asked() {
            return asked;
        }
    }

    /** Reads {@code ring left of ball}, {@code cat in the foreground}; empty if it is none. */
    public static Optional<Relation> parse(String text) {
        String plain =
                " " + text.strip().replaceAll("^(the|a|an) ", "").replace("to the ", "") + " ";
        for (Kind kind : Kind.values()) {
            int at = plain.indexOf(" " + kind.words() + " ");
            if (at <= 0) {
                continue;
            }
            String first = article(plain.substring(0, at));
            String second = article(plain.substring(at + kind.words().length() + 2));
            if (kind == Kind.FOREGROUND) {
                return Optional.of(new Relation(first, kind, first));
            }
            if (!first.isEmpty() && !second.isEmpty()) {
                return Optional.of(new Relation(first, kind, second));
            }
        }
        return Optional.empty();
    }

    private static String article(String phrase) {
        return phrase.strip().replaceAll("^(the|a|an) ", "").replaceAll("( is| are)$", "").strip();
    }
}
