package dev.reelrank.bus.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LastWordsTest {
    private static final String STRUCTURED =
            "{\"timestamp\":1,\"level\":\"ERROR\",\"formattedMessage\":\"the models are not there\",\"throwable\":null}";

    @TempDir Path folder;

    @Test
    void shouldBeTheMessageOfAStructuredLine() throws IOException {
        assertThat(words("something before\n" + STRUCTURED + "\n\n"))
                .startsWith("the models are not there (log: ");
    }

    @Test
    void shouldBeTheLineItselfWhereItIsForPeople() throws IOException {
        assertThat(words(STRUCTURED + "\nMODEL_MISSING: no wan\n"))
                .startsWith("MODEL_MISSING: no wan");
        assertThat(words("{ cut off")).startsWith("{ cut off");
    }

    @Test
    void shouldBeTheCauseAndNotTheLastLineOfAStackTrace() throws IOException {
        String trace =
                """
                Exception in thread "main" java.lang.IllegalStateException: all is lost
                \tat dev.reelrank.cli.Main.main(Main.java:27)
                Caused by: java.io.IOException: no wood
                \tat java.base/java.lang.ClassLoader.loadClass(Unknown Source)
                \t... 17 more

                """;
        assertThat(words(trace)).startsWith("Caused by: java.io.IOException: no wood (log");
    }

    @Test
    void shouldSayThatThereAreNone() throws IOException {
        assertThat(words("")).contains("it wrote nothing to");
    }

    @Test
    void shouldNotBeThoseOfTheProcessBefore() throws IOException {
        Path log = Files.writeString(folder.resolve("again.log"), "the disk is full\n");
        var words = LastWords.ofNext(log);
        assertThat(words.said()).isEqualTo("it wrote nothing to " + log);
        Files.writeString(log, "the port is taken\n", StandardOpenOption.APPEND);
        assertThat(words.said()).startsWith("the port is taken (log: ");
        // Who begins the log anew is quoted from its first word.
        Files.writeString(log, "no memory\n");
        assertThat(words.said()).startsWith("no memory (log: ");
    }

    private String words(String log) throws IOException {
        return new LastWords(Files.writeString(folder.resolve("child.log"), log), 0).said();
    }
}
