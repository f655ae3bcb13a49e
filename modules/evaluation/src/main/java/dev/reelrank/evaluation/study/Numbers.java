package dev.reelrank.evaluation.study;

import java.util.Locale;

/** How the report writes numbers; what is not a number is a dash. */
final class Numbers {
    private static final String NONE = "–";

    /** Sums of equal numbers differ by less. */
    private static final double NOTHING = 1e-12;

    private static final double SHOWN = 0.00005;

    private Numbers() {}

    /** Four decimals; none from 100 on. */
    static String plain(double value) {
        return Math.abs(value) >= 100 ? formatted("%.0f", "", value) : formatted("%.4f", "", value);
    }

    /** With its sign, four decimals. */
    static String signed(double value) {
        return formatted("%+.4f", "+", value);
    }

    /** What four decimals would show as 0 is written with its power of ten, and 0 has no sign. */
    private static String formatted(String format, String sign, double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        if (Math.abs(value) >= SHOWN) {
            return String.format(Locale.ROOT, format, value);
        }
        return Math.abs(value) < NOTHING
                ? "0.0000"
                : String.format(Locale.ROOT, "%" + sign + ".1e", value);
    }

    static String percent(double share) {
        return Double.isNaN(share) ? NONE : String.format(Locale.ROOT, "%.0f %%", share * 100);
    }

    static String probability(double p) {
        return p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", p);
    }

    static String seconds(double value) {
        return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%.1f", value);
    }

    /** For tables that programs read: six significant digits, nothing where there is no number. */
    static String csv(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.6g", value);
    }
}
