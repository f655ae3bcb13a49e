package dev.reelrank.reranker.explain;

import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.reranker.report.RankingReport;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The candidates side by side with their scores: one row each, frames from first to last with the
 * box that stood for the subject; the reference with its mask above, the winner in green. Drafts
 * stand in their order, the best first: how many of them go on, a sheet does not know.
 */
public final class ContactSheet {
    private static final int CELL = 168;
    private static final int LABEL = 230;
    private static final int GAP = 8;
    private static final int HEAD = 190;
    private static final int LINE = 16;

    private ContactSheet() {}

    /** Draws it; the report has views, so it was made with {@code explain}. */
    public static BufferedImage draw(RankingReport report) {
        var rows = new ArrayList<Row>();
        for (int i = 0; i < report.candidates().size(); i++) {
            var candidate = report.candidates().get(i);
            rows.add(new Row(candidate, candidate.name(), i == report.choice().index()));
        }
        String winner = report.candidates().get(report.choice().index()).name();
        return draw(report, rows, "Winner: " + winner);
    }

    /**
     * The same of drafts.
     *
     * @param order indices of the report's candidates, the best first
     */
    public static BufferedImage drawDrafts(RankingReport report, List<Integer> order) {
        var rows = new ArrayList<Row>();
        for (int index : order) {
            var draft = report.candidates().get(index);
            rows.add(new Row(draft, (rows.size() + 1) + ". " + draft.name(), false));
        }
        return draw(report, rows, "Drafts, the best first");
    }

    private record Row(CandidateReport candidate, String title, boolean green) {}

    private static BufferedImage draw(RankingReport report, List<Row> rows, String heading) {
        int columns = report.candidates().stream().mapToInt(c -> c.views().size()).max().orElse(1);
        int width = LABEL + Math.max(3, columns) * (CELL + GAP) + GAP;
        int height = HEAD + report.candidates().stream().mapToInt(ContactSheet::rowHeight).sum();
        try (var canvas = new Canvas(width, height)) {
            head(canvas, report, heading, width);
            int y = HEAD;
            for (Row row : rows) {
                row(canvas, row, y, width);
                y += rowHeight(row.candidate());
            }
            return canvas.image();
        }
    }

    private static void head(Canvas canvas, RankingReport report, String heading, int width) {
        var reference = report.reference();
        var mask = report.pixels();
        int side = HEAD - 3 * GAP;
        double scale = (double) side / Math.max(reference.width(), reference.height());
        canvas.picture(
                mask == null ? reference : Overlays.mask(reference, mask),
                GAP,
                GAP,
                (int) Math.round(reference.width() * scale),
                (int) Math.round(reference.height() * scale));
        int x = side + 3 * GAP;
        canvas.text("Reference", x, 26, 16, true, Canvas.INK);
        canvas.text(
                report.subject() == null
                        ? "no subject in the prompts"
                        : "subject: " + report.subject() + " (" + report.group().id() + ")",
                x,
                48,
                13,
                false,
                Canvas.INK);
        var why = report.mask().whyNot();
        int y =
                canvas.paragraph(
                        why == null
                                ? said("mask: %.1f %% of the image", report.mask().area() * 100)
                                : "mask not used: " + why + "; the full image is scored",
                        x,
                        68,
                        width - x - GAP,
                        13,
                        why == null ? Canvas.INK : Color.RED.darker());
        canvas.text(heading, x, y + 12, 16, true, Canvas.WINNER);
        canvas.paragraph(report.choice().reason(), x, y + 32, width - x - GAP, 13, Canvas.INK);
    }

    private static int rowHeight(CandidateReport candidate) {
        int picture = candidate.views().isEmpty() ? 0 : (int) Math.round(CELL * ratio(candidate));
        int lines = 150 + LINE * candidate.geometry().size();
        return Math.max(lines, picture + 20) + 2 * GAP;
    }

    private static double ratio(CandidateReport candidate) {
        return (double) candidate.info().height() / candidate.info().width();
    }

    private static void row(Canvas canvas, Row row, int top, int width) {
        int y = top + GAP;
        var candidate = row.candidate();
        var m = candidate.measures();
        var colour = row.green() ? Canvas.WINNER : Canvas.INK;
        canvas.text(row.title(), GAP + 4, y + 16, 15, true, colour);
        canvas.text(
                said("composite %.4f", candidate.composite()), GAP + 4, y + 36, 14, true, colour);
        var lines =
                new ArrayList<>(
                        List.of(
                                said(
                                        "identity %.4f (least %.4f)",
                                        m.maskedIdentity(), m.minIdentity()),
                                said("full image %.4f", m.fullIdentity()),
                                said(
                                        "concentration %.3f → %.3f",
                                        m.concentration(), m.concentrationNormalised()),
                                said("temporal %.4f", m.temporal()),
                                said("brightness drift %.3f", m.brightnessDrift()),
                                said("subject twice in %.0f %%", m.duplicateSubject() * 100),
                                m.motion() == null
                                        ? "motion not measured"
                                        : said("motion as asked %.2f", m.motion())));
        candidate.geometry().forEach(g -> lines.add(geometry(g)));
        for (int i = 0; i < lines.size(); i++) {
            canvas.text(lines.get(i), GAP + 4, y + 55 + i * LINE, 12, false, Canvas.INK);
        }
        int pictureHeight = (int) Math.round(CELL * ratio(candidate));
        double scale = (double) CELL / candidate.info().width();
        int x = LABEL;
        for (var view : candidate.views()) {
            canvas.picture(view.image(), x, y, CELL, pictureHeight);
            canvas.box(view.box(), scale, x, y, Canvas.SUBJECT);
            var measured =
                    candidate.frames().stream()
                            .filter(f -> f.frame() == view.frame())
                            .findFirst()
                            .orElseThrow();
            canvas.text(
                    said("frame %d   %.3f", view.frame(), measured.maskedIdentity()),
                    x,
                    y + pictureHeight + 14,
                    11,
                    false,
                    Canvas.FAINT);
            x += CELL + GAP;
        }
        if (row.green()) {
            canvas.frame(2, top + 2, width - 5, rowHeight(candidate) - 4, Canvas.WINNER, 3);
        }
    }

    private static String geometry(GeometryScore one) {
        return one.score() == null
                ? one.metric() + ": no score"
                : said("%s %.4f", one.metric(), one.score());
    }

    private static String said(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
