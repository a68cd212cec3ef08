package io.cyphermesh.transport.tcp;

import io.cyphermesh.api.TlsIdentity;
import io.cyphermesh.api.TransportContext;
import io.cyphermesh.api.TransportLimits;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node lends to the transport; knows which of the threads lent are alive. */
final class TestContext implements TransportContext {
  private final TlsIdentity identity;
  private final TransportLimits limits;
  private final boolean acceptsPlain;
  private final Set<Thread> alive = ConcurrentHashMap.newKeySet();

  TestContext(TlsIdentity identity, TransportLimits limits, boolean acceptsPlain) {
    this.identity = identity;
    this.limits = limits;
    this.acceptsPlain = acceptsPlain;
  }

  @Override
  public TlsIdentity identity() {
    return identity;
  }

  @Override
  public TransportLimits limits() {
    return limits;
  }

  @Override
  public boolean acceptsPlain() {
    return acceptsPlain;
  }

  @Override
  public ThreadFactory threads() {
    return task ->
        Thread.ofVirtual()
            .name("lent")
            .unstarted(
                () -> {
                  alive.add(Thread.currentThread());
                  try {
                    task.run();
                  } finally {
                    alive.remove(Thread.currentThread());
                  }
                });
  }

  int threadsAlive() {
    return alive.size();
  }

  void interruptThreads() {
    alive.forEach(Thread::interrupt);
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger("tcp-transport");
  }

  @Override
  public <T extends Record> T config(Class<T> type) {
    throw new UnsupportedOperationException("the transport has no settings of its own");
  }

  @Override
  public InstantSource clock() {
    return InstantSource.system();
  }

  @Override
  public Path dataDirectory() {
    throw new UnsupportedOperationException("the transport keeps no files");
  }
}
