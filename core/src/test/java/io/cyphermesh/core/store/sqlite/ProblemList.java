package io.cyphermesh.core.store.sqlite;

import io.cyphermesh.core.store.DatabaseCare;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a check finds wrong with a database. */
final class ProblemList implements DatabaseCare.Watcher {
  private final List<String> problems = new ArrayList<>();

  /** All but the events themselves: their signatures are made up in most tests. */
  static List<String> of(Path file) throws Exception {
    ProblemList list = new ProblemList();
    new DatabaseCheck(file, (event, bare) -> Optional.empty(), 1, list).runWithoutEvents();
    return list.problems;
  }

  /** With each event. */
  static List<String> of(Path file, DatabaseCheck.Judge judge) throws Exception {
    ProblemList list = new ProblemList();
    new DatabaseCheck(file, judge, 2, list).run();
    return list.problems;
  }

  List<String> all() {
    return problems;
  }

  @Override
  public void reading() {}

  @Override
  public void checked(long done, long total) {}

  @Override
  public void problem(DatabaseCare.Problem problem) {
    problems.add(problem.what());
  }
}
