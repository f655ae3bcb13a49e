package dev.reelrank.testbed;

/** What can be done to a clip so that one kind of evidence should notice it. */
public enum Corruption {
    /** A second, shifted copy of the subject shines through in every frame but the first. */
    GHOST,
    /** The brightness of every other frame is changed. */
    FLICKER,
    /** The first frame stays for the whole clip. */
    FREEZE,
    /** The subject turns into another colour bit by bit. */
    COLOUR_DRIFT,
    /** The subject does the opposite of what the prompt says. */
    WRONG_DIRECTION,
    /** From the middle on another subject does the same. */
    IDENTITY_SWAP,
    /** Another subject from the first frame on. */
    WRONG_SUBJECT,
    /** The relation of the prompt does not hold: the first subject starts on the other side. */
    WRONG_PLACE
}
