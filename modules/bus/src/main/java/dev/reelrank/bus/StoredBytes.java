package dev.reelrank.bus;

/**
 * A record as it stands on a topic, not decoded.
 *
 * @param key empty if it has none
 */
public record StoredBytes(String topic, String key, byte[] value) {}
