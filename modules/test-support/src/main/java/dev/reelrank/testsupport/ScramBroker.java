package dev.reelrank.testsupport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Kafka broker as shared clusters are set up: TLS with a certificate of its own, users with
 * SCRAM-SHA-512, and rights. The user {@code admin} may do everything; the others may do what is
 * granted.
 */
public final class ScramBroker implements AutoCloseable {
    private static final String STORE_WORD = "store-word-of-the-test";
    private final Process process;
    private final String bootstrap;
    private final Path certificate;

    private ScramBroker(Process process, String bootstrap, Path certificate) {
        this.process = process;
        this.bootstrap = bootstrap;
        this.certificate = certificate;
    }

    /**
     * Starts one; its first answer takes some seconds, which clients wait.
     *
     * @param folder an empty folder for its data and its log, {@code broker.log}
     * @param users name and password of each, {@code admin} among them
     */
    public static ScramBroker start(Path folder, Map<String, String> users) throws Exception {
        Path keys = folder.resolve("broker.p12");
        Path certificate = folder.resolve("broker.pem");
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                STORE_WORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "broker",
                "-keystore",
                keys.toString(),
                "-storepass",
                STORE_WORD,
                "-file",
                certificate.toString());
        var broker = new OneBroker(folder);
        var p =
                broker.settings(
                        "SASL_SSL",
                        "SCRAM-SHA-512",
                        login("admin", String.valueOf(users.get("admin"))));
        p.put("ssl.keystore.type", "PKCS12");
        p.put("ssl.keystore.location", keys.toString());
        p.put("ssl.keystore.password", STORE_WORD);
        p.put("ssl.truststore.type", "PEM");
        p.put("ssl.truststore.location", certificate.toString());
        p.put("group.share.min.heartbeat.interval.ms", "500");
        p.put("group.share.heartbeat.interval.ms", "500");
        p.put("group.share.assignment.interval.ms", "0");
        var credentials = new ArrayList<String>();
        users.forEach(
                (name, word) ->
                        credentials.add(
                                "SCRAM-SHA-512=[name=%s,password=%s]".formatted(name, word)));
        return new ScramBroker(broker.start(p, credentials), broker.bootstrap(), certificate);
    }

    public String bootstrap() {
        return bootstrap;
    }

    /** A client's settings, as in the file of {@code --kafka-config}, without the address. */
    public Map<String, String> settings(String user, String password) {
        return Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "SCRAM-SHA-512",
                "sasl.jaas.config", login(user, password),
                "ssl.truststore.type", "PEM",
                "ssl.truststore.location", certificate.toString());
    }

    private static String login(String user, String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(user, password);
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + said);
        }
    }

    @Override
    public void close() {
        OneBroker.end(process);
    }
}
