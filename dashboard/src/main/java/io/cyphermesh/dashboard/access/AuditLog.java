package io.cyphermesh.dashboard.access;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every change that somebody made or was refused: JSON lines in {@code audit.log}, and in {@code
 * audit.log.1} to {@code .7} what came before, 1 MiB each.
 *
 * <p>What is refused, and what anybody may do as often as he likes, is written at a bounded rate
 * for each token and for all strangers together, and counted beyond it: otherwise anybody could
 * make the log forget what came before him. A line that cannot be written is an error in the node's
 * log; the change stays made.
 */
public final class AuditLog {
  static final int FILES = 8;
  static final long FILE_BYTES = 1 << 20;
  private static final double BURST = 100;
  private static final double PER_SECOND = 1 / 60.0;
  private static final long TOLD_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Twice as many as there can be tokens: renamed ones are forgotten, oldest first. */
  private static final int MOST_SHARES = 2 * 2 * TokenFile.MOST;

  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

  private final Path file;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final long fileBytes;
  private long last = -1;
  private final Share strangers;
  private final Map<String, Share> shares =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Share> eldest) {
          return size() > MOST_SHARES;
        }
      };

  /**
   * @param file need not be there
   * @param nanos a clock that nobody sets
   */
  public AuditLog(Path file, InstantSource clock, LongSupplier nanos) {
    this(file, clock, nanos, FILE_BYTES);
  }

  AuditLog(Path file, InstantSource clock, LongSupplier nanos, long fileBytes) {
    this.file = file;
    this.clock = clock;
    this.nanos = nanos;
    this.fileBytes = fileBytes;
    this.strangers = new Share("-", "requests of strangers were refused", nanos.getAsLong());
  }

  /** The operator did something. */
  public synchronized void did(
      String who, String via, String from, String what, String about, int outcome, String detail) {
    write(who, via, from, what, about, outcome, detail);
  }

  /**
   * Somebody whose role is known did something that he may do as often as he likes, or was refused
   * something.
   */
  public synchronized void didOften(
      String who, String via, String from, String what, String about, int outcome, String detail) {
    boolean refused = outcome >= 400;
    long now = nanos.getAsLong();
    Share share =
        shares.computeIfAbsent(
            (refused ? "refused " : "done ") + who,
            _ ->
                new Share(
                    who,
                    refused ? "requests of his were refused" : "requests of his were granted",
                    now));
    if (share.take(now)) {
      write(who, via, from, what, about, outcome, detail);
    }
  }

  /** Somebody unknown was refused something. */
  public synchronized void refused(String from, String what, int outcome, String detail) {
    if (strangers.take(nanos.getAsLong())) {
      write("-", "-", from, what, "", outcome, detail);
    }
  }

  private void write(
      String who, String via, String from, String what, String about, int outcome, String detail) {
    try {
      tell(strangers);
      for (Share each : shares.values()) {
        tell(each);
      }
      append(new AuditEntry(0, clock.instant(), who, via, from, what, about, outcome, detail));
    } catch (IOException e) {
      LOG.error(
          "the audit log cannot be written: {} of {} from {} is not in it ({})",
          what,
          who,
          from,
          e.toString());
    }
  }

  /** Writes how many lines were left out, at most once a minute. */
  private void tell(Share share) throws IOException {
    long leftOut = share.leftOut(nanos.getAsLong());
    if (leftOut > 0) {
      String told = leftOut + " more " + share.what;
      append(new AuditEntry(0, clock.instant(), share.who, "-", "-", told, "", 0, ""));
    }
  }

  /** How many lines somebody may fill, and how many he was not let. */
  private static final class Share {
    final String who;
    final String what;
    private final Ration lines;
    private long leftOut;
    private boolean told;
    private long toldAt;

    Share(String who, String what, long now) {
      this.who = who;
      this.what = what;
      this.lines = new Ration(PER_SECOND, BURST, now);
    }

    /** Whether a line may be written; it is counted where it may not. */
    boolean take(long now) {
      boolean let = lines.tryTake(now);
      if (!let) {
        leftOut++;
      }
      return let;
    }

    /** What was left out and is to be told now. */
    long leftOut(long now) {
      if (leftOut == 0 || (told && now - toldAt < TOLD_NANOS)) {
        return 0;
      }
      long count = leftOut;
      leftOut = 0;
      told = true;
      toldAt = now;
      return count;
    }
  }

  private void append(AuditEntry entry) throws IOException {
    String begin = "";
    if (last < 0) {
      last = newest();
      begin = endsWithinALine() ? "\n" : "";
    }
    byte[] line = (begin + entry.numbered(last + 1).line()).getBytes(StandardCharsets.UTF_8);
    if (Files.exists(file) && Files.size(file) + line.length > fileBytes) {
      rotate();
    }
    try (FileChannel out =
        PrivateFile.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(false);
    }
    last++;
  }

  /** As a crash may leave it. */
  private boolean endsWithinALine() throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    byte[] written = Files.readAllBytes(file);
    return written.length > 0 && written[written.length - 1] != '\n';
  }

  private Path part(int number) {
    return number == 0 ? file : file.resolveSibling(file.getFileName() + "." + number);
  }

  private void rotate() throws IOException {
    for (int number = FILES - 2; number >= 0; number--) {
      if (Files.exists(part(number))) {
        try {
          Files.move(part(number), part(number + 1), StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
          Files.move(part(number), part(number + 1), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /** The number of the last line there is; 0 where there is none. */
  private long newest() throws IOException {
    List<AuditEntry> found = page(1, Long.MAX_VALUE);
    return found.isEmpty() ? 0 : found.getFirst().seq();
  }

  /**
   * A page of the log, newest first.
   *
   * @param limit how many at most
   * @param before only those with a smaller number
   * @throws IOException if it cannot be read
   */
  public synchronized List<AuditEntry> page(int limit, long before) throws IOException {
    List<AuditEntry> page = new ArrayList<>();
    for (int number = 0; number < FILES && page.size() < limit; number++) {
      List<String> lines;
      try {
        lines =
            new String(Files.readAllBytes(part(number)), StandardCharsets.UTF_8).lines().toList();
      } catch (NoSuchFileException e) {
        continue;
      }
      for (int i = lines.size() - 1; i >= 0 && page.size() < limit; i--) {
        parse(lines.get(i)).filter(entry -> entry.seq() < before).ifPresent(page::add);
      }
    }
    return page;
  }

  /** A line that was cut off by a crash is none. */
  private static Optional<AuditEntry> parse(String line) {
    try {
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      return Optional.of(
          new AuditEntry(
              json.get("seq").getAsLong(),
              Instant.parse(json.get("time").getAsString()),
              json.get("who").getAsString(),
              json.get("via").getAsString(),
              json.get("from").getAsString(),
              json.get("what").getAsString(),
              json.get("about").getAsString(),
              json.get("outcome").getAsInt(),
              json.get("detail").getAsString()));
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException
        | DateTimeException
        | NullPointerException e) {
      return Optional.empty();
    }
  }
}
