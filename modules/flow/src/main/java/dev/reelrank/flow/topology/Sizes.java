package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import org.jspecify.annotations.Nullable;

/**
 * How large a record may be that flow takes in. What flow makes of one is larger than the record:
 * its state holds a prompt in the submission and in every request that is open, as JSON, where a
 * control character takes six bytes. A record that does not fit into its topic any more would stop
 * flow, and every process after it.
 */
final class Sizes {
    private static final int MOST = 2 << 20;
    private static final int MOST_OF_A_SELECTION = 64 << 10;

    private Sizes() {}

    /** Why a record is too large, null if it is not. */
    static @Nullable String excess(Topics topics, String topic, byte[] value) {
        int most = topic.equals(topics.selections()) ? MOST_OF_A_SELECTION : MOST;
        long size = written(value);
        return size <= most
                ? null
                : "it has %d bytes as flow writes it, where a control character counts six times; at most %d are taken: shorten its texts"
                        .formatted(size, most);
    }

    /** Bytes of a text as JSON. */
    static long written(byte[] value) {
        if (value.length > MOST) {
            return value.length;
        }
        long size = 0;
        for (byte b : value) {
            size += b >= 0 && b < ' ' ? 6 : b == '"' || b == '\\' ? 2 : 1;
        }
        return size;
    }
}
