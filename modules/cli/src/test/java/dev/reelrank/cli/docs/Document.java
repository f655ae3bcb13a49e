package dev.reelrank.cli.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, split into prose and fenced blocks.
 *
 * @param path of the page below the project's folder
 * @param prose its lines outside fenced blocks
 * @param shell the lines of its fenced blocks that have no language of their own, or a shell's;
 *     lines that end in a backslash are joined with the next
 */
record Document(Path path, List<String> prose, List<String> shell) {
    static final Path HOME = Path.of("../..").toAbsolutePath().normalize();

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    /** The pages that users read, without the decision records. */
    static List<Document> pages() throws IOException {
        var pages = new ArrayList<Document>();
        pages.add(read(HOME.resolve("README.md")));
        pages.addAll(in("deploy"));
        pages.addAll(in("docs"));
        return pages;
    }

    /** The decision records. They may name what has gone since. */
    static List<Document> decisions() throws IOException {
        return in("docs/decisions");
    }

    private static List<Document> in(String folder) throws IOException {
        var documents = new ArrayList<Document>();
        try (Stream<Path> files = Files.list(HOME.resolve(folder))) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".md")) {
                    documents.add(read(file));
                }
            }
        }
        return documents;
    }

    static Document read(Path file) throws IOException {
        var prose = new ArrayList<String>();
        var shell = new ArrayList<String>();
        String fence = null;
        var joined = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            if (line.strip().startsWith("```")) {
                fence = fence == null ? line.strip().substring(3) : null;
            } else if (fence == null) {
                prose.add(line);
            } else if (List.of("", "console", "sh", "bash").contains(fence)) {
                if (line.endsWith("\\")) {
                    joined.append(line, 0, line.length() - 1).append(' ');
                } else {
                    shell.add(joined + line);
                    joined.setLength(0);
                }
            }
        }
        return new Document(HOME.relativize(file), List.copyOf(prose), List.copyOf(shell));
    }

    /** What the prose spells as code. */
    List<String> code() {
        return CODE.matcher(String.join("\n", prose))
                .results()
                .map(found -> found.group(1).replace('\n', ' '))
                .toList();
    }

    /** The targets of links to this project. */
    List<String> links() {
        return LINK.matcher(String.join("\n", prose))
                .results()
                .map(found -> found.group(1))
                .filter(target -> !target.contains("://"))
                .toList();
    }

    /** The names by which links reach the headings, formed as the common hosts form them. */
    List<String> anchors() {
        return prose.stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .toList();
    }
}
