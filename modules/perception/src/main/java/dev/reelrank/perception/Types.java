package dev.reelrank.perception;

import java.util.List;

/** Class objects of generic types, which Java cannot write down. */
final class Types {
    private Types() {}

    @SuppressWarnings({"unchecked", "unused"})
    static <T> Class<List<T>> listOf(Class<T> element) {
        return (Class<List<T>>) (Class<?>) List.class;
    }
}
