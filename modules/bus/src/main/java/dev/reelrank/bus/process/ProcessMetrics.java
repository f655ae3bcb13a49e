package dev.reelrank.bus.process;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What every process of a farm measures of itself, and of Kafka's clients within it. */
public final class ProcessMetrics implements AutoCloseable {
    /**
     * Of Kafka's clients: whether Streams threads live, whether its consumers keep up, and how long
     * its steps take. The rest of them are thousands of series by thread, task and partition.
     */
    private static final Set<String> OF_KAFKA =
            Set.of(
                    "kafka.stream.alive.stream.threads",
                    "kafka.stream.failed.stream.threads",
                    "kafka.stream.thread.commit.latency.max",
                    "kafka.stream.thread.poll.latency.max",
                    "kafka.stream.thread.process.latency.max",
                    "kafka.stream.thread.process.rate",
                    "kafka.consumer.fetch.manager.records.lag.max",
                    "kafka.consumer.coordinator.rebalance.total",
                    "kafka.consumer.coordinator.failed.rebalance.total");

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collector = new JvmGcMetrics();

    /**
     * @param version of this build, null if it is not known
     * @param tags of every series: names and values in turn
     */
    public ProcessMetrics(@Nullable String version, String... tags) {
        registry.config().commonTags(tags);
        registry.config()
                .meterFilter(
                        MeterFilter.deny(
                                id ->
                                        id.getName().startsWith("kafka.")
                                                && !OF_KAFKA.contains(id.getName())));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        collector.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        Gauge.builder("reelrank.build.info", () -> 1)
                .description("1; which build this is")
                .tag("version", version == null ? "unknown" : version)
                .tag("java", Runtime.version().toString())
                .register(registry);
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        collector.close();
        registry.close();
    }
}
