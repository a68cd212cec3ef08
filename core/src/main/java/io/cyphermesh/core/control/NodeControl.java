package io.cyphermesh.core.control;

import io.cyphermesh.api.HostPort;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.PluginView;

/** What an operator can tell a node. Every method may be called from any thread. */
public interface NodeControl {

  /**
   * Remembers an address for good and dials it now.
   *
   * @return whether it was new
   */
  boolean addPeer(HostPort address);

  /**
   * Takes an address back, whoever named it: it is neither dialled nor remembered any more, unless
   * somebody names it again.
   *
   * @throws UnknownPeerException if it is not known
   * @throws PeerLinkedException if a link is up there
   * @throws InterruptedException if the thread was interrupted while the node was busy
   */
  void forgetPeer(HostPort address) throws InterruptedException;

  /**
   * Ignores a peer from now on, also after a restart and whatever its score is: its link ends, it
   * is not dialled, and what it reports or delivers is left aside. It need not be known yet.
   * Returns when that is durable.
   *
   * @param peer its node id, or the IPv4 address of plain version 1 nodes
   * @throws IllegalArgumentException if it is neither, or this node itself; the message says why
   * @throws InterruptedException if the thread was interrupted while the node was busy
   */
  PeerBan ban(String peer) throws InterruptedException;

  /**
   * Lifts whatever ban or block a peer has, by the operator or by its score, which begins at zero
   * again where it is below. Returns when that is durable.
   *
   * @throws IllegalArgumentException as {@link #ban}
   * @throws UnknownPeerException if it was never met
   * @throws InterruptedException if the thread was interrupted while the node was busy
   */
  PeerBan lift(String peer) throws InterruptedException;

  /**
   * Signs, stores and shares an event by hand. Returns when it is durable.
   *
   * @throws IllegalArgumentException if the report cannot become an event; the message says why
   * @throws InterruptedException if the thread was interrupted while the node was busy
   */
  EventView report(ManualReport report) throws InterruptedException;

  /**
   * Stores events of others, or of this node's past, from a text {@code {"events": [EVENT…]}} of
   * signed events as the mesh carries them. Each is judged as one from a peer, but nobody's score
   * changes. New ones are shared and exported like any other. Returns when they are committed.
   *
   * @throws IllegalArgumentException if the text has not that form; the message says why
   * @throws InterruptedException if the thread was interrupted while the node was busy
   */
  ImportedEvents importEvents(String json) throws InterruptedException;

  /**
   * Has a plugin run from now on, also after a restart of the node. One that is running already
   * stays as it is.
   *
   * @return how it is then; {@code FAILED} says why it does not run
   * @throws IllegalArgumentException if the settings cannot be read; the message is one line
   * @throws UnknownPluginException if there is none of that id
   * @throws NodeBusyException if too many such orders wait, or the node stops
   * @throws InterruptedException if the thread was interrupted; the order is carried out all the
   *     same
   */
  PluginView enablePlugin(String id) throws InterruptedException;

  /**
   * Stops a plugin, which may take 10 s, and keeps it stopped, also after a restart of the node.
   *
   * @return how it is then; {@code WEDGED} if it did not stop
   * @throws UnknownPluginException if there is none of that id
   * @throws NodeBusyException if too many such orders wait, or the node stops
   * @throws InterruptedException if the thread was interrupted; the order is carried out all the
   *     same
   */
  PluginView disablePlugin(String id) throws InterruptedException;

  /**
   * Stops a plugin and starts it anew from its jar and its settings as they are now; what it had
   * failed by is forgotten.
   *
   * @return how it is then
   * @throws IllegalArgumentException if the settings cannot be read; the message is one line
   * @throws UnknownPluginException if there is none of that id
   * @throws NodeBusyException if too many such orders wait, or the node stops
   * @throws PluginDisabledException if it is disabled
   * @throws InterruptedException if the thread was interrupted; the order is carried out all the
   *     same
   */
  PluginView reloadPlugin(String id) throws InterruptedException;
}
