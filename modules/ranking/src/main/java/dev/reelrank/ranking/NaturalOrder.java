package dev.reelrank.ranking;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.regex.Pattern;

/** File names as people count them: {@code seed9.mp4} before {@code seed10.mp4}. */
public final class NaturalOrder implements Comparator<String> {
    public static final NaturalOrder INSTANCE = new NaturalOrder();

    private static final Pattern PART = Pattern.compile("\\d+|\\D+");

    private NaturalOrder() {}

    @Override
    public int compare(String a, String b) {
        var left = PART.matcher(a);
        var right = PART.matcher(b);
        while (true) {
            boolean more = left.find();
            boolean other = right.find();
            if (!more || !other) {
                return more ? 1 : other ? -1 : a.compareTo(b);
            }
            var x = left.group();
            var y = right.group();
            boolean numbers = Character.isDigit(x.charAt(0)) && Character.isDigit(y.charAt(0));
            int order =
                    numbers
                            ? new BigInteger(x).compareTo(new BigInteger(y))
                            : x.compareToIgnoreCase(y);
            if (order != 0) {
                return order;
            }
        }
    }
}
