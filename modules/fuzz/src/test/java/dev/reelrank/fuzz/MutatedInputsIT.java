package dev.reelrank.fuzz;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The short version of fuzzing: well-formed inputs, changed a little by a fixed seed. */
class MutatedInputsIT {
    private static final int MUTANTS = 1200;
    private static final Duration LONGEST = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource(Parser.class)
    void shouldEndInAnAnswerOrBlameTheInput(Parser parser) {
        var random = new Random(20260101);
        var seeds = parser.seeds();
        for (byte[] seed : seeds) {
            parser.check(seed);
        }
        for (int i = 0; i < MUTANTS; i++) {
            byte[] seed = seeds.get(i % seeds.size());
            byte[] input = mutated(seed, seeds.get(random.nextInt(seeds.size())), random);
            long begin = System.nanoTime();
            try {
                parser.check(input);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "mutant %d of %s: %s".formatted(i, parser, HexFormat.of().formatHex(input)),
                        e);
            }
            long took = System.nanoTime() - begin;
            Assertions.assertTrue(
                    took < LONGEST.toNanos(),
                    () -> "a mutant of %s took %d ms".formatted(parser, took / 1_000_000));
        }
    }

    /** One to four changes: bits, bytes, numbers at their limits, cuts, repetitions, splices. */
    private static byte[] mutated(byte[] seed, byte[] other, Random random) {
        byte[] input = seed.clone();
        for (int change = random.nextInt(4); change >= 0 && input.length > 8; change--) {
            int at = random.nextInt(input.length - 8);
            int length = 1 + random.nextInt(Math.min(64, input.length - at));
            switch (random.nextInt(7)) {
                case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> input[at] = (byte) random.nextInt(256);
                case 2 -> Arrays.fill(input, at, at + random.nextInt(8) + 1, (byte) 0xff);
                case 3 -> Arrays.fill(input, at, at + random.nextInt(8) + 1, (byte) 0);
                case 4 -> input = Arrays.copyOf(input, at + 1);
                case 5 -> input = spliced(input, at, Arrays.copyOfRange(input, at, at + length));
                default -> {
                    int from = random.nextInt(Math.max(1, other.length - length));
                    input = spliced(input, at, Arrays.copyOfRange(other, from, from + length));
                }
            }
        }
        return input;
    }

    private static byte[] spliced(byte[] input, int at, byte[] part) {
        byte[] longer = Arrays.copyOf(input, input.length + part.length);
        System.arraycopy(input, at, longer, at + part.length, input.length - at);
        System.arraycopy(part, 0, longer, at, part.length);
        return longer;
    }
}
