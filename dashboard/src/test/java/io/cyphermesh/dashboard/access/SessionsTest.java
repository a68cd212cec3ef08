package io.cyphermesh.dashboard.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final AtomicLong nanos = new AtomicLong(42);
  private final Sessions<String> sessions = new Sessions<>(new SecureRandom(), nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aSessionIsKnownByItsCookieUntilItEnds() {
    Sessions.Begun<String> begun = sessions.begin("siem");
    assertThat(begun.cookie()).matches("[A-Za-z0-9_-]{43}").isNotEqualTo(begun.session().csrf());
    assertThat(sessions.find(begun.cookie())).contains(begun.session());
    assertThat(sessions.find("another")).isEmpty();
    sessions.end(begun.cookie());
    assertThat(sessions.find(begun.cookie())).isEmpty();
  }

  @Test
  void anUnusedSessionEndsAfterAnHour() {
    String cookie = sessions.begin("siem").cookie();
    pass(Duration.ofMinutes(59));
    assertThat(sessions.find(cookie)).isPresent();
    pass(Duration.ofMinutes(59));
    assertThat(sessions.find(cookie)).isPresent();
    pass(Duration.ofHours(1));
    assertThat(sessions.find(cookie)).isEmpty();
  }

  @Test
  void aBusySessionEndsAfterTwelveHours() {
    String cookie = sessions.begin("siem").cookie();
    for (int i = 0; i < 23; i++) {
      pass(Duration.ofMinutes(30));
      assertThat(sessions.find(cookie)).isPresent();
    }
    pass(Duration.ofMinutes(30));
    assertThat(sessions.find(cookie)).isEmpty();
  }

  @Test
  void whoLogsInAgainAndAgainDisplacesOnlyHimself() {
    String other = sessions.begin("other").cookie();
    String first = sessions.begin("siem").cookie();
    for (int i = 0; i < 10_000; i++) {
      sessions.begin("siem");
    }
    assertThat(sessions.find(first)).isEmpty();
    assertThat(sessions.find(other)).isPresent();
    assertThat(sessions.size()).isEqualTo(Sessions.MOST_OF_ONE + 1);
  }

  @Test
  void thereAreOnlySoMany() {
    for (int i = 0; i < 3_000; i++) {
      sessions.begin("holder " + i);
    }
    assertThat(sessions.size()).isEqualTo(Sessions.MOST);
  }
}
