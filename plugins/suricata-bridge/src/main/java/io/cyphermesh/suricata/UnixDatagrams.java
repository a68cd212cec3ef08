package io.cyphermesh.suricata;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A bound Unix datagram socket, by the C library of Linux: the JDK has Unix sockets of streams
 * only. Constants and layouts are those of Linux on x86-64 and AArch64. Belongs to one thread.
 */
final class UnixDatagrams implements AutoCloseable {

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_DONTWAIT = 0x40;
  private static final short POLLIN = 1;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;

  /** struct sockaddr_un: a family of two bytes, then the path. */
  private static final int PATH_OFFSET = 2;

  private static final int ADDRESS_SIZE = 110;

  private final Calls calls;
  private final int descriptor;
  private final MemorySegment poll;
  private final MemorySegment buffer;
  private final ByteBuffer view;

  private UnixDatagrams(Calls calls, Arena arena, int descriptor, int maxSize) {
    this.calls = calls;
    this.descriptor = descriptor;
    poll = arena.allocate(8, 4);
    poll.set(JAVA_INT, 0, descriptor);
    poll.set(JAVA_SHORT, 4, POLLIN);
    buffer = arena.allocate(maxSize);
    view = buffer.asByteBuffer();
  }

  /**
   * Makes a socket and binds it.
   *
   * @param maxSize of a datagram, in bytes; the rest of a longer one is dropped
   * @throws IOException if the system will not, or is not Linux
   */
  static UnixDatagrams bind(Path path, int maxSize) throws IOException {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      throw new IOException("datagram sockets need Linux; use type = stream");
    }
    Arena arena = Arena.ofAuto();
    int descriptor = -1;
    Calls calls = new Calls(arena);
    try {
      descriptor = calls.socket();
      MemorySegment address = arena.allocate(ADDRESS_SIZE, 2);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
      MemorySegment.copy(bytes, 0, address, JAVA_BYTE, PATH_OFFSET, bytes.length);
      calls.bind(descriptor, address, PATH_OFFSET + bytes.length + 1);
      return new UnixDatagrams(calls, arena, descriptor, maxSize);
    } catch (IOException | RuntimeException | Error e) {
      if (descriptor >= 0) {
        calls.close(descriptor);
      }
      throw e;
    }
  }

  /** Whether a datagram came within {@code millis}. */
  boolean await(int millis) throws IOException {
    return calls.poll(poll, millis) > 0;
  }

  /** The next datagram, empty if there is none; valid until the next call. */
  ByteBuffer receive() throws IOException {
    long size = calls.receive(descriptor, buffer);
    return view.clear().limit((int) Math.max(size, 0));
  }

  @Override
  public void close() {
    calls.close(descriptor);
  }

  /** The functions of the C library. */
  @SuppressWarnings("restricted")
  private static final class Calls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final long ERRNO_OFFSET =
        Linker.Option.captureStateLayout()
            .byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
        handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
        handle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle POLL =
        handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECV =
        handle("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE =
        handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle STRERROR =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"),
            FunctionDescriptor.of(
                ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(256, JAVA_BYTE)), JAVA_INT));

    private final MemorySegment state;

    Calls(Arena arena) {
      state = arena.allocate(Linker.Option.captureStateLayout());
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
      return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, ERRNO);
    }

    int socket() throws IOException {
      try {
        return checked(
            "socket", (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    void bind(int descriptor, MemorySegment address, int length) throws IOException {
      try {
        checked("bind", (int) BIND.invokeExact(state, descriptor, address, length));
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    int poll(MemorySegment polled, int millis) throws IOException {
      try {
        int ready = (int) POLL.invokeExact(state, polled, 1L, millis);
        return ready < 0 && errno() == EINTR ? 0 : checked("poll", ready);
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    long receive(int descriptor, MemorySegment buffer) throws IOException {
      try {
        long size =
            (long) RECV.invokeExact(state, descriptor, buffer, buffer.byteSize(), MSG_DONTWAIT);
        if (size < 0 && errno() != EAGAIN && errno() != EINTR) {
          checked("recv", -1);
        }
        return size;
      } catch (Throwable e) {
        throw passed(e);
      }
    }

    void close(int descriptor) {
      try {
        int _ = (int) CLOSE.invokeExact(state, descriptor);
      } catch (Throwable e) {
        throw new IllegalStateException("close", e);
      }
    }

    private int errno() {
      return state.get(JAVA_INT, ERRNO_OFFSET);
    }

    private int checked(String call, int result) throws IOException {
      if (result < 0) {
        throw new IOException(call + ": " + text(errno()));
      }
      return result;
    }

    private static String text(int errno) {
      try {
        MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
        return text.getString(0);
      } catch (Throwable e) {
        return "error " + errno;
      }
    }

    /** Method handles throw anything; these calls throw only what is here. */
    private static IOException passed(Throwable e) {
      return switch (e) {
        case IOException known -> known;
        case RuntimeException known -> throw known;
        case Error known -> throw known;
        default -> new IOException(e);
      };
    }
  }
}
