package dev.reelrank.cli;

import dev.reelrank.bus.process.TemporaryFiles;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.Gpus;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at this machine with the eyes of the pipeline. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Checks Java, memory, GPUs, CUDA libraries, disk and models, and lists what to fix.")
final class DoctorCommand implements Callable<Integer> {
    private static final long GIB = 1L << 30;

    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    /**
     * @param ok false: it needs mending
     */
    record Finding(String what, boolean ok, String found) {}

    @Override
    public Integer call() throws IOException {
        var findings = new ArrayList<Finding>();
        findings.add(
                new Finding(
                        "java",
                        Runtime.version().feature() >= 17,
                        Runtime.version() + ", " + System.getProperty("java.home")));
        var os =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        long memory = os.getTotalMemorySize() / GIB;
        findings.add(
                new Finding(
                        "memory",
                        memory >= 7,
                        memory
                                + " GiB, "
                                + Runtime.getRuntime().availableProcessors()
                                + " cores (8 GiB are enough for the testbed models)"));
        gpus(findings);
        DataFolder data = farm.dataFolder();
        disk(findings, "data folder", data.root(), 2);
        temporary(findings);
        disk(findings, "present folder", Path.of("").toAbsolutePath(), 1);
        models(findings);
        if (json) {
            Json.print(findings);
        } else {
            findings.forEach(
                    f ->
                            System.out.printf(
                                    "%-4s %-14s %s%n", f.ok() ? "ok" : "!!", f.what(), f.found()));
        }
        return findings.stream().allMatch(Finding::ok) ? ExitCode.OK : ExitCode.CONFIG;
    }

    private static void gpus(List<Finding> findings) {
        var gpus = Gpus.all();
        if (gpus.isEmpty()) {
            findings.add(
                    new Finding(
                            "gpu",
                            true,
                            "none (nvidia-smi lists none); all stages run on the CPU"));
            return;
        }
        gpus.forEach(
                g ->
                        findings.add(
                                new Finding(
                                        "cuda:" + g.index(),
                                        true,
                                        "%s, %.0f GiB, %s"
                                                .formatted(g.name(), g.memoryGib(), g.uuid()))));
        // libtorch links CUDA 13; the driver alone is not enough.
        Map<String, Boolean> libraries = new LinkedHashMap<>();
        for (String library :
                List.of("libcudart.so.13", "libcublas.so.13", "libcudnn.so.9", "libnccl.so.2")) {
            libraries.put(library, found(library));
        }
        boolean all = libraries.values().stream().allMatch(Boolean::booleanValue);
        findings.add(
                new Finding(
                        "cuda libraries",
                        all,
                        all
                                ? "CUDA 13, cuDNN 9 and NCCL found"
                                : "not found on LD_LIBRARY_PATH: "
                                        + libraries.entrySet().stream()
                                                .filter(e -> !e.getValue())
                                                .map(Map.Entry::getKey)
                                                .toList()
                                        + "; install CUDA 13 with cuDNN 9, build with -Pcuda"));
    }

    private static boolean found(String library) {
        var folders =
                new ArrayList<>(
                        List.of(
                                "/usr/local/cuda/lib64",
                                "/usr/lib/x86_64-linux-gnu",
                                "/usr/local/nvidia/lib64"));
        String path = System.getenv("LD_LIBRARY_PATH");
        if (path != null) {
            folders.addAll(List.of(path.split(":")));
        }
        return folders.stream()
                .filter(f -> !f.isBlank())
                .anyMatch(f -> Files.exists(Path.of(f, library)));
    }

    private static void disk(List<Finding> findings, String what, Path folder, long neededGib)
            throws IOException {
        var store = Files.getFileStore(folder);
        long free = store.getUsableSpace() / GIB;
        findings.add(
                new Finding(
                        what,
                        free >= neededGib && Files.isWritable(folder),
                        "%s, %d GiB free%s"
                                .formatted(
                                        folder,
                                        free,
                                        Files.isWritable(folder) ? "" : ", not writable")));
    }

    private static void temporary(List<Finding> findings) {
        try {
            TemporaryFiles.check();
            findings.add(new Finding("temporary", true, System.getProperty("java.io.tmpdir")));
        } catch (StageException e) {
            findings.add(new Finding("temporary", false, String.valueOf(e.getMessage())));
        }
    }

    private void models(List<Finding> findings) {
        try {
            var folders = models.folders();
            for (ModelName name : ModelName.values()) {
                findings.add(model(folders, name));
            }
        } catch (StageException e) {
            findings.add(new Finding("models", false, String.valueOf(e.getMessage())));
        }
    }

    private static Finding model(ModelFolders folders, ModelName name) {
        try {
            Path folder = folders.folder(name);
            return new Finding("model " + name.id(), true, folder.toString());
        } catch (StageException e) {
            if (name.optional()) {
                return new Finding(
                        "model " + name.id(),
                        true,
                        "not there; only scores that are asked for use it");
            }
            return new Finding("model " + name.id(), false, String.valueOf(e.getMessage()));
        }
    }
}
