package io.cyphermesh.core.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cyphermesh.core.mesh.LinkId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkLogTest {
  private static final LinkId LINK = new LinkId(1);

  private final AtomicLong nanos = new AtomicLong(-5);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private LinkLog log;

  @BeforeEach
  void listen() {
    LoggerContext context = new LoggerContext();
    context.getLogger("links").setLevel(Level.INFO);
    lines.start();
    context.getLogger("links").addAppender(lines);
    log = new LinkLog(context.getLogger("links"), nanos::get);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    log.look();
  }

  private List<String> lines() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aStrangerWhoComesAndGoesIsOneLine() {
    log.up(LINK, "abc at 192.0.2.1 (x)", false);
    pass(Duration.ofSeconds(10));
    log.down(LINK, "not JSON");
    pass(Duration.ofMinutes(1));
    assertThat(lines())
        .containsExactly("link from abc at 192.0.2.1 (x) ended after 10000 ms: not JSON");
  }

  @Test
  void aLinkThatLastsIsToldWithItsBeginningAndItsEnd() {
    log.up(LINK, "abc", false);
    pass(Duration.ofSeconds(31));
    pass(Duration.ofSeconds(31));
    log.down(LINK, "closed by the peer");
    assertThat(lines())
        .containsExactly("linked with abc", "link with abc ended: closed by the peer");
  }

  @Test
  void aPlainLinkThatDoesNotLastIsNoLine() {
    log.upPlain(LINK, "192.0.2.1 (v1, plain)", false);
    pass(Duration.ofSeconds(10));
    log.down(LINK, "not JSON");
    log.upPlain(LINK, "192.0.2.1 (v1, plain)", false);
    pass(Duration.ofSeconds(31));
    assertThat(lines()).containsExactly("linked with 192.0.2.1 (v1, plain)");
  }

  @Test
  void ourOwnDialIsToldAtOnce() {
    log.up(LINK, "abc", true);
    assertThat(lines()).containsExactly("linked with abc");
  }

  @Test
  void ofManyInvalidEventsTheFirstIsTold() {
    log.up(LINK, "abc", true);
    log.blamed(LINK, "abc", "the signature is not the reporter's");
    log.blamed(LINK, "abc", "the signature is not the reporter's");
    log.down(LINK, "the peer is banned");
    // What was in flight when the link ended.
    log.blamed(LINK, "abc", "the signature is not the reporter's");
    assertThat(lines())
        .containsExactly(
            "linked with abc",
            "peer abc delivered an invalid event: the signature is not the reporter's",
            "link with abc ended: the peer is banned");
  }
}
