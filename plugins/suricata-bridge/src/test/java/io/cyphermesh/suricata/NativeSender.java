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
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Sends a datagram as Suricata does: from a socket without a name, blocking while it is full. */
final class NativeSender {

  private NativeSender() {}

  static void send(Path path, byte[] datagram) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(110, 2);
      address.set(JAVA_SHORT, 0, (short) 1);
      byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
      MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, datagram);
      int descriptor =
          (int)
              handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT))
                  .invokeExact(1, 2, 0);
      long sent =
          (long)
              handle(
                      "sendto",
                      FunctionDescriptor.of(
                          JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT))
                  .invokeExact(
                      descriptor, bytes, (long) datagram.length, 0, address, 3 + name.length);
      int _ =
          (int) handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(descriptor);
      if (sent != datagram.length) {
        throw new IOException("not sent");
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker()
        .downcallHandle(Linker.nativeLinker().defaultLookup().findOrThrow(name), descriptor);
  }
}
