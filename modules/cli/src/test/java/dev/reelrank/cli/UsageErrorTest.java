package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class UsageErrorTest {
    private final StringWriter err = new StringWriter();

    @Test
    void anUnknownOptionIsNamedWithWhatWasMeantAndNoPageOfOptions() {
        assertThat(execute("run", "--sample-id", "cat")).isEqualTo(ExitCode.CONFIG);
        assertThat(err.toString())
                .contains("'--sample-id'")
                .contains("--sample-ids")
                .contains("see 'reelrank run --help'");
        assertThat(err.toString().lines().count()).isLessThan(6);
    }

    @Test
    void anUnknownCommandListsTheCommands() {
        assertThat(execute("generat")).isEqualTo(ExitCode.CONFIG);
        assertThat(err.toString()).contains("'generat'").contains("replay");
    }

    @Test
    void aCommandAloneIsTheSameAsAmongAll() {
        Main.commandLine()
                .getSubcommands()
                .forEach(
                        (name, command) -> {
                            var alone = Main.commandLine(name, "--help").getSubcommands();
                            assertThat(alone).containsOnlyKeys(name);
                            assertThat(command.getCommandName()).isEqualTo(name);
                            assertThat(alone.get(name).getUsageMessage())
                                    .isEqualTo(command.getUsageMessage());
                        });
    }

    private int execute(String... args) {
        return Main.commandLine(args).setErr(new PrintWriter(err, true)).execute(args);
    }
}
