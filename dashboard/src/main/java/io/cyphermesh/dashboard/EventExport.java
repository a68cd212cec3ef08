package io.cyphermesh.dashboard;

import io.cyphermesh.core.view.EventFilter;
import io.cyphermesh.core.view.EventPage;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.NodeView;
import io.jooby.Context;
import io.jooby.Sender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;

/**
 * All events, or those of a filter, newest first, as one long answer. It holds one page of events
 * at a time and writes the next when the client has taken the one before, so that its size does not
 * matter.
 */
final class EventExport {
  static final int MAX_AT_A_TIME = 4;
  private static final int PAGE = 500;
  private static final int BUFFER = 64 * 1024;

  private final NodeView view;
  private final Geo geo;
  private final Duration writePatience;
  private final Predicate<Context> mayStay;
  private final Semaphore places = new Semaphore(MAX_AT_A_TIME);
  private volatile boolean closed;

  /**
   * @param writePatience how long a write may take before the client counts as gone
   * @param mayStay asked once a page: a token may be revoked while its export lasts
   */
  EventExport(NodeView view, Geo geo, Duration writePatience, Predicate<Context> mayStay) {
    this.view = view;
    this.geo = geo;
    this.writePatience = writePatience;
    this.mayStay = mayStay;
  }

  /** How events are written. */
  @SuppressWarnings("ImmutableEnumChecker") // The writers are methods, and keep nothing.
  enum Format {
    NDJSON("application/x-ndjson;charset=utf-8", ""),
    CSV("text/csv;charset=utf-8;header=present", EventCsv.head());

    private final String contentType;
    private final String head;

    Format(String contentType, String head) {
      this.contentType = contentType;
      this.head = head;
    }

    private Map<String, String> headers() {
      return Map.of(
          "Content-Disposition",
          "attachment; filename=\"events." + name().toLowerCase(Locale.ROOT) + "\"");
    }

    private void write(StringBuilder out, EventView event, Geo geo) {
      switch (this) {
        case NDJSON -> out.append(EventJson.text(event, geo)).append('\n');
        case CSV -> EventCsv.row(out, event);
      }
    }
  }

  /** The answer to a request for an export. */
  Reply reply(Format format, EventFilter filter) {
    return new Reply.Stream() {
      @Override
      public void run(Context context) throws InterruptedException {
        serve(context, format, filter);
      }

      @Override
      public String contentType() {
        return format.contentType;
      }

      @Override
      public Map<String, String> headers() {
        return format.headers();
      }
    };
  }

  /** Ends those under way. */
  void close() {
    closed = true;
  }

  private void serve(Context context, Format format, EventFilter filter)
      throws InterruptedException {
    if (!places.tryAcquire()) {
      throw new Problem(
          503,
          MAX_AT_A_TIME + " exports are under way: try again when one is done",
          Map.of("Retry-After", "30"));
    }
    try {
      boolean zipped = Gzip.accepted(context);
      context.setResponseType(format.contentType);
      context.setResponseHeader("Vary", "Accept-Encoding");
      format.headers().forEach(context::setResponseHeader);
      if (zipped) {
        context.setResponseHeader("Content-Encoding", "gzip");
      }
      Sender sender;
      try {
        sender = context.responseSender();
      } catch (IllegalStateException e) {
        // The client left before it began.
        return;
      }
      boolean whole = false;
      try {
        whole = pump(context, sender, format, filter, zipped);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        if (whole) {
          sender.close();
        } else {
          // An end as usual would tell the client that this was all.
          ConnectionGuard.cut(sender);
        }
      }
    } finally {
      places.release();
    }
  }

  /** Whether all of it was written. */
  private boolean pump(
      Context context, Sender sender, Format format, EventFilter filter, boolean zipped)
      throws IOException, InterruptedException {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * BUFFER);
    try (OutputStream out = zipped ? new GZIPOutputStream(buffer, 8192) : buffer) {
      out.write(format.head.getBytes(StandardCharsets.UTF_8));
      Optional<Long> before = Optional.empty();
      do {
        EventPage page = view.events(filter, PAGE, before);
        StringBuilder text = new StringBuilder(BUFFER);
        for (EventView event : page.events()) {
          format.write(text, event, geo);
          if (text.length() >= BUFFER) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
            text.setLength(0);
            if (buffer.size() >= BUFFER && !flush(sender, buffer)) {
              return false;
            }
          }
        }
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        before = page.next();
        if (buffer.size() >= BUFFER && !flush(sender, buffer)) {
          return false;
        }
        if (before.isPresent() && (closed || !mayStay.test(context))) {
          return false;
        }
      } while (before.isPresent());
    }
    return flush(sender, buffer);
  }

  /** Writes what is buffered and waits until it is taken. Whether the client is still there. */
  private boolean flush(Sender sender, ByteArrayOutputStream buffer) throws InterruptedException {
    if (buffer.size() == 0) {
      return true;
    }
    CompletableFuture<Boolean> written = new CompletableFuture<>();
    sender.write(buffer.toByteArray(), (_, failure) -> written.complete(failure == null));
    buffer.reset();
    try {
      return written.get(writePatience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }
}
