package dev.reelrank.wan;

import org.bytedeco.pytorch.Tensor;

/** Sees what the parts of a network make of their input. */
interface PartWatch {
    PartWatch NONE = (part, made) -> {};

    /**
     * Sees one part's result.
     *
     * @param part in words that stand in a message
     * @param made of the open scope; not to be changed or kept
     */
    void made(String part, Tensor made);
}
