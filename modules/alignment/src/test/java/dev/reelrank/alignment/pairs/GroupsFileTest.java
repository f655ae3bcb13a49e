package dev.reelrank.alignment.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupsFileTest {
    @TempDir Path folder;

    @Test
    void readsVideoGpasGroupsAndDrawsItsPairs() throws IOException {
        for (String name : List.of("room.png", "one.mp4", "two.mp4", "three.mp4")) {
            Files.writeString(folder.resolve(name), name);
        }
        var samples =
                read(
                        """
                        {"dataset": "x", "groups": [{
                          "group_id": "room-1", "prompt": "The camera pushes in.",
                          "input_image_path": "room.png", "original_video_path": "none.mp4",
                          "videos": [
                            {"video_path": "one.mp4", "generation_id": 0, "consistency_score": 0.31, "motion_norm": 0.2},
                            {"video_path": "two.mp4", "consistency_score": 0.12, "motion_norm": 0.3},
                            {"video_path": "three.mp4", "consistency_score": null, "motion_norm": 0.3}]}]}
                        """);

        var selection = PairSelection.draw(new MetricPairs(GroupsFile.rule()), samples);

        assertThat(selection.pairs())
                .singleElement()
                .satisfies(
                        pair -> {
                            assertThat(pair.sampleId()).isEqualTo("room-1");
                            assertThat(pair.winner().blob().uri()).endsWith("two.mp4");
                            assertThat(pair.loser().blob().uri()).endsWith("one.mp4");
                            assertThat(pair.source()).isEqualTo("metric:consistency_score");
                            assertThat(pair.loser().seed()).as("a number in a list").isNull();
                        });
    }

    @Test
    void namesTheGroupAndTheFileThatIsMissing() {
        assertThatThrownBy(
                        () ->
                                read(
                                        "{\"groups\": [{\"prompt\": \"x\", \"videos\": [{\"video_path\": \"gone.mp4\"}]}]}"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("groups.json: groups[0].videos[0] names")
                .hasMessageContaining("gone.mp4, which is not a file");
        assertThatThrownBy(() -> read("{}")).hasMessageContaining("'groups' is missing");
        assertThatThrownBy(() -> read("[1")).hasMessageContaining("not a JSON document of groups");
    }

    private List<JudgedSample> read(String json) throws IOException {
        Path file = folder.resolve("groups.json");
        Files.writeString(file, json);
        return GroupsFile.read(file, "imported", GroupsFileTest::named);
    }

    private static BlobRef named(Path path) {
        var blob = Examples.blob(path.getFileName().toString());
        return new BlobRef(path.toUri().toString(), blob.sha256(), blob.size(), "video/mp4");
    }
}
