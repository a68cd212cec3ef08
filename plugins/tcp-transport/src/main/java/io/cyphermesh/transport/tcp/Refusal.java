package io.cyphermesh.transport.tcp;

/** Why a caller was turned away. */
enum Refusal {
  SILENT("said nothing"),
  GONE("hung up without a word"),
  PLAIN("spoke version 1, which is not served here"),
  NOT_IPV4("spoke version 1 over IPv6"),
  FOREIGN("spoke another protocol"),
  CROWDED_OUT("gave way to later callers"),
  TOO_OFTEN("came from a network that calls too often"),
  LATE("did not finish the handshake in time"),
  FAILED("failed the handshake");

  private final String text;

  Refusal(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
