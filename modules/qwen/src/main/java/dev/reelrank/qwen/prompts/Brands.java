package dev.reelrank.qwen.prompts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** The list of brand names, and their removal from a text. */
final class Brands {
    private record Brand(String name, String plain, Pattern pattern) {}

    // A name before a verb or a function word stands for the thing itself.
    private static final Pattern NOUN_FOLLOWS =
            Pattern.compile(
                    "\\s+(?!(?:is|are|was|has|and|or|on|in|at|to|from|of|with|that|which|while|as|into|"
                            + "onto|by|for|lies|rests|stands|sits|moves|slides|turns|rotates|drives|"
                            + "spins|rolls|falls|flies|runs|glides|floats|bounces|grows|shrinks|stops|drifts|"
                            + "tilts|swings|shines|\\p{Ll}+ly)\\b)"
                            + "\\p{Ll}");

    private final List<Brand> brands;

    private Brands(List<Brand> brands) {
        this.brands = brands;
    }

    /** The list that ships. */
    static Brands bundled() {
        try (var in = Brands.class.getResourceAsStream("/dev/reelrank/qwen/brands.txt")) {
            return of(
                    new String(
                                    Objects.requireNonNull(in, "brands.txt is missing")
                                            .readAllBytes(),
                                    StandardCharsets.UTF_8)
                            .lines()
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read brands.txt", e);
        }
    }

    static Brands of(List<String> lines) {
        return new Brands(
                lines.stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .map(Brands::brand)
                        .sorted(Comparator.comparing((Brand b) -> b.name.length()).reversed())
                        .toList());
    }

    private static Brand brand(String line) {
        var parts = line.split("\\s*=\\s*", 2);
        var name = parts[0];
        // Not at the start of a sentence, where every word has a capital, unless the name has a
        // capital, a digit or a mark further in and cannot be an everyday word.
        var anywhere = name.substring(1).chars().anyMatch(c -> !Character.isLowerCase(c));
        var before = anywhere ? "(?<![\\p{L}\\p{N}])" : "(?<=[\\p{L}\\p{N},;:'\"(] )(?<![.!?] )";
        var pattern =
                Pattern.compile(
                        before + Pattern.quote(name) + "(?:'s|’s)?(?![\\p{L}\\p{N}])[®™©]?");
        return new Brand(name, parts.length > 1 ? parts[1] : "", pattern);
    }

    /** The first brand name in a text, or a trade mark sign. */
    Optional<String> find(String text) {
        for (var brand : brands) {
            if (brand.pattern.matcher(text).find()) {
                return Optional.of(brand.name);
            }
        }
        var sign = Pattern.compile("[®™©]").matcher(text);
        return sign.find() ? Optional.of(sign.group()) : Optional.empty();
    }

    /**
     * The text without brand names: a name before a noun of its own goes away, a name that stands
     * for the thing becomes the plain word.
     */
    String remove(String text) {
        var result = text;
        for (var brand : brands) {
            result = remove(brand, result);
        }
        return result.replaceAll("[®™©]", "")
                .replaceAll("\\s+([,.;:!?])", "$1")
                .replaceAll("\\s{2,}", " ")
                .strip();
    }

    private static String remove(Brand brand, String text) {
        var matcher = brand.pattern.matcher(text);
        var result = new StringBuilder();
        var from = 0;
        while (matcher.find()) {
            result.append(text, from, matcher.start());
            var rest = text.substring(matcher.end());
            var possessive = matcher.group().endsWith("s") && !brand.name.endsWith("s");
            var alone = !possessive && !NOUN_FOLLOWS.matcher(rest).lookingAt();
            var plain = alone ? brand.plain : "";
            result.append(plain);
            fitArticle(result, result.length() - plain.length(), plain.isEmpty() ? rest : plain);
            from = matcher.end();
        }
        return result.append(text.substring(from)).toString();
    }

    /** Makes "a" or "an" before a position fit the word that now follows. */
    private static void fitArticle(StringBuilder text, int position, String next) {
        var article = Pattern.compile("\\b([Aa])n? $").matcher(text.substring(0, position));
        var word = next.strip();
        if (article.find() && !word.isEmpty()) {
            var vowel = "aeio".indexOf(Character.toLowerCase(word.charAt(0))) >= 0;
            text.replace(article.start(), position, article.group(1) + (vowel ? "n " : " "));
        }
    }
}
