package dev.reelrank.bus;

/** Where an event goes: a topic and the record's key. */
public record Route(String topic, String key) {}
