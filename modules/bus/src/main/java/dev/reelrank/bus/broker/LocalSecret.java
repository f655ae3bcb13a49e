package dev.reelrank.bus.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * A word in the broker's folder that only its owner can read. A broker that has one answers only
 * clients that know it: by SASL PLAIN, which is enough on the loopback interface. Without one it
 * answers every user of this host.
 *
 * @param word empty if the broker does not ask for one
 */
record LocalSecret(String word) {
    private static final String FILE = "secret";
    private static final String CLIENT = "client.properties";
    private static final int BYTES = 24;

    static LocalSecret read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return new LocalSecret(Files.exists(file) ? Files.readString(file).strip() : "");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Makes one, and the file of settings that other programs (kcat) need. */
    static void create(Path folder) throws IOException {
        var bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        var secret = new LocalSecret(HexFormat.of().formatHex(bytes));
        var settings = new StringBuilder();
        secret.client().forEach((name, value) -> settings.append(name + "=" + value + "\n"));
        Files.deleteIfExists(folder.resolve(CLIENT));
        write(folder.resolve(CLIENT), settings.toString());
        write(folder.resolve(FILE), secret.word());
    }

    private static void write(Path file, String text) throws IOException {
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    boolean isAsked() {
        return !word.isEmpty();
    }

    /** The settings of a client. */
    Map<String, String> client() {
        return isAsked()
                ? Map.of(
                        "security.protocol",
                        "SASL_PLAINTEXT",
                        "sasl.mechanism",
                        "PLAIN",
                        "sasl.jaas.config",
                        login(""))
                : Map.of();
    }

    /** Adds the settings of the broker and of its controller. */
    void addTo(Properties broker) {
        String protocol = isAsked() ? "SASL_PLAINTEXT" : "PLAINTEXT";
        broker.put(
                "listener.security.protocol.map",
                "PLAINTEXT:%1$s,CONTROLLER:%1$s".formatted(protocol));
        if (!isAsked()) {
            return;
        }
        broker.put("inter.broker.listener.name", "PLAINTEXT");
        broker.put("sasl.enabled.mechanisms", "PLAIN");
        broker.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        broker.put("sasl.mechanism.controller.protocol", "PLAIN");
        for (String listener : new String[] {"plaintext", "controller"}) {
            broker.put(
                    "listener.name." + listener + ".plain.sasl.jaas.config",
                    login(" user_farm=\"" + word + "\""));
        }
    }

    private String login(String users) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"farm\" password=\"%s\"%s;"
                .formatted(word, users);
    }

    /** Not the word: records are printed. */
    @Override
    public String toString() {
        return isAsked() ? "a secret" : "no secret";
    }
}
