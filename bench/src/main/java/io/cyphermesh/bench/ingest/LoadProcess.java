package io.cyphermesh.bench.ingest;

import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The load as a process of its own, so that what it costs is not the node's. Told on standard input
 * what to do: {@code send PHASE} is answered by {@code sent}, {@code relayed} by {@code relayed
 * NUMBER}; the end of input ends it.
 */
public final class LoadProcess {
  private LoadProcess() {}

  /**
   * Runs until told to end.
   *
   * @param arguments the node's port, the file of frames, the folder of keys, the number of links
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int port = Integer.parseInt(arguments[0]);
    Path file = Path.of(arguments[1]);
    int count = Integer.parseInt(arguments[3]);
    List<Long> ends = SignedLoad.readIndex(file);
    List<LoadLink> links = new ArrayList<>();
    for (NodeIdentity identity : Keys.open(Path.of(arguments[2]), "link", count, Rsa.fastest())) {
      LoadLink link = LoadLink.open(identity, port);
      links.add(link);
      Thread.ofPlatform().name("read-" + links.size()).daemon().start(link::read);
    }
    say("up");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      MappedByteBuffer load = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      load.load();
      String order;
      while ((order = orders.readLine()) != null) {
        if (order.equals("relayed")) {
          say("relayed " + links.stream().mapToLong(LoadLink::relayed).sum());
        } else {
          send(links, load, ends, Integer.parseInt(order.substring("send ".length())));
          say("sent");
        }
      }
    }
    for (LoadLink link : links) {
      link.close();
    }
  }

  private static void send(List<LoadLink> links, MappedByteBuffer load, List<Long> ends, int phase)
      throws IOException, InterruptedException {
    List<Thread> senders = new ArrayList<>();
    AtomicReference<IOException> failure = new AtomicReference<>();
    for (int i = 0; i < links.size(); i++) {
      LoadLink link = links.get(i);
      int slice = phase * links.size() + i;
      senders.add(
          Thread.ofPlatform()
              .name("send-" + i)
              .start(
                  () -> {
                    try {
                      link.send(load, SignedLoad.begin(ends, slice), ends.get(slice));
                    } catch (IOException e) {
                      failure.set(e);
                    }
                  }));
    }
    for (Thread sender : senders) {
      sender.join();
    }
    IOException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private static void say(String text) {
    System.out.println(text);
    System.out.flush();
  }
}
