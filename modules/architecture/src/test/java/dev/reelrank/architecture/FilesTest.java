package dev.reelrank.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How files get their names. */
final class FilesTest {
    private static final SourceTree TREE = SourceTree.read();

    private static final String WHOLE_FILE = "dev.reelrank.pipeline.file.WholeFile";

    /** Who moves by itself, and why. Everybody else writes with {@code WholeFile}. */
    private static final List<String> APART =
            List.of(
                    // Named by content; the first result holds; damage is moved aside.
                    "dev.reelrank.worker.store.LocalStore",
                    // Takes a file away, looks at it, and puts it back unless there is another by
                    // then.
                    "dev.reelrank.worker.store.LocalContents",
                    // The name of a file under a lock is the state of a claim; nothing is replaced.
                    "dev.reelrank.worker.lease.Capacity",
                    // Takes a store's folder away from a living farm.
                    "dev.reelrank.bench.chaos.Injector");

    @Test
    void onlyWholeFileMovesFiles() {
        var others = noClasses().that().doNotHaveFullyQualifiedName(WHOLE_FILE);
        for (String name : APART) {
            others = others.and().doNotHaveFullyQualifiedName(name);
        }
        others.should()
                .callMethod(Files.class, "move", Path.class, Path.class, CopyOption[].class)
                .because(
                        "a reader must see the old file or the new one: write it with WholeFile, or give a part of your"
                                + " own its name with WholeFile.move (REPLACE_EXISTING deletes the old file first)")
                .check(TREE.mainClasses());
    }
}
