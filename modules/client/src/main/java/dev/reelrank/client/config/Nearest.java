package dev.reelrank.client.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** The valid name that a mistyped one most likely meant. */
public final class Nearest {
    private Nearest() {}

    /** The name with the smallest edit distance; the first of equals. */
    public static String to(String typed, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt(name -> distance(plain(typed), plain(name))))
                .orElseThrow();
    }

    private static String plain(String s) {
        return s.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }

    /** Levenshtein's distance: insertions, deletions and replacements. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
