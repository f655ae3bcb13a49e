package dev.reelrank.bus;

import dev.reelrank.bus.broker.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one real broker together, and each its own prefix on it. */
public final class BrokerFixture implements ParameterResolver {
    private static final ExtensionContext.Namespace SPACE =
            ExtensionContext.Namespace.create(BrokerFixture.class);

    private record Shared(EmbeddedBroker broker, AtomicInteger tests)
            implements AutoCloseable, ExtensionContext.Store.CloseableResource {
        @Override
        public void close() {
            broker.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Connection.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Shared shared =
                context.getRoot()
                        .getStore(SPACE)
                        .getOrComputeIfAbsent(Shared.class, k -> start(), Shared.class);
        return shared.broker()
                .connection()
                .withPrefix("t" + shared.tests().incrementAndGet() + ".");
    }

    private static Shared start() {
        try {
            return new Shared(
                    EmbeddedBroker.start(Files.createTempDirectory("reelrank-broker")),
                    new AtomicInteger());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
