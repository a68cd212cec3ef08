package io.cyphermesh.dashboard;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What can be seen of the process that a node runs in. Whoever implements it leaves secrets out:
 * what it tells goes to whoever holds an admin token. Methods may be called from any thread, and
 * may read files.
 */
public interface ProcessView {

  /** One that tells nothing. */
  ProcessView NONE =
      new ProcessView() {
        @Override
        public List<Setting> settings() {
          return List.of();
        }

        @Override
        public Log log(int lines) {
          return new Log(Optional.empty(), List.of(), false);
        }
      };

  /** The settings in force, by path. */
  List<Setting> settings();

  /**
   * The end of the log.
   *
   * @param lines how many at most, 1 or more
   * @throws IOException if it cannot be read; one line
   */
  Log log(int lines) throws IOException;

  /**
   * A setting.
   *
   * @param path its name with those of its sections, for instance {@code limits.link.hello}
   * @param json its value as JSON, secrets replaced
   * @param source who said it
   * @param where the place, for instance {@code /etc/cyphermesh.conf:12}, {@code --port} or {@code
   *     CYPHER_PORT}; empty for a default, and for a variable that the file names
   * @param masked whether something of the value was replaced since it is secret
   */
  record Setting(String path, String json, Source source, Optional<String> where, boolean masked) {}

  /** Who said a setting's value; a later one counts before those above. */
  enum Source {
    DEFAULT("default"),
    FILE("file"),
    ENVIRONMENT("environment"),
    COMMAND_LINE("command line");

    private final String term;

    Source(String term) {
      this.term = term;
    }

    /** As it is written. */
    public String term() {
      return term;
    }
  }

  /**
   * The end of a log.
   *
   * @param file where it lies; empty where there is none
   * @param lines oldest first
   * @param more whether there are older ones
   */
  record Log(Optional<String> file, List<Line> lines, boolean more) {
    public Log {
      lines = List.copyOf(lines);
    }
  }

  /**
   * A line of the log.
   *
   * @param level {@code ERROR}, {@code WARN}, {@code INFO}, {@code DEBUG} or {@code TRACE}, that of
   *     the line it belongs to for one that goes on; empty where that is not known
   */
  record Line(Optional<String> level, String text) {}
}
