package io.cyphermesh.core.plugin;

import io.cyphermesh.api.Detection;
import io.cyphermesh.core.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what detectors submit; refuses what is called {@code bad}. */
final class RecordingSink implements DetectionSink {
  final List<Submission> submissions = new CopyOnWriteArrayList<>();
  private final Map<String, byte[]> checkpoints = new ConcurrentHashMap<>();

  /** How many more submissions fail, as if the disk were full. */
  final AtomicInteger failing = new AtomicInteger();

  record Submission(String owner, String pluginId, List<String> threats, boolean checkpoint) {}

  @Override
  public List<Optional<String>> submit(
      String owner, String pluginId, List<Detection> detections, Optional<byte[]> checkpoint) {
    if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new StoreException("no space left for events.db", new IOException("on purpose"));
    }
    checkpoint.ifPresent(bytes -> checkpoints.put(owner, bytes));
    submissions.add(
        new Submission(
            owner,
            pluginId,
            detections.stream().map(Detection::threatType).toList(),
            checkpoint.isPresent()));
    List<Optional<String>> answers = new ArrayList<>();
    for (Detection detection : detections) {
      answers.add(
          detection.threatType().equals("bad")
              ? Optional.of("'bad' is no threat")
              : Optional.empty());
    }
    return answers;
  }

  @Override
  public Optional<byte[]> checkpoint(String owner) {
    return Optional.ofNullable(checkpoints.get(owner));
  }

  /** All detections' threat types, in order. */
  List<String> threats() {
    return submissions.stream().flatMap(each -> each.threats().stream()).toList();
  }
}
