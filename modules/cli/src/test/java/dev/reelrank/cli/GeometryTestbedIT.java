package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.room.RoomFault;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testbed.room.RoomScene;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code geometry} with the VGGT that ships, on a rendered room and the same room with a fault. */
final class GeometryTestbedIT {
    private static final int SIDE = 224;
    private static final int FRAMES = 17;
    private static final Path MODELS = ReelrankProcess.HOME.resolve("models/testbed");

    @TempDir Path folder;

    @Test
    void shouldScoreTheRigidRoomBetterByBothScoresAndShowWhatVggtSees()
            throws IOException, InterruptedException {
        assumeTrue(Files.isDirectory(MODELS.resolve("vggt")), "models/testbed/vggt is not here");
        RoomScene scene = RoomMaker.scene(Split.VALIDATION.seed(5));
        var renderer = new RoomRenderer(SIDE, SIDE, 1);
        Path rigid = video("rigid.mp4", renderer.render(scene, FRAMES).frames());
        Path swimming =
                video(
                        "swimming.mp4",
                        renderer.render(scene, FRAMES, RoomFault.SWIMMING_TEXTURE, 1).frames());
        Path pictures = folder.resolve("pictures");
        var command = new ReelrankProcess(folder);
        int code =
                command.run(
                        "geometry",
                        rigid.toString(),
                        swimming.toString(),
                        "--models",
                        MODELS.toString(),
                        "--device",
                        "cpu",
                        "--threads",
                        "1",
                        "--json",
                        "--explain",
                        pictures.toString());
        assertThat(code).as(command.said()).isEqualTo(ExitCode.OK);
        assertThat(command.said()).contains("Note on vggt: These weights know only rendered rooms");
        JsonNode good = new ObjectMapper().readTree(command.output()).path(0);
        JsonNode bad = new ObjectMapper().readTree(command.output()).path(1);
        assertThat(good.path("vggt").path("metric").asText()).isEqualTo("geometry_vggt_mse");
        assertThat(good.path("score").asDouble()).isBetween(0.01, bad.path("score").asDouble() / 2);
        // Pixels without a point and edges cost even a perfect reconstruction something.
        assertThat(good.path("vggt").path("score").asDouble())
                .isBetween(0.0, bad.path("vggt").path("score").asDouble() / 1.2);
        assertThat(pictures.resolve("rigid.mp4-reprojection.png")).isNotEmptyFile();
        assertThat(pictures.resolve("rigid.mp4-cloud.png")).isNotEmptyFile();
    }

    private Path video(String name, List<RgbImage> frames) {
        Path file = folder.resolve(name);
        try (var writer = VideoWriter.open(file, SIDE, SIDE, VideoSettings.h264(16))) {
            frames.forEach(writer::write);
            writer.finish();
        }
        return file;
    }
}
