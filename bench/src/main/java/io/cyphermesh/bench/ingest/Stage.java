package io.cyphermesh.bench.ingest;

/** What a node's thread does, told by its name. */
enum Stage {
  /** Reading and writing links: TLS, frames, JSON. Virtual threads run on these carriers. */
  LINKS("links: TLS, frames, JSON"),
  /** Examining events. */
  VERIFY("verification"),
  /** The one thread that writes the database. */
  STORE("store writer"),
  /** The one thread of the mesh, which also writes the frames of relayed events. */
  MESH("mesh"),
  /** The collector; with the serial one that is the VM's own thread. */
  GC("garbage collection"),
  /** Compilers. */
  JIT("JIT compilers"),
  /** REST while it is asked how far it is, timers, threads that ended meanwhile. */
  OTHER("other");

  private final String label;

  Stage(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /**
   * The stage of a thread.
   *
   * @param name its name; Linux keeps 15 characters of it
   */
  static Stage of(String name) {
    if (name.startsWith("ForkJoinPool-1-")
        || name.startsWith("VirtualThread-")
        || name.startsWith("link-")
        || name.startsWith("node-")
        || name.contains("Poller")) {
      return LINKS;
    } else if (name.startsWith("verify-")) {
      return VERIFY;
    } else if (name.equals("store-writer")) {
      return STORE;
    } else if (name.equals("mesh")) {
      return MESH;
    } else if (name.equals("VM Thread") || name.startsWith("G1 ") || name.startsWith("GC ")) {
      return GC;
    } else if (name.startsWith("C1 Comp") || name.startsWith("C2 Comp")) {
      return JIT;
    }
    return OTHER;
  }
}
