package dev.reelrank.alignment.curve;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves over steps as a PNG, smoothed by a running mean over a twentieth of the steps. */
public final class Curves {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 450;

    private Curves() {}

    /**
     * Numbers over steps.
     *
     * @param steps ascending
     * @param values as many, finite
     */
    public record Curve(double[] steps, double[] values) {
        public Curve {
            if (steps.length != values.length) {
                throw new IllegalArgumentException(
                        steps.length + " steps but " + values.length + " values");
            }
            steps = steps.clone();
            values = values.clone();
        }

        /** The mean of each number and those before it, at most so many. */
        Curve smoothed(int window) {
            var means = new double[values.length];
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[i];
                if (i >= window) {
                    sum -= values[i - window];
                }
                means[i] = sum / Math.min(i + 1, window);
            }
            return new Curve(steps, means);
        }
    }

    /**
     * Draws curves of one quantity.
     *
     * @param curves by name, at least one with at least one number
     * @throws StageException OUT_OF_DISK when the picture cannot be written
     */
    public static void draw(Path png, String title, String quantity, Map<String, Curve> curves) {
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(title)
                        .xAxisTitle("step")
                        .yAxisTitle(quantity)
                        .build();
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE).setMarkerSize(4);
        new LinkedHashMap<>(curves)
                .forEach(
                        (name, curve) -> {
                            int window = Math.max(1, curve.values().length / 20);
                            Curve shown = curve.smoothed(window);
                            var series = chart.addSeries(name, shown.steps(), shown.values());
                            series.setMarker(
                                    shown.steps().length == 1
                                            ? SeriesMarkers.CIRCLE
                                            : SeriesMarkers.NONE);
                        });
        write(png, chart);
    }

    private static void write(Path png, XYChart chart) {
        try {
            WholeFile.write(png, BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + png + ": " + e.getMessage(), e);
        }
    }
}
