package dev.reelrank.bus;

import java.util.LinkedHashSet;
import java.util.Set;

/** The last thousand keys. */
final class RecentWork {
    private static final int REMEMBERED = 1_000;

    private final Set<String> keys = new LinkedHashSet<>();

    void add(String key) {
        keys.remove(key);
        keys.add(key);
        if (keys.size() > REMEMBERED) {
            keys.remove(keys.iterator().next());
        }
    }

    boolean contains(String key) {
        return keys.contains(key);
    }
}
