package io.cyphermesh.core.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigMemorySize;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TransportLimits;
import io.cyphermesh.core.mesh.BroadcastSettings;
import io.cyphermesh.core.mesh.MembershipSettings;
import io.cyphermesh.core.mesh.MeshSettings;
import io.cyphermesh.core.mesh.PlainSettings;
import io.cyphermesh.core.mesh.ReconciliationSettings;
import io.cyphermesh.core.peer.LinkSettings;
import io.cyphermesh.core.peer.PlainLimits;
import io.cyphermesh.core.pipeline.ReporterRates;
import io.cyphermesh.core.plugin.RecordConfig;
import io.cyphermesh.core.plugin.SettingsException;
import io.cyphermesh.core.store.StoreSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All limits of a node: the sections {@code network}, {@code limits}, {@code mesh} and {@code
 * store} of its configuration, with {@code defaults.conf} of this package behind them.
 */
record Limits(
    NetworkSection network,
    LimitsSection limits,
    MeshSection meshSection,
    StoreSection storeSection) {

  /**
   * Peers admit a reporter's events by clocks and buckets that are not ours: we send a little less.
   */
  private static final double SENT_OF_ADMITTED = 0.9;

  /** What is made up for must leave room for what is new. */
  private static final double REPLAYED_OF_NEWCOMERS = 0.7;

  private static final int SEED_PORT = 9001;

  /**
   * The section {@code network}.
   *
   * @param dnsSeeds {@code HOST} or {@code HOST:PORT} each
   */
  record NetworkSection(List<String> dnsSeeds) {
    NetworkSection {
      dnsSeeds = List.copyOf(dnsSeeds);
      dnsSeeds.forEach(NetworkSection::seed);
    }

    private static HostPort seed(String text) {
      try {
        return HostPort.parse(text.indexOf(':') < 0 ? text + ":" + SEED_PORT : text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "dns-seeds: '"
                + text
                + "' is not HOST or HOST:PORT, for instance seeds.example.org or"
                + " seeds.example.org:9001",
            e);
      }
    }
  }

  /**
   * The section {@code limits}.
   *
   * @param sessions most links at once, those without HELLO included
   */
  record LimitsSection(
      int sessions,
      TransportLimits transport,
      LinkSection link,
      PlainSection plain,
      ReporterRates.Settings reporter,
      ReporterRates.Late late) {}

  /** The section {@code limits.plain}; see {@link PlainLimits} and {@link PlainSettings}. */
  record PlainSection(int links, int linksPerAddress, Duration heartbeat, Duration silence) {}

  /** The section {@code limits.link}; see {@link LinkSettings}. */
  record LinkSection(
      double eventsPerSecond,
      double eventsBurst,
      ConfigMemorySize bytesPerSecond,
      ConfigMemorySize bytesBurst,
      double controlPerSecond,
      double announcedPerSecond,
      double announcedBurst,
      Duration hello,
      Duration stalled,
      int inFlight,
      int queueFrames,
      ConfigMemorySize queueBytes) {}

  /**
   * The section {@code mesh}; see {@link MeshSettings}.
   *
   * @param replay how many events at most a peer gets that was away for long
   * @param uploadBytesPerSecond of old events that peers ask for, to all of them together
   */
  record MeshSection(
      int dialledLinks,
      int maxLinks,
      Duration pingAfter,
      Duration deadAfter,
      Duration contest,
      Duration dialBackoffMin,
      Duration dialBackoffMax,
      int replay,
      ConfigMemorySize uploadBytesPerSecond,
      List<String> amberPeers) {}

  /** The section {@code store}; see {@link StoreSettings}. */
  record StoreSection(Duration retention, ConfigMemorySize maxBytes) {}

  /**
   * Reads the sections.
   *
   * @throws IOException if one does not fit; the message names key and place and says what is right
   */
  static Limits from(Config config) throws IOException {
    try {
      Config all =
          config
              .withFallback(ConfigFactory.parseResources(Limits.class, "defaults.conf"))
              .resolve();
      return new Limits(
          section(all, "network", NetworkSection.class),
          section(all, "limits", LimitsSection.class),
          section(all, "mesh", MeshSection.class),
          section(all, "store", StoreSection.class));
    } catch (ConfigException | SettingsException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static <T extends Record> T section(Config all, String path, Class<T> type) {
    return RecordConfig.read(all.getConfig(path), path, type);
  }

  List<HostPort> dnsSeeds() {
    return network.dnsSeeds().stream().map(NetworkSection::seed).toList();
  }

  TransportLimits transport() {
    return limits.transport();
  }

  LinkSettings link() {
    LinkSection link = limits.link();
    return new LinkSettings(
        link.eventsPerSecond(),
        link.eventsBurst(),
        link.bytesPerSecond().toBytes(),
        link.bytesBurst().toBytes(),
        link.controlPerSecond(),
        link.announcedPerSecond(),
        link.announcedBurst(),
        link.hello(),
        link.stalled(),
        link.inFlight(),
        link.queueFrames(),
        link.queueBytes().toBytes(),
        limits.reporter().perSecond() * SENT_OF_ADMITTED,
        limits.reporter().burst() * SENT_OF_ADMITTED,
        limits.reporter().newcomersPerSecond() * REPLAYED_OF_NEWCOMERS);
  }

  PlainLimits plain(boolean accepted) {
    return new PlainLimits(accepted, limits.plain().links(), limits.plain().linksPerAddress());
  }

  /**
   * @param plain whether version 1 is tried where a dial finds no TLS
   */
  MeshSettings mesh(boolean plain) throws IOException {
    try {
      return new MeshSettings(
          meshSection.maxLinks(),
          meshSection.pingAfter(),
          meshSection.deadAfter(),
          meshSection.contest(),
          meshSection.dialBackoffMin(),
          meshSection.dialBackoffMax(),
          meshSection.amberPeers().stream().map(NodeId::new).collect(Collectors.toSet()),
          MembershipSettings.DEFAULTS.withDialled(meshSection.dialledLinks()),
          BroadcastSettings.DEFAULTS,
          ReconciliationSettings.DEFAULTS.withRetention(storeSection.retention()),
          new PlainSettings(plain, limits.plain().heartbeat(), limits.plain().silence()));
    } catch (IllegalArgumentException e) {
      throw new IOException("mesh.amber-peers: " + e.getMessage(), e);
    }
  }

  ReporterRates.Settings reporters() {
    return limits.reporter();
  }

  ReporterRates.Late late() {
    return limits.late();
  }

  StoreSettings store() {
    return StoreSettings.DEFAULTS
        .withRetention(storeSection.retention())
        .withMaxBytes(storeSection.maxBytes().toBytes());
  }

  int sessions() {
    return limits.sessions();
  }

  /** Of old events that peers ask for, to all of them together. */
  double uploadBytesPerSecond() {
    return meshSection.uploadBytesPerSecond().toBytes();
  }

  int replay() {
    return meshSection.replay();
  }
}
