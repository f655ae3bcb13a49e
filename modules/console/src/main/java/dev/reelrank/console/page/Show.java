package dev.reelrank.console.page;

import static j2html.TagCreator.img;
import static j2html.TagCreator.span;

import dev.reelrank.console.facts.SampleRow;
import dev.reelrank.pipeline.BlobRef;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How single values look. */
public final class Show {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final String CODED = "~";

    private Show() {}

    static String number(@Nullable Double value, int digits) {
        return value == null ? "–" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    static String signed(@Nullable Double value, int digits) {
        return value == null ? "–" : String.format(Locale.ROOT, "%+." + digits + "f", value);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share * 100);
    }

    static String time(@Nullable Instant at) {
        return at == null ? "–" : TIME.format(at);
    }

    /** The time of the day, with the date for those who point at it. */
    static DomContent clock(Instant at) {
        return new ContainerTag<>("time")
                .attr("datetime", at.toString())
                .withTitle(TIME.format(at))
                .withText(CLOCK.format(at));
    }

    /** Begins with a capital and ends with a full stop. */
    static String sentence(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        String whole = text.substring(0, first).toUpperCase(Locale.ROOT) + text.substring(first);
        return whole.endsWith(".") ? whole : whole + ".";
    }

    static String millis(long millis) {
        if (millis < 1_000) {
            return millis + "\u00a0ms";
        }
        var d = Duration.ofMillis(millis);
        return d.toMinutes() < 2
                ? String.format(Locale.ROOT, "%.1f\u00a0s", millis / 1000.0)
                : d.toHours() < 2
                        ? d.toMinutes() + "\u00a0min " + d.toSecondsPart() + "\u00a0s"
                        : String.format(Locale.ROOT, "%.1f\u00a0h", millis / 3_600_000.0);
    }

    /**
     * An id as one segment of a path. Ids that flow refuses may contain anything, a slash too,
     * which servers and browsers read differently; {@link #id} gives such an id back.
     */
    static String segment(String id) {
        return PLAIN.matcher(id).matches()
                ? id
                : CODED
                        + Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(id.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The id that {@link #segment} made a segment of.
     *
     * @param segment decoded, as servers hand it out; what nobody made is its own id
     */
    public static String id(String segment) {
        if (!segment.startsWith(CODED)) {
            return segment;
        }
        try {
            byte[] id = Base64.getUrlDecoder().decode(segment.substring(CODED.length()));
            return new String(id, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    /** Part of a query. */
    static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String run(String runId) {
        return "/runs/" + segment(runId);
    }

    static String sample(String runId, String sampleId) {
        return run(runId) + "/" + segment(sampleId);
    }

    static String media(BlobRef blob) {
        return "/media/" + blob.sha256();
    }

    static String poster(BlobRef blob) {
        return "/posters/" + blob.sha256();
    }

    static DomContent badge(String text) {
        return span(text).withClasses("badge", "is-" + text.replaceAll("[^a-z]", ""));
    }

    static DomContent poster(SampleRow row) {
        BlobRef blob = row.video() != null ? row.video() : row.image();
        return blob == null
                ? span("no picture yet").withClass("empty")
                : img().withSrc(poster(blob))
                        .withAlt(
                                row.video() != null
                                        ? "First frame of the video of " + row.sampleId()
                                        : "Reference image of " + row.sampleId())
                        .attr("loading", "lazy");
    }
}
