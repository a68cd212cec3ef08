package io.cyphermesh.bench.ingest;

import io.cyphermesh.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the CPU went, from a recording of CPU time samples (JEP 509). They count Java threads,
 * native code called from Java included; not the collector and the compilers.
 */
final class ProfileDigest {
  private static final int ROWS = 25;

  private final Report report;
  private final Map<String, Integer> byStage = new HashMap<>();
  private final Map<String, Integer> byPackage = new HashMap<>();
  private final Map<String, Integer> byOwnMethod = new HashMap<>();
  private int samples;

  ProfileDigest(Report report) {
    this.report = report;
  }

  void print(Path recording) throws IOException {
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.CPUTimeSample")) {
          add(event);
        }
      }
    }
    report.line(
        "profile: " + Report.grouped(samples) + " samples of CPU time, the whole life of the node");
    print("by stage", byStage);
    print("by package of the innermost frame", byPackage);
    print("by stage and innermost method of CypherMesh, with what it calls", byOwnMethod);
    report.line("");
  }

  private void add(RecordedEvent event) {
    RecordedStackTrace trace = event.getStackTrace();
    if (trace == null || trace.getFrames().isEmpty()) {
      return;
    }
    samples++;
    RecordedThread thread = event.getThread("eventThread");
    String name = thread == null || thread.getJavaName() == null ? "" : thread.getJavaName();
    Stage stage = thread != null && thread.isVirtual() ? Stage.LINKS : Stage.of(name);
    byStage.merge(stage.label(), 1, Integer::sum);
    byPackage.merge(packageOf(trace.getFrames().getFirst()), 1, Integer::sum);
    Optional<RecordedFrame> own =
        trace.getFrames().stream()
            .filter(f -> f.getMethod().getType().getName().startsWith("io.cyphermesh."))
            .findFirst();
    byOwnMethod.merge(
        stage.name().toLowerCase(java.util.Locale.ROOT)
            + "  "
            + own.map(ProfileDigest::method).orElse("(the JDK's and libraries' own)"),
        1,
        Integer::sum);
  }

  private static String packageOf(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    int dot = type.lastIndexOf('.');
    return dot < 0 ? type : type.substring(0, dot);
  }

  private static String method(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
  }

  private void print(String title, Map<String, Integer> counts) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of(title, "share"));
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(ROWS)
        .forEach(
            each ->
                rows.add(
                    List.of(
                        each.getKey(),
                        Report.decimals(100.0 * each.getValue() / Math.max(1, samples), 1)
                            + " %")));
    report.line("");
    report.table(rows);
  }
}
