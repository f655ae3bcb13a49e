package dev.reelrank.alignment.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        assertThatThrownBy(() -> read("[1")).hasMessageContaining("line 1, column");
    }

    @ParameterizedTest
    @MethodSource
    void saysWhatIsWrongAndWhere(String json, String message) {
        assertThatThrownBy(() -> read(json.replace('\'', '"')))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("groups.json: ")
                .hasMessageContaining(message);
    }

    static Stream<Arguments> saysWhatIsWrongAndWhere() {
        String video = "{'groups': [{'prompt': 'x', 'videos': [{%s}]}]}";
        return Stream.of(
                Arguments.of("", "it is empty"),
                Arguments.of("{'groups': []} {'groups': []}", "more follows, at line 1, column"),
                Arguments.of("{'groups': [], 'groups': []}", "Duplicate field 'groups', at line 1"),
                Arguments.of("{'groups': {}}", "'groups' must be a list"),
                Arguments.of("{'groups': ['a']}", "groups[0] must be an object"),
                Arguments.of("{'groups': [{'prompt': 'x'}]}", "groups[0].videos must be a list"),
                Arguments.of(video.formatted("'video_path': 5"), "videos[0] has no video_path"),
                Arguments.of(video.formatted("'video_path': 'a\\u0000b'"), "is no path"),
                Arguments.of(
                        video.formatted("'video_path': 'a', 'consistency_score': '1'"),
                        "groups[0].videos[0].consistency_score is \"1\"; it must be a number"),
                Arguments.of(
                        video.formatted("'video_path': 'a', 'consistency_score': -1"),
                        "must be a number from 0 on"),
                Arguments.of(
                        video.formatted("'video_path': 'a', 'motion_norm': 1e999"),
                        "must be a number from 0 on"));
    }

    @Test
    void refusesWhatIsNoTextOrAFolder() throws IOException {
        Path file = folder.resolve("latin.json");
        Files.write(file, new byte[] {'{', (byte) 0xe4, '}'});
        assertThatThrownBy(() -> GroupsFile.read(file, "imported", GroupsFileTest::named))
                .hasMessageContaining("latin.json: it is no text in UTF-8");
        assertThatThrownBy(() -> GroupsFile.read(folder, "imported", GroupsFileTest::named))
                .hasMessageContaining("it is a folder");
    }

    @Test
    void comparesNoScoresOfDifferentMetrics() throws IOException {
        for (String name : List.of("one.mp4", "two.mp4")) {
            Files.writeString(folder.resolve(name), name);
        }
        assertThatThrownBy(
                        () ->
                                read(
                                        """
                                        {"groups": [{"prompt": "x", "videos": [
                                          {"video_path": "one.mp4", "consistency_score": 0.03, "consistency_metric": "geometry_vggt_mse"},
                                          {"video_path": "two.mp4", "consistency_score": 0.4, "consistency_metric": "geometry_vggt"}]}]}
                                        """))
                .hasMessageContaining(
                        "groups[0] has scores of geometry_vggt and of geometry_vggt_mse");
    }

    @Test
    void writesWhereALinkPointsToAndKeepsRightsAndNumbers() throws IOException {
        Path file = folder.resolve("real.json");
        Files.writeString(file, "{\"f\": 1.00, \"tiny\": 0.1000000000000000055, \"groups\": []}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), Path.of("real.json"));
        GroupsDocument.read(link).write();
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).contains("1.00", "0.1000000000000000055");
    }

    private List<JudgedSample> read(String json) throws IOException {
        Path file = folder.resolve("groups.json");
        Files.writeString(file, json);
        return GroupsFile.read(file, "imported", GroupsFileTest::named);
    }

    private static BlobRef named(Path path, String mediaType) {
        var blob = Examples.blob(path.getFileName().toString());
        return new BlobRef(path.toUri().toString(), blob.sha256(), blob.size(), mediaType);
    }
}
