package dev.reelrank.worker.shell;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.QueueSettings;
import dev.reelrank.bus.QueueView;
import dev.reelrank.bus.WorkQueue;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.compute.ReportCodec;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.lease.DeviceLease;
import dev.reelrank.worker.models.ModelCards;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;

/** Wires a stage to the bus, the store and the lease of this process. */
record LoopAssembly(
        Connection connection,
        EventPublisher publisher,
        Tracing tracing,
        ResultStore store,
        ModelFolders models,
        Producer producer,
        Device device,
        DeviceLease lease,
        LoopSettings settings,
        Ending ending,
        MeterRegistry registry) {

    /** How long work that is asked to end may take to do so. */
    private static final Duration STALL_GRACE = Duration.ofMinutes(2);

    <Q extends StageRequest, R extends StageResult> AssembledLoop assemble(Stage<Q, R> stage) {
        var spec = connection.stages().of(stage.name());
        var clock = Clock.systemUTC();
        var metrics = new StageMetrics(registry, stage.name(), producer.deviceKind());
        var holder = producer.worker() + "/" + stage.name().id() + " " + producer.processId();
        var queue =
                WorkQueue.open(
                        connection,
                        new EventCodec(connection.stages()),
                        stage.name(),
                        QueueSettings.of(producer.worker()));
        var session =
                new StageSession<>(
                        stage,
                        store,
                        ReportCodec.avro(connection.stages()),
                        device,
                        producer,
                        clock,
                        key ->
                                key.chosen().isEmpty()
                                        ? ModelCards.limits(
                                                models, ModelName.parseAll(spec.models()))
                                        : ModelCards.limits(key.chosen()));
        var room = new Room(lease, holder, metrics);
        var cores = new Cores(lease.cores(), lease.coresPerBatch(), holder);
        var reporter =
                new Reporter(
                        publisher,
                        connection.topics(),
                        stage.name(),
                        producer,
                        metrics,
                        settings,
                        ending,
                        tracing,
                        clock);
        var members = new QueueMembers(new QueueView(connection), stage.name(), stage.worksAhead());
        var watchdog =
                new Watchdog(
                        settings.patience(stage),
                        STALL_GRACE,
                        () -> Runtime.getRuntime().halt(ExitCode.INTERNAL));
        int ahead = stage.worksAhead() ? 1 : 0;
        var batches =
                new Batches<>(
                        stage,
                        spec.batch() + ahead,
                        session,
                        room,
                        cores,
                        reporter,
                        metrics,
                        settings,
                        ending,
                        members::members,
                        watchdog);
        var loop =
                new StageLoop<>(
                        () -> spec.batch() + (members.isLong() ? ahead : 0),
                        session,
                        queue,
                        reporter,
                        new GivenUp(connection, stage.name()),
                        batches,
                        room,
                        metrics,
                        settings,
                        ending,
                        watchdog);
        return new AssembledLoop(
                stage.name().id(), loop, batches::tainted, queue, members, room, metrics, watchdog);
    }
}
