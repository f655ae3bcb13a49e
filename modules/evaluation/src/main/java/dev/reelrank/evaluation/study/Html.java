package dev.reelrank.evaluation.study;

import java.util.List;

/** Pieces of a page. All text is escaped here. */
final class Html {
    private static final String HEAD =
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>%s</title><style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222 }
            h1 { margin-bottom: 0 } h2 { margin-top: 2em; border-bottom: 1px solid #ddd }
            table { border-collapse: collapse; margin: .8em 0; font-variant-numeric: tabular-nums }
            .wide { overflow-x: auto }
            td, th { padding: .25em .7em; text-align: right; white-space: nowrap }
            td:first-child, th:first-child, td.text, th.text { text-align: left }
            td.text { white-space: normal; min-width: 9em } th { white-space: normal; vertical-align: bottom } tr:nth-child(even) { background: #f5f5f5 } th { border-bottom: 2px solid #ccc }
            .better { color: #10692c; font-weight: 600 } .worse { color: #a3201d; font-weight: 600 } .quiet { color: #666 }
            figure { margin: 1em 0 } figcaption, .small { font-size: 87%%; color: #555 } img { max-width: 100%% }
            .videos { display: flex; flex-wrap: wrap; gap: 1em } .videos figure { margin: 0; max-width: 340px }
            video { width: 100%%; min-width: 200px; background: #eee } .lead { font-size: 110%% }
            </style></head><body>
            """;

    private final StringBuilder text = new StringBuilder();

    Html(String title) {
        text.append(HEAD.formatted(escaped(title)));
        text.append("<h1>").append(escaped(title)).append("</h1>\n");
    }

    Html heading(String heading) {
        text.append("<h2>").append(escaped(heading)).append("</h2>\n");
        return this;
    }

    Html paragraph(String style, String words) {
        text.append("<p class=\"%s\">%s</p>%n".formatted(style, escaped(words)));
        return this;
    }

    Html list(List<String> items) {
        text.append("<ul>\n");
        items.forEach(i -> text.append("<li>").append(escaped(i)).append("</li>\n"));
        text.append("</ul>\n");
        return this;
    }

    /** A cell of a table: its words and its style. */
    record Field(String words, String style) {
        static Field of(String words) {
            return new Field(words, "");
        }

        static Field text(String words) {
            return new Field(words, "text");
        }
    }

    Html table(List<Field> head, List<List<Field>> rows) {
        text.append("<div class=\"wide\"><table><tr>");
        head.forEach(h -> field("th", h));
        text.append("</tr>\n");
        for (List<Field> row : rows) {
            text.append("<tr>");
            row.forEach(f -> field("td", f));
            text.append("</tr>\n");
        }
        text.append("</table></div>\n");
        return this;
    }

    private void field(String tag, Field field) {
        text.append(
                field.style().isEmpty()
                        ? "<%1$s>%2$s</%1$s>".formatted(tag, escaped(field.words()))
                        : "<%1$s class=\"%3$s\">%2$s</%1$s>"
                                .formatted(tag, escaped(field.words()), field.style()));
    }

    /** A picture; its address is not escaped, it is ours. */
    Html picture(String address, String caption) {
        text.append(
                "<figure><img alt=\"%1$s\" src=\"%2$s\"><figcaption>%1$s</figcaption></figure>%n"
                        .formatted(escaped(caption), address));
        return this;
    }

    /** A row of videos. */
    record Shown(String address, String caption) {}

    Html videos(List<Shown> videos) {
        text.append("<div class=\"videos\">\n");
        videos.forEach(
                v ->
                        text.append(
                                "<figure><video src=\"%s\" controls loop muted playsinline></video><figcaption>%s</figcaption></figure>%n"
                                        .formatted(v.address(), escaped(v.caption()))));
        text.append("</div>\n");
        return this;
    }

    String end() {
        return text.append("</body></html>\n").toString();
    }

    static String escaped(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
