package dev.reelrank.pipeline;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component that was added after keys were in use: it is part of {@code InputKey}
 * when it is set, and leaves no trace while it is null or empty. Results that were stored before
 * are found again.
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface InKeyWhenSet {}
