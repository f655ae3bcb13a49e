package dev.reelrank.reranker.explain;

import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.video.Images;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Writes the pictures of a ranking into a folder. */
public final class RankingExplanation {
    private static final int CELL = 224;

    private RankingExplanation() {}

    /**
     * {@code mask.png} (the mask over the reference), {@code identity.png} (by frame), {@code
     * heat-NN.png} for each candidate in order, {@code contact-sheet.png}.
     *
     * @return what was written, in that order
     */
    public static List<Path> write(Path folder, RankingReport report) {
        var written = new ArrayList<Path>();
        var mask = report.pixels();
        written.add(folder.resolve("mask.png"));
        Images.writePng(
                written.get(0),
                mask == null ? report.reference() : Overlays.mask(report.reference(), mask));
        written.add(folder.resolve("identity.png"));
        Images.writePng(written.get(1), identityByFrame(report));
        for (int i = 0; i < report.candidates().size(); i++) {
            var file = folder.resolve(String.format(Locale.ROOT, "heat-%02d.png", i + 1));
            Images.writePng(file, heat(report.candidates().get(i)));
            written.add(file);
        }
        written.add(folder.resolve("contact-sheet.png"));
        Images.writePng(written.get(written.size() - 1), ContactSheet.draw(report));
        return written;
    }

    private static BufferedImage identityByFrame(RankingReport report) {
        var chart =
                new XYChartBuilder()
                        .width(900)
                        .height(420)
                        .title("Masked identity by frame")
                        .xAxisTitle("frame")
                        .yAxisTitle("cosine with the reference's subject")
                        .build();
        for (var candidate : report.candidates()) {
            var frames = candidate.frames().stream().mapToDouble(f -> f.frame()).toArray();
            var values = candidate.frames().stream().mapToDouble(f -> f.maskedIdentity()).toArray();
            chart.addSeries(candidate.name(), frames, values).setMarker(SeriesMarkers.CIRCLE);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    /** The candidate's frames under their heat maps, one scale for all. */
    private static BufferedImage heat(CandidateReport candidate) {
        var all = candidate.views().stream().flatMapToDouble(v -> Arrays.stream(v.heat()));
        var range = all.summaryStatistics();
        int height =
                (int)
                        Math.round(
                                (double) CELL
                                        * candidate.info().height()
                                        / candidate.info().width());
        int columns = Math.max(1, candidate.views().size());
        try (var canvas = new Canvas(columns * (CELL + 6) + 6, height + 62)) {
            canvas.text(
                    String.format(
                            Locale.ROOT,
                            "%s: cosine of each patch with the reference, %.2f (blue) to %.2f"
                                    + " (red); concentration %.3f",
                            candidate.name(),
                            range.getMin(),
                            range.getMax(),
                            candidate.measures().concentration()),
                    6,
                    18,
                    13,
                    true,
                    Canvas.INK);
            int x = 6;
            for (var view : candidate.views()) {
                canvas.picture(
                        Overlays.heat(view, range.getMin(), range.getMax()), x, 30, CELL, height);
                canvas.text("frame " + view.frame(), x, height + 48, 12, false, Canvas.FAINT);
                x += CELL + 6;
            }
            return canvas.image();
        }
    }
}
