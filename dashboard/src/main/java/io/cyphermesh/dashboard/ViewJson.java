package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.ExportLag;
import io.cyphermesh.core.view.LinkView;
import io.cyphermesh.core.view.NodeStatus;
import io.cyphermesh.core.view.PeerView;
import io.cyphermesh.core.view.PluginView;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The JSON of what a node shows. Events carry the wire's names, everything else the view's. */
final class ViewJson {
  private ViewJson() {}

  static void status(JsonWriter json, NodeStatus status) throws IOException {
    json.beginObject();
    json.name("nodeId").value(status.nodeId());
    json.name("version").value(status.version());
    json.name("startedAt").value(status.startedAt().toString());
    json.name("now").value(status.now().toString());
    text(json, "listening", status.listening());
    json.name("peersConnected").value(status.peersConnected());
    json.name("peersKnown").value(status.peersKnown());
    json.name("peersBanned").value(status.peersBanned());
    NodeStatus.EventCounts events = status.events();
    json.name("events").beginObject();
    json.name("stored").value(events.stored());
    json.name("local").value(events.local());
    json.name("received").value(events.received());
    json.name("accepted").value(events.accepted());
    json.name("duplicates").value(events.duplicates());
    json.name("ignored").value(events.ignored());
    json.name("rejected").value(events.rejected());
    json.endObject();
    json.name("cryptoProvider").value(status.cryptoProvider());
    json.name("databaseBytes").value(status.databaseBytes());
    text(json, "warning", status.warning());
    json.endObject();
  }

  static void events(JsonWriter json, EventPage page, Geo geo) throws IOException {
    json.beginObject();
    json.name("events").beginArray();
    for (EventView event : page.events()) {
      EventJson.write(json, event, geo);
    }
    json.endArray();
    json.name("next");
    if (page.next().isPresent()) {
      json.value(page.next().get());
    } else {
      json.nullValue();
    }
    json.name("partial").value(page.partial());
    json.endObject();
  }

  static void peers(JsonWriter json, List<PeerView> peers) throws IOException {
    json.beginObject();
    json.name("peers").beginArray();
    for (PeerView peer : peers) {
      json.beginObject();
      text(json, "id", peer.id());
      text(json, "nodeId", peer.nodeId());
      text(json, "address", peer.address());
      json.name("state").value(peer.state().name());
      text(json, "direction", peer.direction());
      text(json, "agent", peer.agent());
      json.name("reputation").value(peer.reputation());
      json.name("banned").value(peer.banned());
      text(json, "bannedBy", peer.bannedBy());
      time(json, "blockedUntil", peer.blockedUntil());
      json.name("validEvents").value(peer.validEvents());
      json.name("invalidEvents").value(peer.invalidEvents());
      time(json, "since", peer.since());
      time(json, "lastSeen", peer.lastSeen());
      text(json, "lastError", peer.lastError());
      text(json, "role", peer.role());
      link(json, peer.link());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static void link(JsonWriter json, Optional<LinkView> link) throws IOException {
    json.name("link");
    if (link.isEmpty()) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("tree").value(link.get().tree());
    json.name("roundTripMillis");
    if (link.get().roundTripMillis().isPresent()) {
      json.value(link.get().roundTripMillis().get());
    } else {
      json.nullValue();
    }
    json.name("bytesIn").value(link.get().bytesIn());
    json.name("bytesOut").value(link.get().bytesOut());
    json.name("eventsIn").value(link.get().eventsIn());
    json.name("eventsOut").value(link.get().eventsOut());
    json.name("score").value(link.get().score());
    json.endObject();
  }

  static void plugins(JsonWriter json, List<PluginView> plugins) throws IOException {
    json.beginObject();
    json.name("plugins").beginArray();
    for (PluginView plugin : plugins) {
      plugin(json, plugin);
    }
    json.endArray();
    json.endObject();
  }

  static void plugin(JsonWriter json, PluginView plugin) throws IOException {
    json.beginObject();
    json.name("id").value(plugin.id());
    json.name("version").value(plugin.version());
    json.name("provider").value(plugin.provider());
    json.name("description").value(plugin.description());
    json.name("requires").value(plugin.requires());
    json.name("kinds").beginArray();
    for (String kind : plugin.kinds()) {
      json.value(kind);
    }
    json.endArray();
    json.name("state").value(plugin.state());
    json.name("since").value(plugin.since().toString());
    json.name("produced").value(plugin.produced());
    json.name("refused").value(plugin.refused());
    json.name("restarts").value(plugin.restarts());
    text(json, "lastError", plugin.lastError());
    text(json, "errorAt", plugin.errorAt());
    time(json, "nextTry", plugin.nextTry());
    lag(json, plugin.lag());
    file(json, plugin.file());
    upgrade(json, plugin.upgrade());
    time(json, "trialEnds", plugin.trialEnds());
    json.name("extensions").beginArray();
    for (PluginView.ExtensionView extension : plugin.extensions()) {
      extension(json, extension);
    }
    json.endArray();
    json.endObject();
  }

  private static void extension(JsonWriter json, PluginView.ExtensionView extension)
      throws IOException {
    json.beginObject();
    json.name("kind").value(extension.kind());
    json.name("type").value(extension.type());
    json.name("state").value(extension.state());
    json.name("since").value(extension.since().toString());
    json.name("produced").value(extension.produced());
    json.name("refused").value(extension.refused());
    json.name("restarts").value(extension.restarts());
    text(json, "lastError", extension.lastError());
    text(json, "errorAt", extension.errorAt());
    time(json, "nextTry", extension.nextTry());
    lag(json, extension.lag());
    json.endObject();
  }

  private static void file(JsonWriter json, Optional<PluginView.PluginFile> file)
      throws IOException {
    json.name("file");
    if (file.isEmpty()) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("path").value(file.get().path());
    json.name("bundled").value(file.get().bundled());
    text(json, "sha256", file.get().sha256());
    time(json, "modified", file.get().modified());
    json.endObject();
  }

  private static void upgrade(JsonWriter json, Optional<PluginView.FailedUpgrade> upgrade)
      throws IOException {
    json.name("upgrade");
    if (upgrade.isEmpty()) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("version").value(upgrade.get().version());
    json.name("reason").value(upgrade.get().reason());
    file(json, Optional.of(upgrade.get().file()));
    json.endObject();
  }

  private static void lag(JsonWriter json, Optional<ExportLag> lag) throws IOException {
    json.name("lag");
    if (lag.isEmpty()) {
      json.nullValue();
      return;
    }
    json.beginObject();
    json.name("events").value(lag.get().events());
    time(json, "since", lag.get().since());
    json.name("lost").value(lag.get().lost());
    json.endObject();
  }

  private static void text(JsonWriter json, String name, Optional<String> value)
      throws IOException {
    json.name(name);
    if (value.isPresent()) {
      json.value(value.get());
    } else {
      json.nullValue();
    }
  }

  private static void time(JsonWriter json, String name, Optional<Instant> value)
      throws IOException {
    text(json, name, value.map(Instant::toString));
  }
}
