package dev.reelrank.bench.conformance;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Collects what one fixture's parts differ by. */
final class Findings {
    private static final String RELATIVE = "relative";
    private static final String DIFFERING = "differing";

    private final List<Finding> found = new ArrayList<>();
    private final Fixture fixture;
    private final double limit;
    private final boolean rounded;

    /**
     * @param limit the largest relative error that passes
     * @param rounded whether a part may also be as far off as twice the original is when it rounds
     *     as we do; the fixture knows how far that is
     */
    Findings(Fixture fixture, double limit, boolean rounded) {
        this.fixture = fixture;
        this.limit = limit;
        this.rounded = rounded;
    }

    List<Finding> found() {
        return List.copyOf(found);
    }

    /** Compares by the largest difference over the largest value. */
    void compare(String part, Tensor actual, Tensor wanted) {
        try (var scope = TensorScope.open()) {
            compare(part, Ops.floats(actual), Ops.floats(wanted));
        }
    }

    /** The same for values in row order. */
    void compare(String part, float[] actual, float[] wanted) {
        add(part, relativeError(actual, wanted), limitOf(part, limit), RELATIVE);
    }

    /** Something that is equal or not, for example a list of ids. */
    void equal(String part, boolean equal) {
        add(part, equal ? 0 : 1, 0, DIFFERING);
    }

    /** The share of bytes that are more than one level apart; rounding decides about one level. */
    void compareLevels(String part, byte[] actual, byte[] wanted) {
        if (actual.length != wanted.length) {
            add(part, Double.NaN, 0, DIFFERING);
            return;
        }
        int apart = 0;
        for (int i = 0; i < actual.length; i++) {
            apart += Math.abs((actual[i] & 0xff) - (wanted[i] & 0xff)) > 1 ? 1 : 0;
        }
        share(part, (double) apart / Math.max(1, actual.length), limitOf(part, 0.001));
    }

    private double limitOf(String part, double least) {
        return rounded ? Math.max(least, 2 * fixture.rounding(part)) : least;
    }

    /** A share of differing values. */
    void share(String part, double share, double most) {
        add(part, share, most, DIFFERING);
    }

    private void add(String part, double error, double most, String measure) {
        found.add(new Finding(fixture.kind(), part, fixture.name(), error, most, measure));
    }

    /** NaN if the sizes differ or a value is no number. */
    static double relativeError(float[] actual, float[] wanted) {
        if (actual.length != wanted.length) {
            return Double.NaN;
        }
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            // Math.max keeps a NaN.
            difference = Math.max(difference, Math.abs((double) actual[i] - wanted[i]));
            largest = Math.max(largest, Math.abs((double) wanted[i]));
        }
        return difference == 0 ? 0 : difference / largest;
    }
}
