package dev.reelrank.cli;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GradeResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** Scores and evidence of every grade over time, as a PNG. */
final class TrendPlot {
    private TrendPlot() {}

    static void write(Path file, Trends trends) {
        if (trends.grades().isEmpty()) {
            throw new StageException(FailureCode.INVALID_CONFIG, "there is no grade to plot yet");
        }
        XYChart chart =
                new XYChartBuilder()
                        .width(1200)
                        .height(600)
                        .title("Grades over time")
                        .xAxisTitle("time")
                        .yAxisTitle("score")
                        .build();
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
        add(chart, "score", trends, GradeResult::score);
        for (String name : Trends.EVIDENCE) {
            add(
                    chart,
                    name,
                    trends,
                    r -> r.evidence().containsKey(name) ? r.evidence().get(name).score() : null);
        }
        try {
            BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void add(
            XYChart chart,
            String name,
            Trends trends,
            java.util.function.Function<GradeResult, Double> value) {
        List<Date> times = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        trends.grades()
                .forEach(
                        fact -> {
                            Double v = value.apply((GradeResult) fact.result());
                            if (v != null) {
                                times.add(Date.from(fact.at()));
                                values.add(v);
                            }
                        });
        if (!values.isEmpty()) {
            chart.addSeries(name, times, values);
        }
    }
}
