package dev.reelrank.hub.local;

/** How a models folder is arranged. */
public enum Layout {
    /** {@code wan/ qwen/ …}: the files under their own names. */
    PLAIN,
    /** As Hugging Face's tools arrange their cache: blobs, and snapshots that link to them. */
    CACHE
}
