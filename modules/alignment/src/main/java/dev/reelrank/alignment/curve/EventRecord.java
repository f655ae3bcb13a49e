package dev.reelrank.alignment.curve;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * One record of a TensorBoard event file: an Event message of TensorFlow's {@code event.proto} in
 * the framing of {@code record_writer.cc} (length, its checksum, message, its checksum).
 */
final class EventRecord {
    private static final int MASK = 0xa282ead8;

    private EventRecord() {}

    /** The first record of every file. */
    static byte[] version(double wallTime) {
        var event = new Message().fixed64(1, Double.doubleToLongBits(wallTime));
        return framed(event.bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8)).toBytes());
    }

    /**
     * Numbers of one step.
     *
     * @param wallTime seconds since 1970
     */
    static byte[] scalars(double wallTime, long step, Map<String, Double> values) {
        var summary = new Message();
        values.forEach(
                (tag, value) ->
                        summary.bytes(
                                1,
                                new Message()
                                        .bytes(1, tag.getBytes(StandardCharsets.UTF_8))
                                        .fixed32(2, Float.floatToIntBits(value.floatValue()))
                                        .toBytes()));
        return framed(
                new Message()
                        .fixed64(1, Double.doubleToLongBits(wallTime))
                        .varint(2, step)
                        .bytes(5, summary.toBytes())
                        .toBytes());
    }

    private static byte[] framed(byte[] message) {
        var record = ByteBuffer.allocate(16 + message.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(message.length);
        record.putInt(masked(record.array(), 8));
        record.put(message).putInt(masked(message, message.length));
        return record.array();
    }

    private static int masked(byte[] bytes, int length) {
        var checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        int value = (int) checksum.getValue();
        return ((value >>> 15) | (value << 17)) + MASK;
    }

    /** A message in the protocol buffers' wire format. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int BYTES = 2;
        private static final int FIXED32 = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message varint(int field, long value) {
            tag(field, VARINT);
            number(value);
            return this;
        }

        Message fixed64(int field, long bits) {
            tag(field, FIXED64);
            out.writeBytes(
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
            return this;
        }

        Message fixed32(int field, int bits) {
            tag(field, FIXED32);
            out.writeBytes(
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bits).array());
            return this;
        }

        Message bytes(int field, byte[] value) {
            tag(field, BYTES);
            number(value.length);
            out.writeBytes(value);
            return this;
        }

        private void tag(int field, int type) {
            number((long) field << 3 | type);
        }

        private void number(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                out.write((int) ((left & 0x7f) | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }
}
