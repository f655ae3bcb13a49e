package dev.reelrank.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How packages hang together. */
final class PackagesTest {
    private static final SourceTree TREE = SourceTree.read();

    @Test
    void noPackagesUseEachOtherInACircle() {
        slices().assignedFrom(new ByPackage())
                .should()
                .beFreeOfCycles()
                .because("a package must be readable, and movable, without the packages above it")
                .check(TREE.mainClasses());
    }

    @Test
    void pairsAndLossesKnowNoEngine() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.reelrank.alignment.pairs..", "dev.reelrank.alignment.loss..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.reelrank.torch..", "dev.reelrank.diffusion..", "org.bytedeco..")
                .because("pairs are made, and losses are reasoned about, without a native library")
                .check(TREE.mainClasses());
    }

    @Test
    void everyPackageSaysWhatLivesThereAndIsNullMarked() {
        List<String> silent = new ArrayList<>();
        for (SourceTree.Module module : TREE.modules()) {
            for (String name : module.packages()) {
                Path file =
                        module.mainSources().resolve(name.replace('.', '/') + "/package-info.java");
                if (!Files.exists(file) || !isNullMarked(file)) {
                    silent.add(TREE.root().relativize(file).toString());
                }
            }
        }
        assertThat(silent)
                .as(
                        "package-info.java that are missing, lack @NullMarked, or lack a comment; write what lives there"
                                + " and what may depend on it")
                .isEmpty();
    }

    private static boolean isNullMarked(Path file) {
        String text = SourceTree.text(file);
        return text.startsWith("/**") && text.contains("\n@NullMarked\n");
    }

    private static final class ByPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
