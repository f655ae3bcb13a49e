package dev.reelrank.architecture;

import static java.util.stream.Collectors.toCollection;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The modules of the project as they lie on disk: folders, packages, compiled classes. */
record SourceTree(Path root, List<Module> modules) {
    static final String LAYERING = "etc/module-layering.yaml";

    /**
     * One module.
     *
     * @param name the last part of its folder, such as {@code bus} or {@code dqa-worker}
     * @param folder where its pom is
     * @param packages the packages of its main sources
     */
    record Module(String name, Path folder, Set<String> packages) {
        Path mainSources() {
            return folder.resolve("src/main/java");
        }

        Path testSources() {
            return folder.resolve("src/test/java");
        }

        Path mainClasses() {
            return folder.resolve("target/classes");
        }

        Path testClasses() {
            return folder.resolve("target/test-classes");
        }
    }

    /** Reads the tree around the working directory. */
    static SourceTree read() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve(LAYERING))) {
            root = root.getParent();
            if (root == null) {
                throw new IllegalStateException(
                        "no " + LAYERING + " above " + Path.of("").toAbsolutePath());
            }
        }
        List<Module> modules = new ArrayList<>();
        NodeList folders = pom(root.resolve("pom.xml")).getElementsByTagName("module");
        for (int i = 0; i < folders.getLength(); i++) {
            Path folder = root.resolve(folders.item(i).getTextContent().strip());
            modules.add(
                    new Module(
                            folder.getFileName().toString(),
                            folder,
                            packages(folder.resolve("src/main/java"))));
        }
        return new SourceTree(root, List.copyOf(modules));
    }

    /** The modules by package. A package in two modules is a fault, named in the message. */
    Map<String, Module> modulesByPackage() {
        Map<String, Module> byPackage = new TreeMap<>();
        for (Module module : modules) {
            for (String name : module.packages()) {
                Module other = byPackage.put(name, module);
                if (other != null) {
                    throw new AssertionError(
                            "package "
                                    + name
                                    + " is in two modules, "
                                    + other.name()
                                    + " and "
                                    + module.name()
                                    + "; rename it in one of them");
                }
            }
        }
        return byPackage;
    }

    /** The compiled main classes of all modules. */
    JavaClasses mainClasses() {
        List<Path> folders = new ArrayList<>();
        for (Module module : modules) {
            if (!module.packages().isEmpty()) {
                folders.add(compiled(module.mainClasses()));
            }
        }
        return new ClassFileImporter().importPaths(folders);
    }

    /** The compiled test classes of all modules. */
    JavaClasses testClasses() {
        List<Path> folders = new ArrayList<>();
        for (Module module : modules) {
            if (!javaFiles(module.testSources()).isEmpty()) {
                folders.add(compiled(module.testClasses()));
            }
        }
        return new ClassFileImporter().importPaths(folders);
    }

    /** Without this a module that is not built would pass every rule. */
    private static Path compiled(Path folder) {
        if (!Files.exists(folder)) {
            throw new IllegalStateException(
                    folder
                            + " is missing; build all modules: mvn -pl modules/architecture -am test");
        }
        return folder;
    }

    /** The Java files below a folder; none if the folder is absent. */
    static List<Path> javaFiles(Path folder) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** A file's text. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Set<String> packages(Path sources) {
        return javaFiles(sources).stream()
                .map(file -> sources.relativize(file.getParent()).toString())
                .map(path -> path.replace(path.contains("/") ? '/' : '\\', '.'))
                .collect(toCollection(TreeSet::new));
    }

    private static Document pom(Path file) {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        } catch (IOException | SAXException | ParserConfigurationException e) {
            throw new IllegalStateException("cannot read " + file, e);
        }
    }
}
