package dev.reelrank.console.page;

import dev.reelrank.console.facts.SampleRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which samples of a run are shown, and in which order.
 *
 * @param status waiting, running, done, partial or failed; null for all
 * @param grade a grade, null for all
 * @param seed of the winner, null for all
 * @param text must stand in the id, the prompt or the subject; empty for all
 * @param sort id, grade, composite, time or the name of an evidence
 * @param page from 0
 */
record Filter(
        @Nullable String status,
        @Nullable String grade,
        @Nullable String seed,
        String text,
        String sort,
        int page) {
    static final int PAGE_SIZE = 48;
    static final List<String> SORTS = List.of("id", "grade", "composite", "time");

    /**
     * Reads an address.
     *
     * @param query the value of a parameter by its name, null without one
     */
    static Filter of(Function<String, @Nullable String> query) {
        String text = query.apply("text");
        String sort = query.apply("sort");
        String page = query.apply("page");
        return new Filter(
                blank(query.apply("status")),
                blank(query.apply("grade")),
                blank(query.apply("seed")),
                text == null ? "" : text.strip(),
                sort == null || sort.isBlank() ? "id" : sort,
                page != null && page.matches("\\d{1,6}") ? Integer.parseInt(page) : 0);
    }

    /** The same choice on another page. */
    Filter at(int otherPage) {
        return new Filter(status, grade, seed, text, sort, otherPage);
    }

    private static @Nullable String blank(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    List<SampleRow> choose(List<SampleRow> rows) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return rows.stream()
                .filter(r -> status == null || r.status().equals(status))
                .filter(r -> grade == null || grade.equals(r.grade()))
                .filter(r -> seed == null || seed.equals(String.valueOf(r.seed())))
                .filter(
                        r ->
                                wanted.isEmpty()
                                        || (r.sampleId() + " " + r.prompt() + " " + r.subject())
                                                .toLowerCase(Locale.ROOT)
                                                .contains(wanted))
                .sorted(order())
                .toList();
    }

    private Comparator<SampleRow> order() {
        var byId = Comparator.comparing(SampleRow::sampleId);
        return switch (sort) {
            case "id" -> byId;
            case "grade" ->
                    Comparator.comparing(
                                    SampleRow::score,
                                    Comparator.nullsLast(Comparator.<Double>reverseOrder()))
                            .thenComparing(byId);
            case "composite" ->
                    Comparator.comparing(
                                    SampleRow::composite,
                                    Comparator.nullsLast(Comparator.<Double>reverseOrder()))
                            .thenComparing(byId);
            case "time" ->
                    Comparator.comparingLong(SampleRow::computeMillis)
                            .reversed()
                            .thenComparing(byId);
            default ->
                    Comparator.comparing(
                                    (SampleRow r) -> r.evidence().get(sort),
                                    Comparator.nullsLast(Comparator.<Double>reverseOrder()))
                            .thenComparing(byId);
        };
    }

    /** How many samples have each status. */
    static Map<String, Long> statuses(List<SampleRow> rows) {
        var counts = new TreeMap<String, Long>();
        rows.forEach(r -> counts.merge(r.status(), 1L, Long::sum));
        return counts;
    }

    /** What the samples can be sorted by. */
    static List<String> sorts(List<SampleRow> rows) {
        var names = new ArrayList<>(SORTS);
        rows.stream()
                .flatMap(r -> r.evidence().keySet().stream())
                .distinct()
                .sorted()
                .forEach(names::add);
        return names;
    }

    /** The winners' seeds. */
    static List<String> seeds(List<SampleRow> rows) {
        return rows.stream()
                .map(SampleRow::seed)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .map(Object::toString)
                .toList();
    }

    static List<String> grades(List<SampleRow> rows) {
        return rows.stream()
                .map(SampleRow::grade)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .toList();
    }

    /** The query of an address that shows another page of the same choice. */
    String query(int otherPage) {
        return "?status=%s&grade=%s&seed=%s&text=%s&sort=%s&page=%d"
                .formatted(
                        status == null ? "" : Show.part(status),
                        grade == null ? "" : Show.part(grade),
                        seed == null ? "" : Show.part(seed),
                        Show.part(text),
                        Show.part(sort),
                        otherPage);
    }
}
