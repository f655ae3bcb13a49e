package dev.reelrank.pipeline.event;

/**
 * Who says it.
 *
 * @param worker its name, unique on the farm
 * @param processId the operating system's id and start time: another one after every restart
 * @param device for example cpu or cuda:0
 * @param deviceKind the chip's name, for example NVIDIA H200, or cpu
 */
public record Producer(
        String worker, String processId, String host, String device, String deviceKind) {}
