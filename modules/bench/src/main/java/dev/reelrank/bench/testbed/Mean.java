package dev.reelrank.bench.testbed;

/** A running mean with its spread. */
final class Mean {
    private int count;
    private double sum;
    private double squares;

    void add(double value) {
        count++;
        sum += value;
        squares += value * value;
    }

    void add(boolean value) {
        add(value ? 1 : 0);
    }

    int count() {
        return count;
    }

    double value() {
        return count == 0 ? Double.NaN : sum / count;
    }

    double sum() {
        return sum;
    }

    /** The lower end of the 95 % interval of the mean, by the normal approximation. */
    double low95() {
        double variance = (squares - sum * sum / count) / Math.max(1, count - 1);
        return value() - 1.96 * Math.sqrt(Math.max(0, variance) / count);
    }
}
