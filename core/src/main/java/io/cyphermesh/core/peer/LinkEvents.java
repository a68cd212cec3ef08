package io.cyphermesh.core.peer;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.protocol.Message;
import java.time.Duration;
import java.util.Optional;

/** Who is told what happens on links. Every method may block; that is how a link is slowed down. */
public interface LinkEvents {

  /**
   * A link's HELLO has come; it is up. A plain one needs none: it is up from its beginning, with
   * {@link Message.Hello#ORIGINAL}.
   */
  void up(LinkSession link, Message.Hello hello, Optional<Duration> clockSkew)
      throws InterruptedException;

  /**
   * A message has come.
   *
   * <p>Whoever is told of an event, well-formed or not, says {@link LinkSession#settled} when its
   * verdict is final; of {@link Message.Events} once for each of them.
   */
  void received(LinkSession link, Message message) throws InterruptedException;

  /** An event came over a plain link beyond the link's rate. It was not looked at. */
  void tooFast(LinkSession link);

  /** A link that was up is gone. */
  void down(LinkId link, String reason);

  /** A dial came to nothing, or its link ended before it was up. */
  void dialFailed(HostPort address, String reason);

  /** Whether a peer is ignored, so that its link is closed at once. */
  boolean ignored(LinkSession link);
}
