package dev.reelrank.client.farm;

import java.util.List;

/**
 * What the supervisor last said.
 *
 * @param attached for whom it spoke: what an earlier supervisor left means nothing to those who
 *     came later
 */
record SupervisorState(List<String> attached, List<ChildState> children) {}
