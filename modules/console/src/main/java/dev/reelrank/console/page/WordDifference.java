package dev.reelrank.console.page;

import java.util.ArrayList;
import java.util.List;

/** Which words of a text are new against another: the longest common sequence of words stays. */
final class WordDifference {
    private static final int MOST_WORDS = 2_000;

    private WordDifference() {}

    /**
     * A run of words.
     *
     * @param added the words do not stand in the earlier text at this place
     */
    record Part(String words, boolean added) {}

    /** The later text in parts; longer texts than 2,000 words are one part that is not marked. */
    static List<Part> of(String before, String after) {
        String[] a = words(before);
        String[] b = words(after);
        if (a.length > MOST_WORDS || b.length > MOST_WORDS) {
            return List.of(new Part(after, false));
        }
        int[][] common = new int[a.length + 1][b.length + 1];
        for (int i = a.length - 1; i >= 0; i--) {
            for (int j = b.length - 1; j >= 0; j--) {
                common[i][j] =
                        same(a[i], b[j])
                                ? common[i + 1][j + 1] + 1
                                : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        var parts = new ArrayList<Part>();
        int i = 0;
        for (int j = 0; j < b.length; j++) {
            while (i < a.length && !same(a[i], b[j]) && common[i + 1][j] == common[i][j]) {
                i++;
            }
            boolean kept = i < a.length && same(a[i], b[j]);
            if (kept) {
                i++;
            }
            add(parts, b[j], !kept);
        }
        return parts;
    }

    private static void add(List<Part> parts, String word, boolean added) {
        int last = parts.size() - 1;
        if (last >= 0 && parts.get(last).added() == added) {
            parts.set(last, new Part(parts.get(last).words() + " " + word, added));
        } else {
            parts.add(new Part(word, added));
        }
    }

    private static boolean same(String a, String b) {
        return a.equalsIgnoreCase(b);
    }

    private static String[] words(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? new String[0] : stripped.split("\\s+");
    }
}
