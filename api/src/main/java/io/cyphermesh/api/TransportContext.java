package io.cyphermesh.api;

import java.util.concurrent.ThreadFactory;

/** What the node lends to a {@link Transport}. */
@Experimental
public interface TransportContext extends PluginContext {

  /** The node's identity on TLS links. It can act as the node, but never gives the key away. */
  TlsIdentity identity();

  /** What the transport has to keep. */
  TransportLimits limits();

  /**
   * Whether plain links of version 1 nodes are accepted. Where they are not, callers without TLS
   * are turned away.
   */
  boolean acceptsPlain();

  /** Makes the transport's threads; the node interrupts them when the transport ends. */
  ThreadFactory threads();
}
