package io.cyphermesh.core.node;

import io.cyphermesh.api.EventId;
import io.cyphermesh.api.HostPort;
import io.cyphermesh.api.NodeId;
import io.cyphermesh.api.Transport;
import io.cyphermesh.core.identity.PeerId;
import io.cyphermesh.core.identity.Rsa;
import io.cyphermesh.core.mesh.Input;
import io.cyphermesh.core.mesh.LinkId;
import io.cyphermesh.core.mesh.Mesh;
import io.cyphermesh.core.mesh.MeshSnapshot;
import io.cyphermesh.core.mesh.Output;
import io.cyphermesh.core.mesh.Route;
import io.cyphermesh.core.peer.CatchUp;
import io.cyphermesh.core.peer.LinkEvents;
import io.cyphermesh.core.peer.LinkSession;
import io.cyphermesh.core.peer.PeerLinks;
import io.cyphermesh.core.peer.Uploads;
import io.cyphermesh.core.pipeline.Pipeline;
import io.cyphermesh.core.pipeline.Verdict;
import io.cyphermesh.core.protocol.FrameCodec;
import io.cyphermesh.core.protocol.Message;
import io.cyphermesh.core.protocol.SignedEvent;
import io.cyphermesh.core.reputation.Reputation;
import io.cyphermesh.core.store.Aside;
import io.cyphermesh.core.store.EventStore;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import io.cyphermesh.core.store.EventStore.StoredEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Runs the mesh: one thread takes inputs from one queue, steps, and carries the outputs out.
 * Everything slow is carried out elsewhere and comes back as an input.
 */
final class MeshDriver implements LinkEvents, AutoCloseable {
  /**
   * Room for every event that links may have in flight, so that those who answer never wait; links
   * and detectors do.
   */
  private static final int QUEUE = 65_536;

  private static final int LOADED_AT_ONCE = 5_000;

  private static final Duration LATE = Duration.ofSeconds(1);
  private static final long REFRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final Mesh mesh;
  private final Parts parts;
  private final BlockingQueue<Step> inbox = new LinkedBlockingQueue<>(QUEUE);
  private final LinkLog linkLog;
  private final Thread thread;
  private volatile MeshSnapshot snapshot = new MeshSnapshot(List.of(), List.of(), List.of());
  private volatile long compared;
  private volatile boolean running = true;
  private long timer;
  private long publishedChanges = -1;
  private long refreshedAt;

  /**
   * What the mesh's outputs are carried out with.
   *
   * @param transport empty while there is none: dials fail then
   * @param verifiers verify signatures
   * @param caughtUp told of each reconciliation that ended
   * @param stored told of each event of others that was stored
   * @param changed told when {@link #snapshot} differs
   */
  record Parts(
      NodeId self,
      Supplier<PeerLinks> links,
      Supplier<Optional<Transport>> transport,
      Pipeline pipeline,
      Reputation reputation,
      EventStore store,
      CatchUp catchUp,
      Uploads uploads,
      Rsa rsa,
      FrameCodec codec,
      VerdictCounts verdicts,
      Consumer<Output.CaughtUp> caughtUp,
      ExecutorService verifiers,
      ThreadFactory threads,
      InstantSource clock,
      LongSupplier nanos,
      OwnRecords ownRecords,
      ClockSkew clockSkew,
      Consumer<StoredEvent> stored,
      Runnable changed,
      Logger logger) {}

  /** An input, and for a stored event its number. */
  private record Step(Input input, long seq) {}

  MeshDriver(Mesh mesh, Parts parts) {
    this.mesh = mesh;
    this.parts = parts;
    this.linkLog = new LinkLog(parts.logger(), parts.nanos());
    this.thread = Thread.ofPlatform().name("mesh").daemon().unstarted(this::run);
  }

  void start() {
    timer = parts.nanos().getAsLong();
    thread.start();
    parts
        .store()
        .onDeleted(
            deleted ->
                tell(
                    new Input.EventsDeleted(
                        deleted.stream()
                            .map(d -> new Input.Item(d.timeMillis(), d.key()))
                            .toList())));
    inBackground("reading what is stored", this::loadSet);
  }

