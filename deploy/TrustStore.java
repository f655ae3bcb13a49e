import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;

/** java TrustStore.java FOLDER FILE: puts the certificates of a folder into a trust store, as Debian's package does. */
final class TrustStore {
    private TrustStore() {}

    public static void main(String[] args) throws IOException, GeneralSecurityException {
        List<Path> files;
        try (var found = Files.walk(Path.of(args[0]))) {
            files = found.filter(f -> f.toString().endsWith(".crt")).sorted().toList();
        }
        if (files.isEmpty()) {
            throw new IOException("no certificate in " + args[0]);
        }
        var store = KeyStore.getInstance("JKS");
        store.load(null, null);
        var factory = CertificateFactory.getInstance("X.509");
        for (var file : files) {
            try (var in = Files.newInputStream(file)) {
                store.setCertificateEntry(
                        file.getFileName().toString(), factory.generateCertificate(in));
            }
        }
        try (var out = Files.newOutputStream(Path.of(args[1]))) {
            store.store(out, "changeit".toCharArray());
        }
    }
}
