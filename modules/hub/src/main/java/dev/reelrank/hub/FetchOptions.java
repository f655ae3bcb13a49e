package dev.reelrank.hub;

/**
 * How to fetch.
 *
 * @param inferenceOnly without cards and licences
 * @param update whether revisions are asked for anew, instead of the commits of the lock file
 * @param parallel files at the same time, 1..64
 */
public record FetchOptions(boolean inferenceOnly, boolean update, int parallel) {
    public FetchOptions {
        if (parallel < 1 || parallel > 64) {
            throw new dev.reelrank.pipeline.StageException(
                    dev.reelrank.pipeline.FailureCode.INVALID_CONFIG,
                    "--parallel is " + parallel + ", but must be from 1 to 64");
        }
    }
}
