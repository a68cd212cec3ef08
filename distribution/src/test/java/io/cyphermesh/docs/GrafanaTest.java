package io.cyphermesh.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cyphermesh.cli.node.MetricNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Grafana dashboard that the archive holds. */
class GrafanaTest {
  private static final Path FILE =
      Generated.ROOT.resolve("distribution/src/main/grafana/cyphermesh.json");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:cyphermesh|jvm|process|system)_[a-z_]+(?=\\{)");

  @TempDir private Path folder;

  @Test
  void itNamesOnlyMetricsThatANodeHas() throws Exception {
    Set<String> there = MetricNames.ofANode(folder);
    assertThat(there).contains("cyphermesh_links", "jvm_memory_used_bytes");
    List<String> unknown = new ArrayList<>();
    for (String expression : expressions()) {
      List<String> named =
          METRIC.matcher(expression).results().map(match -> match.group()).toList();
      assertThat(named).as(expression).isNotEmpty();
      named.stream().filter(name -> !there.contains(name)).forEach(unknown::add);
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void whatOperatorsAskForIsMeasured() throws Exception {
    assertThat(MetricNames.ofANode(folder))
        .contains(
            "cyphermesh_events_judged_total", // by verdict and source
            "cyphermesh_verification_seconds_count",
            "cyphermesh_store_commit_seconds_count",
            "cyphermesh_store_writes_total", // by commits, what one holds
            "cyphermesh_queue_size",
            "cyphermesh_links",
            "cyphermesh_links_traffic_bytes_total",
            "cyphermesh_peers_banned",
            "cyphermesh_export_lag_events",
            "cyphermesh_export_lag_seconds",
            "cyphermesh_export_lost_events_total",
            "cyphermesh_plugin_restarts_total",
            "jvm_memory_used_bytes",
            "jvm_threads_live_threads");
  }

  @Test
  void everyMetricOfOursIsOnIt() throws Exception {
    Set<String> shown = new TreeSet<>();
    for (String expression : expressions()) {
      METRIC.matcher(expression).results().forEach(match -> shown.add(base(match.group())));
    }
    assertThat(MetricNames.ofANode(folder))
        .filteredOn(name -> name.startsWith("cyphermesh_"))
        .allMatch(name -> shown.contains(base(name)));
  }

  private static String base(String name) {
    return name.replaceFirst("_(bucket|count|sum|max)$", "");
  }

  private static List<String> expressions() throws IOException {
    JsonObject dashboard = JsonParser.parseString(Files.readString(FILE)).getAsJsonObject();
    List<String> expressions = new ArrayList<>();
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      JsonObject object = panel.getAsJsonObject();
      if (object.has("targets")) {
        for (JsonElement target : object.getAsJsonArray("targets")) {
          expressions.add(target.getAsJsonObject().get("expr").getAsString());
        }
      }
    }
    assertThat(expressions).isNotEmpty();
    return expressions;
  }
}
