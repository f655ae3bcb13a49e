package dev.reelrank.trainer;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A training whose disk becomes full before a state is stored, and is then emptied: FOLDER, STORE
 * and the DISK that is filled. Says line by line what happened.
 */
final class FullDiskMain {
    /** Less than a state takes, so that the disk becomes full in the middle of it. */
    private static final int LEFT = 8192;

    private static final int FILLED_AT = 5;

    private final Path folder;
    private final Path root;
    private final Path ballast;

    private FullDiskMain(Path folder, Path root, Path disk) {
        this.folder = folder;
        this.root = root;
        this.ballast = disk.resolve("ballast");
    }

    public static void main(String[] args) throws IOException {
        new FullDiskMain(Path.of(args[0]), Path.of(args[1]), Path.of(args[2])).run();
    }

    private void run() throws IOException {
        try (var store = LocalStore.open(folder.resolve("undisturbed"))) {
            say("undisturbed", hashes(train(store, request(store), BatchListener.NONE)));
        }
        try (var store = LocalStore.open(root)) {
            var request = request(store);
            try {
                train(store, request, new Filling());
            } catch (StageException e) {
                say("failed", e.code() + " " + e.getMessage());
            }
            say("kept", files("drafts"));
            say("left over", files("tmp"));
            Files.delete(ballast);
            var heard = new Steps(Integer.MAX_VALUE);
            say("ended", hashes(train(store, request, heard)));
            say("steps", heard.steps);
        }
    }

    private AlignRequest request(LocalStore store) throws IOException {
        var tiny = new TinyTraining(folder, store);
        return tiny.request(tiny.pairs(3), TinyTraining.config(7, 2, 1e-3, 0));
    }

    private AlignResult train(LocalStore store, AlignRequest request, BatchListener listener) {
        try (var runner =
                StageRunner.of(TinyTraining.stage(folder, store, List.of()), store, Device.CPU)) {
            return runner.run(request, listener).result();
        }
    }

    private static void say(String what, Object how) {
        System.out.println(what + ": " + how);
    }

    private static Map<String, String> hashes(AlignResult result) {
        var hashes = new TreeMap<String, String>();
        result.files().forEach((network, blob) -> hashes.put(network, blob.sha256()));
        return hashes;
    }

    /** The files below a folder of the store, by name, with their bytes. */
    private Map<String, Long> files(String below) throws IOException {
        var found = new TreeMap<String, Long>();
        try (var all = Files.walk(root.resolve(below))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                found.put(file.getFileName().toString(), Files.size(file));
            }
        }
        return found;
    }

    /** Fills the disk after one of the steps. */
    private final class Filling extends Steps {
        Filling() {
            super(Integer.MAX_VALUE);
        }

        @Override
        public void progress(int item, int step, int of, Map<String, Double> latest) {
            super.progress(item, step, of, latest);
            if (latest.containsKey("loss") && step == FILLED_AT) {
                fill();
            }
        }
    }

    private void fill() {
        try (var file =
                FileChannel.open(
                        ballast, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            try {
                while (true) {
                    file.write(ByteBuffer.allocate(1 << 16));
                }
            } catch (IOException full) {
                say("filled", full.getMessage());
            }
            file.truncate(file.size() - LEFT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
