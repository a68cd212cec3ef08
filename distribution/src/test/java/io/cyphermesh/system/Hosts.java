package io.cyphermesh.system;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts on one switch, which can be taken apart: network namespaces with virtual interfaces. They
 * have a network that nothing else reaches, and a second one over which tests ask them, whatever
 * happens to the first. Only where this is allowed, hence as root.
 */
final class Hosts implements AutoCloseable {
  private static final String PREFIX = "cm" + ProcessHandle.current().pid();

  /** Where the switch is, so that the machine's own firewall has no say. */
  private static final String SWITCH = PREFIX + "-switch";

  private static final String FIRST_HALF = "half-a";
  private static final String OTHER_HALF = "half-b";
  private static final String ASKING = "asking";

  private final int count;

  private Hosts(int count) {
    this.count = count;
  }

  /** Whether namespaces and interfaces can be made here. */
  static boolean allowed() {
    boolean allowed =
        ip("netns", "add", SWITCH)
            && ip("netns", "exec", SWITCH, "true")
            && ip("-n", SWITCH, "link", "add", FIRST_HALF, "type", "bridge");
    ip("netns", "del", SWITCH);
    return allowed;
  }

  /** So many of them, each of which reaches all others. */
  static Hosts make(int count) {
    Hosts hosts = new Hosts(count);
    run("netns", "add", SWITCH);
    for (String bridge : List.of(FIRST_HALF, OTHER_HALF, ASKING)) {
      run("-n", SWITCH, "link", "add", bridge, "type", "bridge");
      run("-n", SWITCH, "link", "set", bridge, "up");
    }
    run("link", "add", PREFIX, "type", "veth", "peer", "name", "tester", "netns", SWITCH);
    plug("tester", ASKING);
    run("addr", "add", askedAt(250) + "/24", "dev", PREFIX);
    run("link", "set", PREFIX, "up");
    for (int i = 0; i < count; i++) {
      run("netns", "add", hosts.name(i));
      run("-n", hosts.name(i), "link", "set", "lo", "up");
      hosts.wire(i, "lan", hosts.address(i), FIRST_HALF);
      hosts.wire(i, "ask", askedAt(i), ASKING);
    }
    return hosts;
  }

  private void wire(int host, String name, String address, String bridge) {
    String port = name + host;
    run(
        "-n",
        name(host),
        "link",
        "add",
        name,
        "type",
        "veth",
        "peer",
        "name",
        port,
        "netns",
        SWITCH);
    plug(port, bridge);
    run("-n", name(host), "addr", "add", address + "/24", "brd", "+", "dev", name);
    run("-n", name(host), "link", "set", name, "up");
  }

  private static void plug(String port, String bridge) {
    run("-n", SWITCH, "link", "set", port, "master", bridge, "up");
  }

  private String name(int host) {
    return PREFIX + "-" + host;
  }

  /** The address at which the others reach it. */
  String address(int host) {
    return "10.77.0." + (host + 1);
  }

  /** The address at which the tests reach it. */
  static String askedAt(int host) {
    return "10.213.119." + (host + 1);
  }

  /** What a command begins with that is to run there. */
  List<String> on(int host) {
    return List.of("ip", "netns", "exec", name(host));
  }

  /** From now on those from {@code from} on and those before it do not reach each other. */
  void part(int from) {
    for (int i = from; i < count; i++) {
      plug("lan" + i, OTHER_HALF);
    }
  }

  /** All reach each other again. */
  void join() {
    for (int i = 0; i < count; i++) {
      plug("lan" + i, FIRST_HALF);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < count; i++) {
      ip("netns", "del", name(i));
    }
    ip("netns", "del", SWITCH);
    ip("link", "del", PREFIX);
  }

  private static void run(String... arguments) {
    if (!ip(arguments)) {
      throw new IllegalStateException("ip " + String.join(" ", arguments) + " failed");
    }
  }

  private static boolean ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      // There is no such program.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
