package dev.reelrank.hub.checkpoint;

import java.util.List;
import java.util.Map;

/** What a pickle of tensors can consist of. */
sealed interface Value {
    /** Python's None. */
    enum None implements Value {
        NONE
    }

    /** A text. */
    record Text(String text) implements Value {}

    /** A whole number, or a truth value as 0 and 1. */
    record Whole(long number) implements Value {}

    /** A number with a fraction. */
    record Real(double number) implements Value {}

    /** Bytes that say nothing about tensors. */
    record Bytes(int count) implements Value {}

    /** A list; may still grow. */
    record Sequence(List<Value> items) implements Value {}

    /** A tuple. */
    record Tuple(List<Value> items) implements Value {}

    /** A dictionary; may still grow. */
    record Dictionary(Map<Value, Value> entries) implements Value {
        /** By identity: a dictionary may contain itself. */
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** A class or function that the allow-list has. */
    record Global(String module, String name) implements Value {}

    /**
     * Bytes of the archive.
     *
     * @param type of the elements, {@link ElementType#U8} where a tensor names its own
     * @param key of the archive's entry
     * @param elements in it
     */
    record Storage(ElementType type, String key, long elements) implements Value {}

    /**
     * A view of a storage.
     *
     * @param storage with the elements
     * @param type of the elements
     * @param offset first element
     * @param shape length of each axis
     * @param strides elements from one index of an axis to the next
     */
    record Tensor(
            Storage storage, ElementType type, long offset, List<Long> shape, List<Long> strides)
            implements Value {}
}
