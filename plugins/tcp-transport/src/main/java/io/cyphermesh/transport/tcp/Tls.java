package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** Mutual TLS 1.3 over a connected socket, without resumption. */
final class Tls {
  private final TlsIdentity identity;
  private final AtomicLong dials = new AtomicLong();

  Tls(TlsIdentity identity) {
    this.identity = identity;
  }

  /** The dialling end, before its handshake. */
  SSLSocket client(Socket raw, Optional<NodeId> expected) throws IOException {
    SSLContext context = expected.map(identity::contextFor).orElseGet(identity::context);
    // The JDK looks for a session to resume by this name, so it is one that never comes back.
    String name = "dial-" + dials.incrementAndGet() + ".invalid";
    SSLSocket tls =
        (SSLSocket) context.getSocketFactory().createSocket(raw, name, raw.getPort(), true);
    SSLParameters parameters = parameters(tls);
    parameters.setServerNames(List.of());
    tls.setSSLParameters(parameters);
    return tls;
  }

  /**
   * The accepting end, before its handshake.
   *
   * @param taken what was read from the socket already
   */
  SSLSocket server(Socket raw, byte[] taken) throws IOException {
    SSLSocket tls =
        (SSLSocket)
            identity
                .context()
                .getSocketFactory()
                .createSocket(raw, new ByteArrayInputStream(taken), true);
    SSLParameters parameters = parameters(tls);
    parameters.setNeedClientAuth(true);
    tls.setSSLParameters(parameters);
    return tls;
  }

  private static SSLParameters parameters(SSLSocket tls) {
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3"});
    return parameters;
  }

  /** Shakes hands and says with whom. */
  Peer shakeHands(SSLSocket tls) throws IOException {
    tls.startHandshake();
    SSLSession session = tls.getSession();
    try {
      return new Peer(identity.peer(session), session.getPeerCertificates()[0].getPublicKey());
    } finally {
      session.invalidate();
    }
  }
}
