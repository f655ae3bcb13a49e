package dev.reelrank.qwen;

import java.util.List;
import java.util.Set;

/** Something that answers conversations: the model in this process, or one served elsewhere. */
public interface TextGenerator {
    /**
     * Answers each conversation by itself; together only because that is faster.
     *
     * @param chats each ends with a user's turn
     * @param watch receives progress and may end the work early
     * @return one answer a conversation, in order
     * @throws dev.reelrank.pipeline.StageException PROMPT_TOO_LONG, a RESOURCES code, or
     *     ENDPOINT_UNAVAILABLE when a remote model does not answer
     */
    List<Generation> generate(List<List<Turn>> chats, Decoding decoding, Watch watch);

    /** Texts that mean something to the model and must not stand in a user's words. */
    Set<String> specialTokens();

    /** Hears of every few tokens. */
    interface Watch {
        /** Wants to hear nothing. */
        Watch NONE = (step, of) -> true;

        /**
         * A token is made.
         *
         * @param step tokens made so far
         * @param of most tokens there can be
         * @return false to end: {@link CancelledException} follows
         */
        boolean progress(int step, int of);
    }

    /** The watch asked for the end. */
    final class CancelledException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public CancelledException() {
            super("generation was cancelled");
        }
    }
}
