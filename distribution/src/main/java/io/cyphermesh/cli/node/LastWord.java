package io.cyphermesh.cli.node;

import io.cyphermesh.core.plugin.PluginThreads;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of what no thread caught.
 *
 * <p>A thread of the node's own that runs out of memory would leave half a node behind, so it ends
 * the process, and who supervises it starts it anew. A plugin's thread is the plugin's loss: its
 * supervisor shows it, or it was one that the plugin started itself.
 */
final class LastWord implements Thread.UncaughtExceptionHandler {
  /** What the process ends with: the JVM's own code for it. */
  static final int OUT_OF_MEMORY = 3;

  /** Made beforehand, since there may be no memory left to make it in. */
  private static final byte[] LINE =
      ("cyphermesh: the node is out of memory and ends (exit code "
              + OUT_OF_MEMORY
              + "); what is on disk is complete. Remove the plugin that takes it, or give it more:"
              + " JAVA_OPTS=-Xmx1g\n")
          .getBytes(StandardCharsets.US_ASCII);

  private static final Logger LOG = LoggerFactory.getLogger(LastWord.class);

  private final FileOutputStream err;
  private final IntConsumer halt;

  private LastWord(FileOutputStream err, IntConsumer halt) {
    this.err = err;
    this.halt = halt;
  }

  /** Of this process. */
  static LastWord ofProcess() {
    return new LastWord(new FileOutputStream(FileDescriptor.err), Runtime.getRuntime()::halt);
  }

  /** Of no process, for tests. */
  static LastWord of(FileOutputStream err, IntConsumer halt) {
    return new LastWord(err, halt);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable fault) {
    if (fault instanceof OutOfMemoryError && !PluginThreads.owns(thread)) {
      end(thread.getName(), fault);
    } else {
      LOG.error("the thread {} has ended", thread.getName(), fault);
    }
  }

  /** There is no memory left to live on. */
  void exhausted() {
    try {
      // No log: each object it made would cost another full collection.
      err.write(LINE);
    } catch (IOException e) {
      // It could not be told; it is done all the same.
    } finally {
      halt.accept(OUT_OF_MEMORY);
    }
  }

  private void end(String thread, Throwable fault) {
    try {
      err.write(LINE);
      LOG.error("{} has no memory left: the node ends", thread, fault);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // It could not be told; it is done all the same.
    } finally {
      halt.accept(OUT_OF_MEMORY);
    }
  }
}
