package io.cyphermesh.bench.ingest;

/**
 * How much is sent, by whom, over what. Phase 0 warms up, the others are measured.
 *
 * @param warmUp events of phase 0
 * @param perRound events of each other phase
 * @param rounds how many of these there are
 * @param reporters whose events they are, in turns
 * @param links over how many links they come; a reporter's events all over one
 */
record Shape(int warmUp, int perRound, int rounds, int reporters, int links) {
  Shape {
    if (warmUp < 1 || perRound < 1 || rounds < 1) {
      throw new IllegalArgumentException("too few events: ask for 10,000 or more");
    }
    if (links < 1 || reporters < links) {
      throw new IllegalArgumentException(
          "there must be one link and no fewer reporters than links");
    }
  }

  /**
   * Two fifths warm up where nothing else is asked for, since the compilers take their time; the
   * rest is measured.
   *
   * @param warmUp 0 for two fifths
   */
  static Shape of(int events, int warmUp, int rounds, int reporters, int links) {
    int measured = warmUp == 0 ? (int) (events * 0.6) : events - warmUp;
    int perRound = measured / Math.max(1, rounds);
    return new Shape(events - perRound * rounds, perRound, rounds, reporters, links);
  }

  int phases() {
    return 1 + rounds;
  }

  int events(int phase) {
    return phase == 0 ? warmUp : perRound;
  }

  int total() {
    return warmUp + perRound * rounds;
  }

  /** The number of a phase's first event among all. */
  int first(int phase) {
    return phase == 0 ? 0 : warmUp + (phase - 1) * perRound;
  }

  int reporterOf(int event) {
    return event % reporters;
  }

  int linkOf(int event) {
    return reporterOf(event) % links;
  }

  /** What sets a file of signed events apart from others. */
  String key() {
    return warmUp + "+" + rounds + "x" + perRound + "-" + reporters + "r-" + links + "l";
  }
}
