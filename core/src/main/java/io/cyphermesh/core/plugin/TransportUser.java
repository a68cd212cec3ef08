package io.cyphermesh.core.plugin;

/** The node's end of transports, for those that come and go while it runs. */
public interface TransportUser {

  /**
   * Starts a transport and uses it, if there is need of one. What goes wrong is shown by the
   * plugin's state.
   */
  void use(LoadedTransport transport);

  /** Uses it no more: closes what listens, and all links. Returns when they have ended, or soon. */
  void leave(LoadedTransport transport);
}
