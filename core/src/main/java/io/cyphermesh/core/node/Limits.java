package io.cyphermesh.core.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TransportLimits;
import io.cyphermesh.core.mesh.MeshSettings;
import io.cyphermesh.core.peer.LinkSettings;
import io.cyphermesh.core.pipeline.ReporterRates;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All limits of a node; settings under {@code limits} and {@code store}, with {@code defaults.conf}
 * of this package behind them.
 *
 * @param sessions most links at once, those without HELLO included
 * @param replay how many events at most a peer gets that was away for long
 */
record Limits(
    TransportLimits transport,
    LinkSettings link,
    MeshSettings mesh,
    ReporterRates.Settings reporters,
    StoreSettings store,
    int sessions,
    int replay) {

  static Limits from(Config config) throws IOException {
    Config c =
        config.withFallback(ConfigFactory.parseResources(Limits.class, "defaults.conf")).resolve();
    try {
      TransportLimits transport =
          new TransportLimits(
              c.getDuration("limits.transport.first-byte"),
              c.getDuration("limits.transport.answer"),
              c.getDuration("limits.transport.handshake"),
              c.getDuration("limits.transport.connect"),
              c.getDuration("limits.transport.frame"),
              c.getInt("limits.transport.pending"),
              c.getInt("limits.transport.handshakes-per-second"));
      LinkSettings link =
          new LinkSettings(
              c.getDouble("limits.link.events-per-second"),
              c.getDouble("limits.link.events-burst"),
              c.getMemorySize("limits.link.bytes-per-second").toBytes(),
              c.getMemorySize("limits.link.bytes-burst").toBytes(),
              c.getDouble("limits.link.control-per-second"),
              c.getDuration("limits.link.hello"),
              c.getDuration("limits.link.stalled"),
              c.getInt("limits.link.in-flight"),
              c.getInt("limits.link.queue-frames"),
              c.getMemorySize("limits.link.queue-bytes").toBytes(),
              // A little below what peers admit, whose clocks and buckets are not ours.
              c.getDouble("limits.reporter.per-second") * 0.9,
              c.getDouble("limits.reporter.burst") * 0.9);
      Set<NodeId> amber =
          c.getStringList("mesh.amber-peers").stream().map(NodeId::new).collect(Collectors.toSet());
      MeshSettings mesh =
          new MeshSettings(
              c.getInt("mesh.dialled-links"),
              c.getInt("mesh.max-links"),
              c.getDuration("mesh.ping-after"),
              c.getDuration("mesh.dead-after"),
              c.getDuration("mesh.contest"),
              c.getDuration("mesh.dial-backoff-min"),
              c.getDuration("mesh.dial-backoff-max"),
              amber);
      ReporterRates.Settings reporters =
          new ReporterRates.Settings(
              c.getDouble("limits.reporter.per-second"),
              c.getDouble("limits.reporter.burst"),
              c.getDouble("limits.reporter.newcomers-per-second"),
              c.getDouble("limits.reporter.newcomers-burst"));
      return new Limits(
          transport,
          link,
          mesh,
          reporters,
          StoreSettings.DEFAULTS
              .withRetention(c.getDuration("store.retention"))
              .withMaxBytes(c.getMemorySize("store.max-bytes").toBytes()),
          c.getInt("limits.sessions"),
          c.getInt("mesh.replay"));
    } catch (ConfigException | IllegalArgumentException e) {
      throw new IOException("a setting is wrong: " + e.getMessage(), e);
    }
  }
}
