package io.cyphermesh.suricata;

import io.cyphermesh.api.Tlp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reports the first alert of a kind at once and counts the following; what was counted is reported
 * in one piece when the cool-down is over, with the next alert or by the clock, and then the
 * cool-down begins anew. So an attack that goes on gives one report a cool-down, and none of its
 * alerts is lost.
 *
 * <p>Alerts are compared by the sensor's times, so that a file read later gives the same reports,
 * each kind for itself, so that one wrong stamp does not end the others' cool-downs. Not
 * thread-safe.
 */
final class Folds {

  /** Reports of one tick: the node takes so many of a line or tick, and what is left comes next. */
  private static final int MOST_OF_A_TICK = 1000;

  private final long coolDown;
  private final int greatest;
  private final Tlp tlp;
  private final LinkedHashMap<Fold.Key, Fold> byKey = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<Threat, Threat> threats = new HashMap<>();

  /**
   * @param coolDown milliseconds; 0 reports every alert
   * @param greatest how many are remembered; beyond it the least recently used is reported and
   *     forgotten
   */
  Folds(long coolDown, int greatest, Tlp tlp) {
    this.coolDown = coolDown;
    this.greatest = greatest;
    this.tlp = tlp;
  }

  /**
   * Takes an alert.
   *
   * @param at its time
   * @param clock the node's
   * @return whether it was reported; false if it was counted
   */
  boolean add(Fold.Key key, Threat threat, long at, long clock, Sink sink)
      throws InterruptedException {
    Fold fold = byKey.get(key);
    if (fold == null) {
      sink.report(threat.detection(key.attacker(), 1, at, at, tlp));
      if (coolDown > 0) {
        put(new Fold(key, shared(threat), at, clock + coolDown), sink);
      }
      return true;
    }
    boolean worse = threat.severity().compareTo(fold.threat.severity()) > 0;
    if (!worse && Math.abs(at - fold.openedAt) < coolDown && !isOver(fold, clock)) {
      fold.add(at);
      return false;
    }
    if (fold.count > 0 && Math.abs(at - fold.lastSeen) >= coolDown) {
      summarise(fold, sink);
      fold.clear();
    }
    fold.add(at);
    fold.threat = shared(threat);
    summarise(fold, sink);
    fold.reopen(at, clock + coolDown);
    return true;
  }

  /** Closes what is due. */
  boolean tick(long clock, Sink sink) throws InterruptedException {
    boolean changed = false;
    int left = MOST_OF_A_TICK;
    for (Iterator<Fold> all = byKey.values().iterator(); all.hasNext() && left > 0; ) {
      Fold fold = all.next();
      if (isOver(fold, clock)) {
        changed = true;
        if (fold.count == 0) {
          all.remove();
        } else {
          left--;
          summarise(fold, sink);
          fold.reopen(fold.lastSeen, clock + coolDown);
        }
      }
    }
    return changed;
  }

  /** Reports all that was only counted so far. */
  void flush(Sink sink) throws InterruptedException {
    for (Fold fold : byKey.values()) {
      if (fold.count > 0) {
        summarise(fold, sink);
        fold.clear();
      }
    }
  }

  /** An end further ahead than a cool-down comes from a clock that was set back since. */
  private boolean isOver(Fold fold, long clock) {
    fold.closeBy(clock + coolDown);
    return clock >= fold.closesAt;
  }

  /** The same object for equal threats: snapshots tell them apart by that. */
  private Threat shared(Threat threat) {
    if (threats.size() >= greatest) {
      threats.clear();
    }
    Threat known = threats.putIfAbsent(threat, threat);
    return known == null ? threat : known;
  }

  private void summarise(Fold fold, Sink sink) throws InterruptedException {
    sink.report(
        fold.threat.detection(fold.key.attacker(), fold.count, fold.firstSeen, fold.lastSeen, tlp));
  }

  private void put(Fold fold, Sink sink) throws InterruptedException {
    if (byKey.size() >= greatest) {
      Iterator<Fold> eldest = byKey.values().iterator();
      Fold forgotten = eldest.next();
      eldest.remove();
      if (forgotten.count > 0) {
        summarise(forgotten, sink);
      }
    }
    byKey.put(fold.key, fold);
  }

  int size() {
    return byKey.size();
  }

  /** The most recently used first. */
  List<Fold> recentFirst() {
    return new ArrayList<>(byKey.sequencedValues().reversed());
  }

  /** Replaces all. */
  void load(List<Fold> recentFirst) {
    byKey.clear();
    for (Fold fold : recentFirst.subList(0, Math.min(recentFirst.size(), greatest)).reversed()) {
      byKey.put(fold.key, fold);
    }
  }
}
