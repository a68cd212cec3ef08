package io.cyphermesh.transport.tcp;

/** The head of a TLS record of the handshake type that promises more than will come. */
final class ClientHello {
  static final byte[] HEAD = {0x16, 3, 1, 0x10, 0, 1, 0, 0x0f, (byte) 0xfc, 3, 3};

  private ClientHello() {}
}
