package dev.reelrank.pipeline.stage;

/**
 * What a loaded stage reserves.
 *
 * @param deviceGib memory on its device, GiB, at least 0; on the CPU this is host memory
 * @param hostGib further host memory, GiB, at least 0
 */
public record Needs(double deviceGib, double hostGib) {
    public Needs {
        if (!(deviceGib >= 0) || !(hostGib >= 0)) {
            throw new IllegalArgumentException(
                    "needs must be at least 0 GiB, were " + deviceGib + " and " + hostGib);
        }
    }
}
