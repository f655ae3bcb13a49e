package dev.reelrank.pipeline.config;

/** What may be set about a stage: a record, part of its requests and so of their input keys. */
public interface StageConfig {}
