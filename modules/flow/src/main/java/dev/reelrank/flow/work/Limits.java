package dev.reelrank.flow.work;

/**
 * When flow gives up. Every retry ends.
 *
 * @param deaths this many processes that started an item and reported nothing more have crashed on
 *     it
 * @param sameCode this many different processes with the same INTERNAL, MODEL or CONFIG code make
 *     it the item's own fault
 * @param modelFailures MODEL or CONFIG failures after which an item fails for good even if one
 *     process alone reported them: a farm of one does not restart for them
 * @param failures failures of any kind after which an item fails for good
 * @param repairs lost inputs that are made again before a sample fails
 */
public record Limits(int deaths, int sameCode, int modelFailures, int failures, int repairs) {
    public static final Limits DEFAULT = new Limits(5, 2, 3, 10, 2);

    public Limits {
        if (deaths < 2 || sameCode < 2 || modelFailures < 1 || failures < 2 || repairs < 0) {
            throw new IllegalArgumentException(
                    "limits out of range: deaths, sameCode and failures at least 2, modelFailures"
                            + " at least 1, repairs at least 0");
        }
    }
}