  /** Tells the mesh what was stored before it began, for it to compare with what others have. */
  private void loadSet() throws InterruptedException {
    List<EventStore.Item> page = List.of();
    do {
      long after = page.isEmpty() ? 0 : page.getLast().seq();
      page = parts.store().items(after, LOADED_AT_ONCE);
      put(
          new Input.SetLoaded(
              page.stream().map(item -> new Input.Item(item.timeMillis(), item.key())).toList(),
              page.size() < LOADED_AT_ONCE));
    } while (running && page.size() == LOADED_AT_ONCE);
  }

  /** The links and addresses, a moment ago. */
  MeshSnapshot snapshot() {
    return snapshot;
  }

  /** How many stored events are compared with those of others, a moment ago. */
  long compared() {
    return compared;
  }

  /** How many inputs wait. */
  int waiting() {
    return inbox.size();
  }

  /** Hands an input in, waiting for room. */
  void put(Input input) throws InterruptedException {
    inbox.put(new Step(input, 0));
  }

  /** Hands an input in for which room was kept. */
  private void answer(Input input, long seq) {
    if (!inbox.offer(new Step(input, seq))) {
      parts
          .logger()
          .error("the mesh does not keep up; {} was dropped", input.getClass().getSimpleName());
    }
  }

  /** Tells the mesh something from a thread that must not wait. */
  void tell(Input input) {
    answer(input, 0);
  }

