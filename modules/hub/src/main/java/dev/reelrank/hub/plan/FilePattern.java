package dev.reelrank.hub.plan;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Names files of a repository: {@code *} stands for any characters but {@code /}, {@code **} for
 * any characters. Alternatives stand behind {@code |}; the first that some file fits counts. A
 * pattern that ends in {@code ?} may fit no file.
 *
 * @param text as the plan has it
 */
record FilePattern(String text) {
    /** The paths that this pattern selects, in their order. */
    List<String> select(List<String> paths) {
        for (String alternative : required().split("\\|", -1)) {
            var pattern = compile(alternative.strip());
            var found = paths.stream().filter(p -> pattern.matcher(p).matches()).toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    boolean isOptional() {
        return text.endsWith("?");
    }

    private String required() {
        return isOptional() ? text.substring(0, text.length() - 1) : text;
    }

    private static Pattern compile(String glob) {
        var regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            if (glob.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (glob.charAt(i) == '*') {
                regex.append("[^/]*");
            } else {
                regex.append(Pattern.quote(glob.substring(i, i + 1)));
            }
        }
        return Pattern.compile(regex.toString());
    }
}
