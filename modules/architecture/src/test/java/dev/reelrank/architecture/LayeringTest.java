package dev.reelrank.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the tree to {@code etc/module-layering.yaml}. */
final class LayeringTest {
    private static final SourceTree TREE = SourceTree.read();
    private static final Set<String> FREE =
            Set.of("java", "javax", "org.jspecify.annotations", "org.w3c.dom", "org.xml.sax");

    private static Layering layering;
    private static JavaClasses classes;

    @BeforeAll
    static void readOnce() throws IOException {
        layering = Layering.read(TREE.root().resolve(SourceTree.LAYERING));
        classes = TREE.mainClasses();
    }

    static Stream<String> modules() {
        return TREE.modules().stream().map(SourceTree.Module::name);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleUsesOnlyWhatItsRowAllows(String name) {
        Map<String, String> usedModules = new TreeMap<>();
        Map<String, String> usedLibraries = new TreeMap<>();
        collectUses(name, usedModules, usedLibraries);
        Layering.Row row = layering.rows().get(name);
        assertThat(row)
                .withFailMessage(
                        "%s has no row for module %s. Put one above the modules that use it, with what the design"
                                + " allows it; today its classes use%n  %s:%n    modules: %s%n    libraries: %s",
                        SourceTree.LAYERING,
                        name,
                        name,
                        usedModules.keySet(),
                        usedLibraries.keySet())
                .isNotNull();
        List<String> refused = new ArrayList<>();
        usedModules.forEach(
                (module, where) -> {
                    if (!row.modules().contains(module)) {
                        refused.add("module " + module + ": " + where);
                    }
                });
        usedLibraries.forEach(
                (library, where) -> {
                    if (Stream.of(library.split("\\|")).noneMatch(row.libraries()::contains)) {
                        refused.add("library " + library + ": " + where);
                    }
                });
        assertThat(refused)
                .withFailMessage(
                        "Module %s uses what its row in %s does not allow:%n  %s%nMove the code to where it may be,"
                                + " or, if the design wants it, extend the row and say why in the commit.",
                        name, SourceTree.LAYERING, String.join("\n  ", refused))
                .isEmpty();
    }

    @Test
    void everyRowIsAModuleOfTheTree() {
        assertThat(layering.rows().keySet())
                .as("rows of %s; remove those without a module", SourceTree.LAYERING)
                .isSubsetOf(modules().toList());
    }

    @Test
    void aRowNamesOnlyRowsAboveItAndKnownLibraryGroups() {
        Set<String> above = new HashSet<>();
        layering.rows()
                .forEach(
                        (name, row) -> {
                            assertThat(above)
                                    .as("rows above %s, which alone it may name", name)
                                    .containsAll(row.modules());
                            assertThat(layering.groups().keySet())
                                    .as("library groups, which alone %s may name", name)
                                    .containsAll(row.libraries());
                            above.add(name);
                        });
    }

    @Test
    void modulesOfOneKindDoNotKnowEachOther() {
        layering.rows()
                .forEach(
                        (name, row) -> {
                            if (row.kind() != null) {
                                Set<String> alike = new TreeSet<>(row.modules());
                                alike.removeIf(
                                        other ->
                                                !row.kind()
                                                        .equals(layering.rows().get(other).kind()));
                                assertThat(alike)
                                        .as(
                                                "modules of kind %s that %s names; what they share belongs in a module"
                                                        + " below both",
                                                row.kind(), name)
                                        .isEmpty();
                            }
                        });
    }

    @Test
    void aFolderNamedWorkerIsOfKindWorker() {
        layering.rows()
                .forEach(
                        (name, row) -> {
                            if (name.endsWith("-worker")) {
                                assertThat(row.kind()).as("kind of %s", name).isEqualTo("worker");
                            }
                        });
    }

    /** Finds what the classes of a module use: module or library group, and one place for each. */
    private static void collectUses(
            String name, Map<String, String> usedModules, Map<String, String> usedLibraries) {
        Map<String, SourceTree.Module> byPackage = TREE.modulesByPackage();
        Set<String> nameless = new TreeSet<>();
        for (JavaClass type : classes) {
            if (!byPackage.get(type.getPackageName()).name().equals(name)) {
                continue;
            }
            for (Dependency use : type.getDirectDependenciesFromSelf()) {
                String target = use.getTargetClass().getBaseComponentType().getPackageName();
                String where = use.getDescription();
                SourceTree.Module module = byPackage.get(target);
                if (module != null) {
                    if (!module.name().equals(name)) {
                        usedModules.putIfAbsent(module.name(), where);
                    }
                } else if (!isFree(target)) {
                    Set<String> groups = layering.groupsOf(target);
                    if (groups.isEmpty()) {
                        nameless.add(target + ": " + where);
                    } else {
                        usedLibraries.putIfAbsent(String.join("|", groups), where);
                    }
                }
            }
        }
        assertThat(nameless)
                .withFailMessage(
                        "Module %s uses packages that no library group of %s names:%n  %s%nAdd them to a group.",
                        name, SourceTree.LAYERING, String.join("\n  ", nameless))
                .isEmpty();
    }

    private static boolean isFree(String target) {
        return target.isEmpty() // primitives
                || FREE.stream()
                        .anyMatch(free -> target.equals(free) || target.startsWith(free + "."));
    }
}