  /** Tells the mesh of an event that is durable, and that no link brought. */
  void storedHere(StoredEvent stored, Route route) {
    Step step =
        new Step(
            new Input.EventStored(
                Optional.empty(), stored.key(), stored.event(), route, stored.local()),
            stored.seq());
    try {
      inbox.put(step);
    } catch (InterruptedException e) {
      // Durable is durable: it is handed over all the same, if there is room.
      answer(step.input(), step.seq());
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (running) {
      try {
        long wait = timer - parts.nanos().getAsLong();
        if (wait > 0) {
          Step step = inbox.poll(wait, TimeUnit.NANOSECONDS);
          if (step != null) {
            take(step);
          }
        } else {
          if (wait < -LATE.toNanos()) {
            takeBacklog();
          }
          take(new Step(new Input.Tick(parts.clock().millis()), 0));
        }
      } catch (InterruptedException e) {
        running = false;
      } catch (RuntimeException e) {
        parts.logger().error("a step of the mesh failed", e);
      }
    }
  }

  /**
   * What waited while a slow step held us up comes before the tick that would call its links
   * silent.
   */
  private void takeBacklog() throws InterruptedException {
    for (int left = inbox.size(); left > 0; left--) {
      Step step = inbox.poll();
      if (step != null) {
        take(step);
      }
    }
  }

  private void take(Step step) throws InterruptedException {
    if (step.input() instanceof Input.Tick) {
      // Should the step fail, the next tick comes all the same.
      timer = parts.nanos().getAsLong() + Duration.ofSeconds(1).toNanos();
      linkLog.look();
      compared = mesh.compared();
      refresh();
    }
    for (Output output : mesh.step(parts.nanos().getAsLong(), step.input())) {
      carryOut(output, step);
    }
    if (mesh.changes() != publishedChanges) {
      publishedChanges = mesh.changes();
      snapshot = mesh.snapshot();
      parts.changed().run();
    }
  }

  /** Round trips, scores and the tree change too often to tell everybody each time. */
  private void refresh() {
    long now = parts.nanos().getAsLong();
    if (now - refreshedAt >= REFRESH_NANOS) {
      refreshedAt = now;
      snapshot = new MeshSnapshot(mesh.linkStates(), snapshot.addresses(), snapshot.reserve());
    }
  }

  private void carryOut(Output output, Step step) throws InterruptedException {
    switch (output) {
      case Output.Send send -> send(send, step.seq());
      case Output.Dial dial ->
          parts.links().get().dial(parts.transport(), dial.address(), dial.policy());
      case Output.Close close ->
          session(close.link()).ifPresent(session -> session.close(close.reason()));
      case Output.Verify verify -> verify(verify);
      case Output.VerifyUnusual verify -> verifyUnusual(verify);
      case Output.Ignore ignore -> {
        parts.verdicts().count(new Verdict.Ignored(ignore.why()));
        session(ignore.link()).ifPresent(LinkSession::settled);
      }
      case Output.Store store -> store(store);
      case Output.VerifyPeers verify -> verifyPeers(verify);
      case Output.Replay replay -> session(replay.link()).ifPresent(this::replay);
      case Output.Lookup lookup -> lookup(lookup);
      case Output.Deliver deliver ->
          session(deliver.link())
              .ifPresent(
                  link -> {
                    boolean _ =
                        parts
                            .uploads()
                            .deliver(
                                link,
                                deliver.events(),
                                deliver.late(),
                                stored ->
                                    mesh.mayHave(link.peer(), stored.event(), stored.local()));
                  });
      case Output.SetTimer set -> timer = set.atNanos();
      case Output.Penalise penalise -> {
        parts.verdicts().count(new Verdict.Rejected(penalise.reason()));
        blame(session(penalise.link()), penalise.peer(), penalise.reason());
      }
      case Output.CaughtUp done -> parts.caughtUp().accept(done);
      case Output.Remember remember ->
          inBackground(
              "address",
              () ->
                  parts
                      .store()
                      .saveAddress(
                          new KnownAddress(
                              remember.address(),
                              KnownAddresses.stored(remember.origin()),
                              Optional.of(remember.nodeId()),
                              Optional.of(parts.clock().instant()))));
      case Output.RememberAll all ->
          inBackground("the address book", () -> parts.store().saveAddresses(known(all)));
    }
  }

  private List<KnownAddress> known(Output.RememberAll all) {
    Instant now = parts.clock().instant();
    return all.addresses().stream().map(each -> KnownAddresses.stored(each, now)).toList();
  }

  private Optional<LinkSession> session(LinkId link) {
    return parts.links().get().session(link);
  }

  private void send(Output.Send send, long seq) {
    Map<Boolean, byte[]> frameByPlain = new HashMap<>();
    for (LinkId link : send.links()) {
      session(link)
          .ifPresent(
              session -> {
                byte[] frame =
                    frameByPlain.computeIfAbsent(
                        session.plain(), _ -> session.encode(send.message()));
                if (send.message() instanceof Message.Event event) {
                  session.sendEvent(event.event().reporter().nodeId(), frame, seq);
                } else if (send.message() instanceof Message.IHave) {
                  session.sendDroppable(frame);
                } else {
                  session.send(frame);
                }
              });
    }
  }

  /** The link may be gone by now; the event, and who is to blame for it, stay what they are. */
  private void verify(Output.Verify verify) {
    Optional<LinkSession> link = session(verify.link());
    try {
      parts
          .verifiers()
          .execute(
              () -> {
                switch (examine(verify.event(), verify.deliverer())) {
                  case Pipeline.Examination.Valid valid ->
                      answer(
                          new Input.EventVerified(
                              verify.link(),
                              verify.deliverer(),
                              verify.event(),
                              valid.bare(),
                              verify.route()),
                          0);
                  case Pipeline.Examination.Settled settled -> {
                    settle(link, verify.deliverer(), settled.verdict());
                    refused(verify.link(), verify.event(), verify.route(), settled.verdict());
                  }
                }
              });
    } catch (RejectedExecutionException e) {
      link.ifPresent(LinkSession::settled);
    }
  }

  private void verifyUnusual(Output.VerifyUnusual verify) {
    Optional<LinkSession> link = session(verify.link());
    try {
      parts
          .verifiers()
          .execute(
              () ->
                  settle(
                      link,
                      verify.deliverer(),
                      parts.pipeline().examine(verify.event(), verify.why(), verify.deliverer())));
    } catch (RejectedExecutionException e) {
      link.ifPresent(LinkSession::settled);
    }
  }

  private Pipeline.Examination examine(SignedEvent event, PeerId deliverer) {
    try {
      return parts.verdicts().examined(() -> parts.pipeline().examine(event, deliverer));
    } catch (RuntimeException e) {
      parts.logger().error("an event could not be examined", e);
      return new Pipeline.Examination.Settled(new Verdict.Ignored("an internal error"));
    }
  }

  private void store(Output.Store store) throws InterruptedException {
    Optional<LinkSession> link = session(store.link());
    try {
      parts
          .pipeline()
          .store(
              store.event(),
              store.bare(),
              store.deliverer(),
              store.route().late(),
              verdict -> {
                settle(link, store.deliverer(), verdict);
                if (verdict instanceof Verdict.Accepted accepted) {
                  EventId key = accepted.event().key();
                  answer(
                      new Input.EventStored(
                          Optional.of(store.link()), key, store.event(), store.route()),
                      accepted.event().seq());
                  parts.stored().accept(accepted.event());
                } else {
                  refused(store.link(), store.event(), store.route(), verdict);
                }
              });
    } catch (RuntimeException e) {
      parts.logger().error("an event could not be stored", e);
      link.ifPresent(LinkSession::settled);
    }
  }

  private void refused(LinkId link, SignedEvent event, Route route, Verdict verdict) {
    Input.Refusal why =
        switch (verdict) {
          case Verdict.Duplicate _ -> Input.Refusal.DUPLICATE;
          case Verdict.Rejected _ -> Input.Refusal.REJECTED;
          case Verdict.Ignored(_, Aside what) ->
              switch (what) {
                case EVENT -> Input.Refusal.IGNORED;
                case MOMENT -> Input.Refusal.LATER;
                case DELIVERY -> Input.Refusal.REJECTED;
              };
          case Verdict.Accepted _ -> throw new IllegalArgumentException("accepted");
        };
    answer(new Input.EventRefused(link, event, event.ownKey(), route, why), 0);
  }

  /** Which of the announced events are stored is the store's to say. */
  private void lookup(Output.Lookup lookup) {
    try {
      parts
          .verifiers()
          .execute(
              () -> {
                List<Message.Announced> missing =
                    lookup.events().stream().filter(e -> !parts.store().contains(e.key())).toList();
                if (!missing.isEmpty()) {
                  answer(new Input.Missing(lookup.link(), missing, lookup.late()), 0);
                }
              });
    } catch (RejectedExecutionException e) {
      parts.logger().debug("not looked up while stopping");
    }
  }

  private void settle(Optional<LinkSession> link, PeerId deliverer, Verdict verdict) {
    parts.verdicts().count(verdict);
    if (verdict instanceof Verdict.Rejected rejected) {
      blame(link, deliverer, rejected.reason());
    } else {
      link.ifPresent(LinkSession::settled);
    }
  }

  /**
   * The event counts as settled once its blame is committed: a link cannot run ahead of its ban.
   */
  private void blame(Optional<LinkSession> link, PeerId peer, String reason) {
    link.ifPresent(l -> linkLog.blamed(l.id(), peer.abbreviated(), reason));
    inBackground(
        "blame",
        () ->
            parts
                .reputation()
                .blame(
                    peer,
                    link.flatMap(LinkSession::peerKey),
                    () -> link.ifPresent(LinkSession::settled)));
  }

  private void verifyPeers(Output.VerifyPeers verify) {
    try {
      parts
          .verifiers()
          .execute(
              () ->
                  answer(
                      new Input.PeersVerified(
                          verify.link(),
                          verify.records().stream().filter(r -> r.verifies(parts.rsa())).toList()),
                      0));
    } catch (RejectedExecutionException e) {
      parts.logger().debug("not verified while stopping");
    }
  }

  private void replay(LinkSession link) {
    inBackground(
        "catch-up",
        () ->
            parts
                .catchUp()
                .run(
                    link,
                    stored ->
                        stored.deliverer().filter(link.peer()::equals).isEmpty()
                            && mesh.maySee(link.peer(), stored.event(), stored.local())));
  }

  /** Something that may wait for the store, which the mesh's thread must not. */
  @FunctionalInterface
  private interface Waiting {
    void run() throws InterruptedException;
  }

  private void inBackground(String what, Waiting task) {
    Thread worker =
        parts
            .threads()
            .newThread(
                () -> {
                  try {
                    task.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } catch (RuntimeException e) {
                    if (running) {
                      parts.logger().error("{} failed", what, e);
                    }
                  }
                });
    worker.start();
  }

  @Override
  public void up(LinkSession link, Message.Hello hello, Optional<Duration> skew)
      throws InterruptedException {
    // First: whatever fails below, the link's end is told.
    boolean dialled = link.dialled().isPresent();
    if (link.plain()) {
      linkLog.upPlain(link.id(), link.remoteHost() + " (" + hello.agent() + ", plain)", dialled);
    } else {
      linkLog.up(
          link.id(),
          link.peer().abbreviated() + " at " + link.remoteHost() + " (" + hello.agent() + ")",
          dialled);
    }
    Optional<byte[]> key = link.peerKey();
    if (link.peer() instanceof PeerId.Node(NodeId peer)) {
      if (key.isPresent() && !peer.equals(parts.self())) {
        parts.store().seen(peer, key.get());
      }
      skew.ifPresent(s -> parts.clockSkew().observe(peer, s));
    }
    Optional<Input.OwnRecord> own =
        parts.ownRecords().at(link.localHost()).map(Input.OwnRecord::new);
    if (own.isPresent()) {
      put(own.get());
    }
    put(
        new Input.LinkUp(
            link.id(),
            link.peer(),
            link.dialled(),
            link.remoteHost(),
            hello.listenPort(),
            hello.agent(),
            hello.capabilities()));
  }

  @Override
  public void received(LinkSession link, Message message) throws InterruptedException {
    if (message instanceof Message.Pong pong && link.answersBarrier(pong.n())) {
      return;
    }
    switch (message) {
      case Message.Event _, Message.MalformedEvent _, Message.UnusualEvent _, Message.LeftOut _ ->
          parts.verdicts().countReceived();
      case Message.Events events -> events.events().forEach(_ -> parts.verdicts().countReceived());
      default -> {}
    }
    put(new Input.Received(link.id(), message));
  }

  @Override
  public void tooFast(LinkSession link) {
    parts.verdicts().countReceived();
    parts.verdicts().count(new Verdict.Ignored("the link's rate is exceeded"));
  }

  @Override
  public void down(LinkId link, String reason) {
    linkLog.down(link, reason);
    putFinal(new Input.LinkDown(link, reason));
  }

  @Override
  public void dialFailed(HostPort address, String reason) {
    putFinal(new Input.DialFailed(address, reason, false));
  }

  /** Hands in what must not be dropped, or an address would stay dialled and a link up for ever. */
  private void putFinal(Input input) {
    try {
      put(input);
    } catch (InterruptedException e) {
      answer(input, 0);
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean ignored(LinkSession link) {
    if (link.peer().is(parts.self())) {
      linkToSelf(link);
      return true;
    }
    return parts.reputation().ignored(link.peer());
  }

  private void linkToSelf(LinkSession link) {
    link.dialled()
        .ifPresent(
            address -> putFinal(new Input.DialFailed(address, "it is this node itself", true)));
    if (link.dialled().isEmpty() && !link.remoteHost().equals(link.localHost())) {
      parts
          .logger()
          .warn(
              "{} links with this node's own key: was the data directory copied to another machine?",
              link.remoteHost());
    }
    link.close("it is this node itself");
  }

  /** When a link came up, on the wall clock. */
  Instant sinceNanos(long nanos) {
    return parts.clock().instant().minusNanos(parts.nanos().getAsLong() - nanos);
  }

  @Override
  public void close() {
    running = false;
    thread.interrupt();
    try {
      if (thread.join(Duration.ofSeconds(5))) {
        saveBook();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      parts.logger().warn("the address book was not saved", e);
    }
  }

  /** Nobody else steps the mesh any more. */
  private void saveBook() throws InterruptedException {
    for (Output output : mesh.step(parts.nanos().getAsLong(), new Input.Stopping())) {
      if (output instanceof Output.RememberAll all) {
        parts.store().saveAddresses(known(all));
      }
    }
  }
}
