package dev.reelrank.diffusion.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.text.StringEscapeUtils;

/**
 * Cleans a prompt as Wan's pipelines do: repairs text that was decoded wrongly, resolves HTML
 * entities twice, collapses white space.
 *
 * <p>The repair covers the usual damage (UTF-8 read as Windows-1252, curly quotes, ligatures,
 * control characters, composed forms), not every rule of Python's ftfy.
 */
public final class PromptCleaner {
    private static final Pattern SPACES = Pattern.compile("(?U)\\s+");
    private static final Pattern CONTROLS =
            Pattern.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\ufeff\\ufff9-\\ufffc]");
    private static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final Map<String, String> PLAIN =
            Map.ofEntries(
                    Map.entry("\u2018", "'"),
                    Map.entry("\u2019", "'"),
                    Map.entry("\u201a", "'"),
                    Map.entry("\u201b", "'"),
                    Map.entry("\u201c", "\""),
                    Map.entry("\u201d", "\""),
                    Map.entry("\u201e", "\""),
                    Map.entry("\u201f", "\""),
                    Map.entry("\ufb00", "ff"),
                    Map.entry("\ufb01", "fi"),
                    Map.entry("\ufb02", "fl"),
                    Map.entry("\ufb03", "ffi"),
                    Map.entry("\ufb04", "ffl"));

    private PromptCleaner() {}

    public static String clean(String prompt) {
        String text = repaired(prompt);
        text = StringEscapeUtils.unescapeHtml4(StringEscapeUtils.unescapeHtml4(text));
        return SPACES.matcher(text).replaceAll(" ").strip();
    }

    private static String repaired(String prompt) {
        String text = decodedAgain(prompt);
        for (var plain : PLAIN.entrySet()) {
            text = text.replace(plain.getKey(), plain.getValue());
        }
        text = CONTROLS.matcher(text).replaceAll("");
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /** Undoes reading UTF-8 as Windows-1252, where the whole text shows that it happened. */
    private static String decodedAgain(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        try {
            ByteBuffer bytes =
                    WINDOWS.newEncoder()
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .encode(CharBuffer.wrap(text));
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            // The text is not UTF-8 in disguise: it stays as it is.
            return text;
        }
    }
}
