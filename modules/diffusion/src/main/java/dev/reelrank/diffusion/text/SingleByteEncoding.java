package dev.reelrank.diffusion.text;

/**
 * An encoding of one byte per character.
 *
 * @param name the name that ftfy gives it; one that begins with "sloppy" gives every byte a meaning
 * @param characters the characters of the bytes 0 to 255
 */
record SingleByteEncoding(String name, String characters) {
    private static final int SUBSTITUTE = 0x1a;

    /** Whether a byte may stand for a character that was lost. */
    boolean sloppy() {
        return name.startsWith("sloppy");
    }

    /** Whether each character of the text has a byte. */
    boolean holds(String text) {
        return text.chars().allMatch(character -> indexOf(character) >= 0);
    }

    /** The bytes of a text that this encoding holds, each as the character of the same number. */
    String bytes(String text) {
        var bytes = new StringBuilder(text.length());
        text.chars().forEach(character -> bytes.append((char) indexOf(character)));
        return bytes.toString();
    }

    private int indexOf(int character) {
        return character < 0x80 && character != SUBSTITUTE
                ? character
                : characters.indexOf(character);
    }
}
