package dev.reelrank.evaluation.study;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * A figure and the numbers behind it.
 *
 * @param name of its files, without ending
 * @param caption a sentence
 * @param png the picture
 * @param svg the same as lines
 * @param csv the numbers, with a heading
 */
record Figure(String name, String caption, byte[] png, byte[] svg, String csv) {
    /** Draws a chart in both formats. */
    static Figure of(String name, String caption, Chart<?, ?> chart, List<String> csv) {
        try (var svg = new ByteArrayOutputStream()) {
            VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
            return new Figure(
                    name,
                    caption,
                    BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG),
                    svg.toByteArray(),
                    String.join("\n", csv) + "\n");
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "the figure " + name + " cannot be drawn", e);
        }
    }

    /** Writes picture, lines and numbers. */
    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve(name + ".png"), png);
            Files.write(folder.resolve(name + ".svg"), svg);
            Files.writeString(folder.resolve(name + ".csv"), csv);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write the figure " + name + " into " + folder + ": " + e.getMessage(),
                    e);
        }
    }

    /** The picture as it stands in a page. */
    String data() {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }
}
