package dev.reelrank.worker.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class QueueMembersTest {
    @Test
    void aQueueIsLongWhileNobodyWaitsForWhatAnotherHolds() {
        assertThat(QueueMembers.isLong(false, 0, 1)).isFalse();
        assertThat(QueueMembers.isLong(false, 39, 8)).isFalse();
        assertThat(QueueMembers.isLong(false, 40, 8)).isTrue();
        assertThat(QueueMembers.isLong(true, 30, 8)).as("it stays long for a while").isTrue();
        assertThat(QueueMembers.isLong(true, 23, 8)).isFalse();
        assertThat(QueueMembers.isLong(false, 4, 0)).as("a group that nobody has joined").isFalse();
    }
}
