package dev.reelrank.alignment.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportFolderTest {
    @TempDir Path folder;

    private static ComparisonReport report() {
        var clips = new ArrayList<ComparedClip>();
        for (int i = 0; i < Gate.LEAST_SAMPLES; i++) {
            clips.add(
                    new ComparedClip(
                            "sample <" + i + ">",
                            i,
                            ClipMetrics.of(ClipMetricsTest.clip(0.3 + 0.1 * i, 0.2)),
                            ClipMetrics.of(ClipMetricsTest.clip(0.3 + 0.1 * i, 0))));
        }
        return ComparisonReport.of(
                "smooth@1", "wan <base>", Gate.steadiness(), clips, Bootstrap.DEFAULT);
    }

    @Test
    void shouldReadTheReportThatItWrote() {
        var report = report();
        assertThat(report.verdict().accepted()).isTrue();
        Path file = folder.resolve("report.json");
        report.write(file);
        assertThat(ComparisonReport.read(file)).isEqualTo(report);
        assertThat(report.json().path("state").asText()).isEqualTo("accepted");
    }

    @Test
    void shouldSayThatAReportIsMissingOrDamaged() throws IOException {
        assertThatThrownBy(() -> ComparisonReport.read(folder.resolve("none.json")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("there is no report");
        Path damaged = Files.writeString(folder.resolve("damaged.json"), "[1");
        assertThatThrownBy(() -> ComparisonReport.read(damaged))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("no report of a comparison");
    }

    @Test
    void shouldShowVerdictTableCurvesAndClips() throws IOException {
        Files.write(folder.resolve("loss.png"), new byte[] {1});
        var pages = new ReportFolder(folder);
        var flickering = ClipMetricsTest.clip(2, 0.2);
        var smooth = ClipMetricsTest.clip(2, 0);
        pages.show("sample <1>", 7, flickering, smooth, 8);
        pages.write(report());
        String page = Files.readString(folder.resolve("index.html"));
        assertThat(page)
                .contains("<h1>smooth@1 against wan &lt;base&gt;</h1>")
                .contains("<b>accepted</b>")
                .contains("<td>warping_error (target)</td>")
                .contains("<td>motion (guard)</td>")
                .contains("src=\"loss.png\"")
                .doesNotContain("rewards.png")
                .contains("sample__1_-7.gif");
        var joined = VideoReader.readAll(folder.resolve("sample__1_-7.mp4"));
        assertThat(joined).hasSize(4);
        assertThat(joined.get(0).width()).isEqualTo(100);
        try (var in = ImageIO.createImageInputStream(folder.resolve("sample__1_-7.gif").toFile())) {
            var reader = ImageIO.getImageReadersByFormatName("gif").next();
            reader.setInput(in);
            assertThat(reader.getNumImages(true)).isEqualTo(4);
            var shown = reader.read(1);
            assertThat(shown.getWidth()).isEqualTo(100);
            int left = shown.getRGB(10, 10) & 0xff;
            int right = shown.getRGB(62, 10) & 0xff;
            assertThat(left).as("the darker frame of the base").isLessThan(right);
            reader.dispose();
        }
    }

    @Test
    void shouldRefuseClipsThatDoNotFitTogether() {
        var clip = ClipMetricsTest.clip(1, 0);
        assertThatThrownBy(() -> SideBySide.join(clip, List.of(clip.get(0))))
                .hasMessageContaining("4 and 1 frames");
    }
}
