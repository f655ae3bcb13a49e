package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.broker.ClusterOptions;
import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every command that speaks to a cluster finds it in the same way. */
final class OneClusterTest {
    @Test
    void noCommandLooksForTheClusterInAWayOfItsOwn() {
        var found = new ArrayList<String>();
        collect(Main.commandLine(), found);
        assertThat(found)
                .contains("submit", "status", "collect", "run", "list", "read", "flow", "grade");
    }

    private static void collect(CommandLine command, List<String> found) {
        for (String name : List.of("--bootstrap", "--kafka-config")) {
            var option = command.getCommandSpec().findOption(name);
            if (option != null) {
                assertThat(((Member) option.userObject()).getDeclaringClass())
                        .as("%s of %s", name, command.getCommandSpec().qualifiedName())
                        .isEqualTo(ClusterOptions.class);
                found.add(command.getCommandName());
            }
        }
        command.getSubcommands().values().forEach(sub -> collect(sub, found));
    }
}
