package dev.reelrank.dqa;

import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.video.Images;
import dev.reelrank.video.SpreadFrames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The explanation of a grade: {@code NAME.json}, and the first and last frame with the patches of
 * each object tinted in its colour (the background keeps its own).
 */
final class GradeExplanation {
    private static final int[][] TINTS = {
        {230, 25, 75}, {60, 180, 75}, {0, 130, 200}, {255, 225, 25}, {145, 30, 180}, {70, 240, 240}
    };

    private GradeExplanation() {}

    static List<Path> write(Path folder, List<GradedFile> graded) {
        var written = new ArrayList<Path>();
        try {
            Files.createDirectories(folder);
            for (int i = 0; i < graded.size(); i++) {
                write(folder, i, graded.get(i), written);
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write the explanation to " + folder + ": " + e.getMessage(),
                    e);
        }
        return written;
    }

    private static void write(Path folder, int index, GradedFile graded, List<Path> written)
            throws IOException {
        var result = graded.result();
        if (result == null) {
            return;
        }
        // Videos of several folders may share a name.
        String name =
                index + "-" + graded.video().getFileName().toString().replaceAll("\\.\\w+$", "");
        Path text = folder.resolve(name + ".json");
        Files.writeString(text, GradeJson.of(result).toPrettyString());
        written.add(text);
        if (graded.segmentations().isEmpty()) {
            return;
        }
        List<RgbImage> frames = SpreadFrames.of(graded.video(), 2);
        for (int i = 0; i < Math.min(frames.size(), graded.segmentations().size()); i++) {
            Path picture = folder.resolve(name + (i == 0 ? "-first.png" : "-last.png"));
            Images.writePng(picture, tinted(frames.get(i), graded.segmentations().get(i)));
            written.add(picture);
        }
    }

    private static RgbImage tinted(RgbImage frame, Segmentation segmentation) {
        byte[] rgb = frame.rgb().clone();
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < frame.width(); x++) {
                int patch =
                        y * segmentation.height() / frame.height() * segmentation.width()
                                + x * segmentation.width() / frame.width();
                int label = segmentation.labels()[patch];
                if (label >= segmentation.objects()) {
                    continue;
                }
                for (int c = 0; c < 3; c++) {
                    int at = (y * frame.width() + x) * 3 + c;
                    rgb[at] = (byte) (((rgb[at] & 0xff) + TINTS[label % TINTS.length][c]) / 2);
                }
            }
        }
        return new RgbImage(frame.width(), frame.height(), rgb);
    }
}
