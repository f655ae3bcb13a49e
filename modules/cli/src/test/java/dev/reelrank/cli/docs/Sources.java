package dev.reelrank.cli.docs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the project's sources declare.
 *
 * @param types simple names of the Java types, nested ones among them
 * @param words every word of the Java sources
 * @param options every word of a source that begins with two dashes
 */
record Sources(Set<String> types, Set<String> words, Set<String> options) {
    private static final Pattern TYPE =
            Pattern.compile("\\b(?:class|interface|record|enum)\\s+([A-Z]\\w*)");
    private static final Pattern WORD = Pattern.compile("\\w+");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z0-9-]*");

    /** Reads all of them below {@link Document#HOME}, build outputs left out. */
    static Sources read() throws IOException {
        var sources = new Sources(new HashSet<>(), new HashSet<>(), new HashSet<>());
        Files.walkFileTree(Document.HOME, sources.new Visitor());
        return sources;
    }

    private final class Visitor extends SimpleFileVisitor<Path> {
        private static final Set<String> SKIPPED = Set.of("target", ".git", "outputs", ".venv");

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(folder.getFileName().toString())
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            String name = file.getFileName().toString();
            if (name.matches(".*\\.(java|py|sh)") || name.equals("reelrank")) {
                String text = Files.readString(file);
                OPTION.matcher(text).results().forEach(found -> options.add(found.group()));
                if (name.endsWith(".java")) {
                    TYPE.matcher(text).results().forEach(found -> types.add(found.group(1)));
                    WORD.matcher(text).results().forEach(found -> words.add(found.group()));
                }
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
