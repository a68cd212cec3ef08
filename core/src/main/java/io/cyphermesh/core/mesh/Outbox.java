package io.cyphermesh.core.mesh;

import io.cyphermesh.core.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What the parts of a mesh ask for in one step, in the order in which they do. */
final class Outbox {
  private final List<Output> outputs = new ArrayList<>();

  /** For parts that add outputs alone. */
  List<Output> sink() {
    return outputs;
  }

  void add(Output output) {
    outputs.add(output);
  }

  void send(Link link, Message message) {
    outputs.add(new Output.Send(List.of(link.id), message));
  }

  void send(List<LinkId> links, Message message) {
    if (!links.isEmpty()) {
      outputs.add(new Output.Send(links, message));
    }
  }

  /** Sends items in as many messages as it takes, so many at most in each. */
  <T> void sendInParts(Link link, List<T> items, int most, Function<List<T>, Message> message) {
    for (int i = 0; i < items.size(); i += most) {
      send(link, message.apply(items.subList(i, Math.min(items.size(), i + most))));
    }
  }

  /** Hands over what was asked for, and begins anew. */
  List<Output> take() {
    if (outputs.isEmpty()) {
      return List.of();
    }
    List<Output> taken = outputs.size() == 1 ? List.of(outputs.getFirst()) : List.copyOf(outputs);
    outputs.clear();
    return taken;
  }
}
