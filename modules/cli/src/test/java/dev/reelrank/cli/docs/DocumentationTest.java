package dev.reelrank.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.cli.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the documentation names must exist: files, headings, types, commands and options. */
final class DocumentationTest {
    /** Names in the style of types that belong to other projects. */
    private static final Set<String> FOREIGN =
            Set.of(
                    // a scheduler of diffusers
                    "FlowMatchEulerDiscreteScheduler",
                    // architectures of transformers
                    "DINOv3ViTModel",
                    "Sam3Model",
                    "CLIPModel",
                    "Qwen3VLForConditionalGeneration",
                    // named in an implementation guide that preceded the project
                    "ProxyCLIPSegmenter",
                    "VBenchEvaluator",
                    "DQAWorkerOrchestrator");

    /** Two humps at least, so that ordinary capitalised words are no types. */
    private static final Pattern TYPE =
            Pattern.compile(
                    "([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)(?:\\.([A-Za-z]\\w*))?(?:\\(\\))?");

    private static final Pattern PATH =
            Pattern.compile("(?:docs|deploy|models|modules|samples|schemas|[a-z]+-worker)/[^ ]*");

    private static final int LINE = 120;

    private static Sources sources;
    private static CommandLine root;

    @BeforeAll
    static void read() throws IOException {
        sources = Sources.read();
        root = CommandLines.root();
    }

    @Test
    void shouldLinkToFilesAndHeadingsThatExist() throws IOException {
        var broken = new ArrayList<String>();
        var documents = new ArrayList<>(Document.pages());
        documents.addAll(Document.decisions());
        for (var document : documents) {
            Path here = Document.HOME.resolve(document.path());
            for (String link : document.links()) {
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty() ? here : here.resolveSibling(parts[0]).normalize();
                if (!Files.exists(target)
                        || parts.length == 2
                                && !Document.read(target).anchors().contains(parts[1])) {
                    broken.add(document.path() + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void shouldNamePathsThatExist() throws IOException {
        var missing = new ArrayList<String>();
        for (var document : Document.pages()) {
            for (String code : document.code()) {
                if (PATH.matcher(code).matches() && !exists(code)) {
                    missing.add(document.path() + ": " + code);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void shouldNameTypesAndMembersThatExist() throws IOException {
        var unknown = new ArrayList<String>();
        for (var document : Document.pages()) {
            for (String code : document.code()) {
                var type = TYPE.matcher(code);
                if (type.matches()
                        && !FOREIGN.contains(type.group(1))
                        && !(sources.types().contains(type.group(1))
                                && (type.group(2) == null
                                        || sources.words().contains(type.group(2))))) {
                    unknown.add(document.path() + ": " + code);
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    /** Decisions may name types that have gone since, but what confirms them must be there. */
    @Test
    void shouldNameTestsThatExist() throws IOException {
        var unknown = new ArrayList<String>();
        for (var document : Document.decisions()) {
            for (String code : document.code()) {
                var type = TYPE.matcher(code);
                if (type.matches()
                        && type.group(1).matches("\\w+(?:Test|IT|Properties)")
                        && !(sources.types().contains(type.group(1))
                                && (type.group(2) == null
                                        || sources.words().contains(type.group(2))))) {
                    unknown.add(document.path() + ": " + code);
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void shouldShowCommandsAndOptionsThatExist() throws IOException {
        var wrong = new ArrayList<String>();
        int shown = 0;
        for (var document : Document.pages()) {
            var calls = new ArrayList<List<String>>();
            document.shell().forEach(line -> calls.addAll(calls(line, false)));
            document.code().stream()
                    .filter(code -> code.contains("reelrank ") || startsWithCommand(code))
                    .forEach(code -> calls.addAll(calls(code, true)));
            for (List<String> call : calls) {
                shown++;
                fault(call).forEach(fault -> wrong.add(document.path() + ": " + fault));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(shown).as("commands shown").isGreaterThan(50);
    }

    @Test
    void shouldNameOptionsThatSomeCommandOrScriptTakes() throws IOException {
        var unknown = new ArrayList<String>();
        for (var document : Document.pages()) {
            for (String code : document.code()) {
                String option = code.split("[ =\\[]", 2)[0].replaceFirst("^--no-", "--");
                if (option.matches("--[a-z][a-z0-9-]+")
                        && !sources.options().contains(option)
                        && !option.equals("--depth")) {
                    unknown.add(document.path() + ": " + code);
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void shouldKeepLinesShort() throws IOException {
        var lengthy = new ArrayList<String>();
        var documents = new ArrayList<>(Document.pages());
        documents.addAll(Document.decisions());
        for (var document : documents) {
            document.prose().stream()
                    .filter(line -> !line.startsWith("|") && !line.startsWith("!["))
                    .filter(line -> line.codePointCount(0, line.length()) > LINE)
                    .forEach(line -> lengthy.add(document.path() + ": " + line));
        }
        assertThat(lengthy).isEmpty();
    }

    /** A path may have parts that stand for many: then what comes before them must exist. */
    private static boolean exists(String path) {
        String fixed = path.split("[*<…]", 2)[0];
        Path file = Document.HOME.resolve(fixed);
        return fixed.equals(path) || fixed.endsWith("/")
                ? Files.exists(file)
                : Files.exists(file.getParent());
    }

    private static boolean startsWithCommand(String code) {
        return code.contains(" ") && root.getSubcommands().containsKey(code.split(" ", 2)[0]);
    }

    /**
     * The words behind each call of the program in a line.
     *
     * @param bare whether a command may stand without the program's name, as it does in prose
     */
    private static List<List<String>> calls(String line, boolean bare) {
        var calls = new ArrayList<List<String>>();
        String text = line.strip().replaceFirst("^\\$ ", "");
        for (String part : text.split("(?: &&? )|(?:(?:^| )#.*)")) {
            var words = new ArrayList<>(Arrays.asList(part.strip().split("\\s+")));
            while (!words.isEmpty() && words.get(0).matches("[A-Z_]+=.*")) {
                words.remove(0);
            }
            if (words.size() > 1 && words.get(0).matches("(?:\\./)?reelrank")) {
                calls.add(words.subList(1, words.size()));
            } else if (bare
                    && words.size() > 1
                    && root.getSubcommands().containsKey(words.get(0))) {
                calls.add(words);
            }
        }
        return calls;
    }

    /** Why a call would not be understood; empty where it would. Values are not looked at. */
    private static List<String> fault(List<String> call) {
        var faults = new ArrayList<String>();
        CommandLine command = root;
        String before = "";
        for (String word : call) {
            // What follows an option may be its value, also where a command has others below it.
            boolean value = before.startsWith("--");
            before = word;
            if (!value && !command.getSubcommands().isEmpty() && word.matches("[a-z]+")) {
                if (!command.getSubcommands().containsKey(word)) {
                    return List.of("no command " + word + " in " + call);
                }
                command = command.getSubcommands().get(word);
            }
            String option = word.replaceAll("^\\[|[\\],.]+$", "").split("[=\\[]", 2)[0];
            if (option.matches("--[a-z][a-z0-9-]*")
                    && command.getCommandSpec().findOption(option) == null) {
                faults.add("no option " + option + " in " + call);
            }
        }
        return faults;
    }
}
