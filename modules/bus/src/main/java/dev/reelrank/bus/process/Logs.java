package dev.reelrank.bus.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Structured logs of a process: one JSON object a line with the run, sample, work and stage in its
 * {@code mdc}, or lines for people.
 */
public final class Logs {
    private Logs() {}

    /**
     * Sets the logging of this process up anew.
     *
     * @param format JSON or lines for people
     * @param file null: standard error
     */
    public static void configure(LogFormat format, @Nullable Path file) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        context.getLogger("org.apache.kafka").setLevel(Level.WARN);
        // Kafka logs disconnects twice a second; callers report them themselves.
        context.getLogger("org.apache.kafka.clients.NetworkClient").setLevel(Level.ERROR);
        context.getLogger("org.apache.kafka.clients.consumer").setLevel(Level.ERROR);
        // A dummy of Kafka's own warns of a default that ours does not have.
        context.getLogger("org.apache.kafka.streams.StreamsConfig").setLevel(Level.ERROR);
        // It names the files it unpacks and the class path entries it does not need; that a CPU
        // worker has no CUDA is no warning, and on a GPU a session without it fails.
        context.getLogger("ai.djl").setLevel(Level.WARN);
        context.getLogger("ai.djl.onnxruntime.engine.OrtEngine").setLevel(Level.ERROR);
        root.addAppender(appender(context, format, file));
        // OpenTelemetry writes to the JDK's own log; without this its lines would be the only ones
        // of another form.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    private static Appender<ILoggingEvent> appender(
            LoggerContext context, LogFormat format, @Nullable Path file) {
        OutputStreamAppender<ILoggingEvent> appender;
        if (file == null) {
            var console = new ConsoleAppender<ILoggingEvent>();
            console.setTarget("System.err");
            appender = console;
        } else {
            var toFile = new FileAppender<ILoggingEvent>();
            toFile.setFile(file.toString());
            toFile.setAppend(true);
            appender = toFile;
        }
        appender.setContext(context);
        appender.setEncoder(encoder(context, format));
        appender.start();
        return appender;
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogFormat format) {
        if (format == LogFormat.JSON) {
            var json = new JsonEncoder();
            json.setContext(context);
            json.setWithArguments(false);
            json.setWithMessage(false);
            json.setWithFormattedMessage(true);
            json.setWithContext(false);
            json.setWithNanoseconds(false);
            json.setWithSequenceNumber(false);
            json.start();
            return json;
        }
        var text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} %X{run} %X{sample} %msg%n");
        text.start();
        return text;
    }
}
