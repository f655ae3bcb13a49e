package dev.reelrank.alignment.pairs;

import static dev.reelrank.alignment.pairs.Examples.blob;
import static dev.reelrank.alignment.pairs.Examples.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PairFileTest {
    @TempDir Path folder;

    @Test
    void readsBackWhatItWrote() {
        var pairs =
                List.of(
                        pair("a", "x", "y"),
                        new VideoPair(
                                "id",
                                "file",
                                "b",
                                "Ein Kater \"geht\"\n",
                                "blurry",
                                null,
                                PairVideo.latents(blob("w")),
                                PairVideo.latents(blob("l")),
                                0,
                                "",
                                "",
                                null));
        Path file = folder.resolve("sub/pairs.jsonl");

        PairFile.write(file, pairs);

        assertThat(PairFile.read(file)).isEqualTo(pairs);
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.pairs*");
    }

    @Test
    void namesASeedOnlyWhereItIsKnown() {
        var known = pair("a", "x", "y");
        var seeded =
                new VideoPair(
                        known.id(),
                        known.source(),
                        known.sampleId(),
                        known.prompt(),
                        known.negativePrompt(),
                        known.image(),
                        known.winner(),
                        known.loser().withSeed(7L),
                        known.margin(),
                        known.family(),
                        known.baseFingerprint(),
                        known.configuration());
        assertThat(PairFile.text(List.of(known))).doesNotContain("seed\":null");
        assertThat(PairFile.text(List.of(seeded))).contains("\"seed\":7");
        Path file = folder.resolve("seeded.jsonl");

        PairFile.write(file, List.of(seeded));

        assertThat(PairFile.read(file)).containsExactly(seeded);
        assertThat(seeded.withoutSeeds()).isEqualTo(known);
    }

    @Test
    void theFileHasTheRightsThatTheUmaskGives() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        PairFile.write(file, List.of(pair("a", "x", "y")));
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(
                        Files.getPosixFilePermissions(Files.createFile(folder.resolve("usual"))));
    }

    @Test
    void anErrorNamesTheFileAndTheLine() throws IOException {
        String good = PairFile.text(List.of(pair("a", "x", "y")));

        assertInvalid(good + "{\"id\": 3", "line 2 is not a JSON object");
        assertInvalid(
                good + good.replace("{\"id\"", "{\"margn\":1,\"id\""),
                "line 2 has an unknown key 'margn'");
        assertInvalid(
                good.replace("\"margin\":0.1", "\"margin\":-1"),
                "line 1: a preference pair's margin");
        assertInvalid(
                good.replace("\"margin\":0.1,", "\"margin\":\"NaN\","),
                "line 1: a preference pair's margin");
        assertInvalid("null\n", "line 1 is 'null'");
    }

    @Test
    void refusesAFileThatIsNoText() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});

        assertThatThrownBy(() -> PairFile.read(file))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("not UTF-8");
    }

    private void assertInvalid(String text, String message) throws IOException {
        Path file = folder.resolve("bad.jsonl");
        Files.writeString(file, text);

        assertThatThrownBy(() -> PairFile.read(file))
                .isInstanceOf(StageException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }
}
