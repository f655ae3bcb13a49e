package dev.reelrank.cli;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GradeResult;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Two charts, one above the other, as a PNG: score and evidence of every grade in the order of
 * time, and how the trainings of the preference model came out.
 */
final class TrendPlot {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 480;

    private TrendPlot() {}

    /**
     * @throws StageException INVALID_CONFIG if there is neither a grade nor a training, OUT_OF_DISK
     *     if the file cannot be written
     */
    static void write(Path file, Trends trends) {
        List<XYChart> charts = new ArrayList<>();
        if (!trends.grades().isEmpty()) {
            charts.add(grades(trends));
        }
        if (!trends.trainings().isEmpty()) {
            charts.add(trainings(trends.trainings()));
        }
        if (charts.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "there is no grade and no training to plot yet");
        }
        var picture = new BufferedImage(WIDTH, HEIGHT * charts.size(), BufferedImage.TYPE_INT_RGB);
        var graphics = picture.createGraphics();
        for (int i = 0; i < charts.size(); i++) {
            graphics.drawImage(BitmapEncoder.getBufferedImage(charts.get(i)), 0, i * HEIGHT, null);
        }
        graphics.dispose();
        try {
            if (!ImageIO.write(picture, "png", file.toFile())) {
                throw new IllegalStateException("the JDK writes PNG");
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static XYChart grades(Trends trends) {
        var results = trends.grades().stream().map(f -> (GradeResult) f.result()).toList();
        XYChart chart = chart("Grades, in the order of time", "grade");
        add(chart, "score", results, GradeResult::score);
        for (String name : Trends.EVIDENCE) {
            add(chart, name, results, r -> Trends.used(r, name));
        }
        return chart;
    }

    private static XYChart trainings(List<Trends.TrainingTrend> trainings) {
        XYChart chart =
                chart("Trainings of the preference model, in the order of time", "training");
        List<Integer> places = IntStream.rangeClosed(1, trainings.size()).boxed().toList();
        chart.addSeries(
                "held-out accuracy before",
                places,
                trainings.stream().map(Trends.TrainingTrend::heldOutBefore).toList());
        chart.addSeries(
                "held-out accuracy after",
                places,
                trainings.stream().map(Trends.TrainingTrend::heldOutAfter).toList());
        chart.addSeries(
                "confidence",
                places,
                trainings.stream().map(Trends.TrainingTrend::confidence).toList());
        var kept = places.stream().filter(i -> trainings.get(i - 1).kept()).toList();
        if (!kept.isEmpty()) {
            var series =
                    chart.addSeries(
                            "a new version came into force",
                            kept,
                            kept.stream().map(i -> 0.02).toList());
            series.setMarker(SeriesMarkers.TRIANGLE_UP).setLineWidth(0);
        }
        return chart;
    }

    private static XYChart chart(String title, String across) {
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(title)
                        .xAxisTitle(across)
                        .yAxisTitle("0 to 1")
                        .build();
        var styler = chart.getStyler();
        styler.setYAxisMin(0.0).setYAxisMax(1.0).setLegendPosition(LegendPosition.OutsideE);
        styler.setXAxisDecimalPattern("0");
        styler.setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    private static void add(
            XYChart chart,
            String name,
            List<GradeResult> results,
            Function<GradeResult, @Nullable Double> value) {
        List<Integer> places = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Double v = value.apply(results.get(i));
            if (v != null) {
                places.add(i + 1);
                values.add(Objects.requireNonNull(v));
            }
        }
        if (!values.isEmpty()) {
            chart.addSeries(name, places, values);
        }
    }
}
