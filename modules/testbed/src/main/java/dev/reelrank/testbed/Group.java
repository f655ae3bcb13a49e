package dev.reelrank.testbed;

/**
 * What a subject is to a reader of prompts; the order is the one in which subjects are looked for.
 */
public enum Group {
    JEWELRY,
    ANIMAL,
    DEVICE,
    FOOD,
    PERSON,
    /** Anything else: the subject is the head noun of its phrase. */
    THING
}
