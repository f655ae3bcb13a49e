package dev.reelrank.client.farm;

import dev.reelrank.bus.broker.BrokerFolder;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.Stages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which processes a {@link FarmSpec} asks for, and how each is started. The same name is the same
 * process.
 */
final class ProcessPlan {
    static final String BROKER = "broker";

    private static final String MAIN = "dev.reelrank.cli.Main";

    private final DataFolder data;

    ProcessPlan(DataFolder data) {
        this.data = data;
    }

    List<ProcessSpec> of(FarmSpec spec) {
        var processes = new ArrayList<ProcessSpec>();
        if (spec.bootstrap() == null) {
            processes.add(broker());
        }
        // Its ports are known once the broker has been started for the first time; then the others
        // follow.
        if (spec.processing() && isReachable(spec)) {
            processes.add(flow(spec));
            for (String device : spec.devices()) {
                for (StageName stage : Stages.STANDARD.ofSample()) {
                    processes.add(worker(spec, stage, device, List.of()));
                }
            }
            for (String device : spec.evaluators()) {
                processes.add(worker(spec, StageName.EVALUATE, device, List.of()));
            }
            List<String> trainers = trainers(spec);
            if (!trainers.isEmpty()) {
                processes.add(
                        worker(
                                spec,
                                StageName.ALIGN,
                                trainers.get(0),
                                trainers.size() == 1
                                        ? List.of()
                                        : List.of(
                                                "--replicas",
                                                String.join(
                                                        ",",
                                                        trainers.subList(1, trainers.size())))));
            }
        }
        return processes;
    }

    /** A farm that trains by itself has a trainer on its first device. */
    private List<String> trainers(FarmSpec spec) {
        return !spec.trainers().isEmpty() || spec.devices().isEmpty() || !trainsByItself()
                ? spec.trainers()
                : spec.devices().subList(0, 1);
    }

    private boolean trainsByItself() {
        return Files.isRegularFile(data.align());
    }

    private ProcessSpec broker() {
        return ProcessSpec.ofFarm(
                        BROKER,
                        JavaCommand.of(
                                "384m",
                                true,
                                data.temporary(BROKER),
                                "dev.reelrank.bus.broker.BrokerMain",
                                List.of(data.broker().toString())),
                        log(BROKER),
                        null,
                        Duration.ofSeconds(20))
                .withTemporary(data.temporary(BROKER))
                // Kafka's list of data folders has no way to name one with a comma in it.
                .in(data.broker());
    }

    private ProcessSpec flow(FarmSpec spec) {
        Path heartbeat = data.scratch("flow.heartbeat");
        var arguments = new ArrayList<>(List.of("flow"));
        connection(spec, arguments);
        arguments.addAll(
                List.of(
                        "--state-dir",
                        data.scratch("flow").toString(),
                        "--heartbeat",
                        heartbeat.toString(),
                        "--store",
                        spec.store(),
                        "--end-with-parent"));
        if (trainsByItself()) {
            arguments.addAll(List.of("--align", data.align().toString()));
        }
        return ProcessSpec.ofFarm(
                        "flow",
                        JavaCommand.of("512m", true, data.temporary("flow"), MAIN, arguments),
                        log("flow"),
                        heartbeat,
                        Duration.ofSeconds(20))
                .withTemporary(data.temporary("flow"));
    }

    private ProcessSpec worker(FarmSpec spec, StageName stage, String set, List<String> more) {
        String name = stage.id() + "-" + set.replace(":", "");
        // SAM3 and DINOv3 run well on the CPU cores beside a busy GPU, which keeps its memory for
        // the generator.
        boolean onCpu = stage.equals(StageName.RANKING) || set.equals("cpu");
        Path heartbeat = data.scratch(name + ".heartbeat");
        var arguments = new ArrayList<>(List.of("worker", stage.id()));
        connection(spec, arguments);
        arguments.addAll(
                List.of(
                        "--name",
                        name,
                        "--device",
                        onCpu ? "cpu" : set,
                        "--store",
                        spec.store(),
                        "--models",
                        spec.models()));
        if (onCpu && !set.equals("cpu")) {
            int share =
                    Math.max(1, Runtime.getRuntime().availableProcessors() / spec.devices().size());
            arguments.addAll(List.of("--cores", Integer.toString(share)));
        }
        for (String override : spec.modelOverrides()) {
            arguments.addAll(List.of("--model", override));
        }
        arguments.addAll(
                List.of(
                        "--lease-dir",
                        data.leases().toString(),
                        "--heartbeat",
                        heartbeat.toString(),
                        "--drain-timeout",
                        spec.drainTimeoutSeconds() + "s",
                        "--end-with-parent"));
        arguments.addAll(more);
        return ProcessSpec.ofFarm(
                        name,
                        JavaCommand.of("2g", false, data.temporary(name), MAIN, arguments),
                        log(name),
                        heartbeat,
                        Duration.ofSeconds(spec.drainTimeoutSeconds() + 15L))
                .withTemporary(data.temporary(name));
    }

    /** Our own broker is found by its folder, which holds what it asks its clients for. */
    private void connection(FarmSpec spec, List<String> arguments) {
        arguments.addAll(
                spec.bootstrap() == null
                        ? List.of("--data", data.root().toString())
                        : List.of("--bootstrap", spec.bootstrap()));
        if (spec.kafkaConfig() != null) {
            arguments.addAll(List.of("--kafka-config", spec.kafkaConfig()));
        }
    }

    private boolean isReachable(FarmSpec spec) {
        return spec.bootstrap() != null || new BrokerFolder(data.broker()).connection().isPresent();
    }

    private Path log(String name) {
        return data.logs().resolve(name + ".log");
    }
}
