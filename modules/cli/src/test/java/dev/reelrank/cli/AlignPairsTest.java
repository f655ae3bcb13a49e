package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.alignment.pairs.PairFile;
import dev.reelrank.alignment.pairs.PairVideo;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.Sha256;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs that nothing can be learned from end the command before a model is looked for. */
final class AlignPairsTest {
    @TempDir Path folder;

    private static PairVideo video(String content) {
        String sha256 = Sha256.of(content);
        return PairVideo.video(new BlobRef("store:blobs/" + sha256, sha256, 9, "video/mp4"));
    }

    private static VideoPair pair(String sample, String winner, String loser) {
        return new VideoPair(
                VideoPair.idOf(sample, null, video(winner), video(loser)),
                "ranking",
                sample,
                sample,
                "",
                null,
                video(winner),
                video(loser),
                0.1,
                "wan",
                "",
                null);
    }

    private String refused(Path file, String... more) {
        Path data = folder.resolve("data");
        var arguments =
                new ArrayList<>(
                        List.of(
                                "align",
                                "--name",
                                "smooth",
                                "--pairs",
                                file.toString(),
                                "--data",
                                data.toString(),
                                "--models",
                                folder.resolve("none").toString()));
        arguments.addAll(List.of(more));
        var err = new StringWriter();
        int code =
                Main.commandLine()
                        .setErr(new PrintWriter(err, true))
                        .execute(arguments.toArray(String[]::new));
        assertThat(code).as(err.toString()).isEqualTo(ExitCode.CONFIG);
        assertThat(data.resolve("broker")).as("a farm was started").doesNotExist();
        return err.toString();
    }

    private String refused(List<VideoPair> pairs, String... more) {
        Path file = folder.resolve("pairs.jsonl");
        PairFile.write(file, pairs);
        return refused(file, more);
    }

    @Test
    void noPairAtAll() {
        assertThat(refused(List.of()))
                .contains("there is no pair to learn from")
                .contains("reelrank pairs");
        assertThat(refused(folder.resolve("gone.jsonl")))
                .contains("gone.jsonl: there is no such file")
                .contains("reelrank pairs");
    }

    @Test
    void pairsThatContradictEachOther() {
        assertThat(refused(List.of(pair("a", "x", "y"), pair("a", "y", "x"), pair("b", "p", "q"))))
                .contains("1 problem(s) in 3 pairs")
                .contains("pair 2")
                .contains("contradicts pair 1")
                .contains("pairs validate");
    }

    @Test
    void pairsOfOneSampleAloneWhereSomeAreHeldOut() {
        assertThat(refused(List.of(pair("a", "x", "y"), pair("a", "x", "z"))))
                .contains("1 sample(s)")
                .contains("align.heldOut=0");
    }

    @Test
    void aRankOfZeroAndAnImpossibleRate() {
        var good = List.of(pair("a", "x", "y"), pair("b", "p", "q"));
        assertThat(refused(good, "--set", "align.rank=0"))
                .contains("align.rank is 0; it must be between 1 and 1024");
        assertThat(refused(good, "--set", "align.learningRate=0"))
                .contains("align.learningRate is 0");
        assertThat(Files.exists(folder.resolve("none"))).isFalse();
    }
}
