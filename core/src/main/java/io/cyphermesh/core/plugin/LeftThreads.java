package io.cyphermesh.core.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform threads of a plugin that still live. They pin its classes in memory. Virtual threads
 * cannot be listed; one that is left behind is found only by the memory it keeps.
 */
final class LeftThreads {
  private static final Logger LOG = LoggerFactory.getLogger(LeftThreads.class);

  private static final int NAMED = 3;

  private LeftThreads() {}

  static List<Thread> of(IsolatedClassLoader loader) {
    List<Thread> left = new ArrayList<>();
    for (Thread thread : living()) {
      if (belongs(thread, loader)) {
        left.add(thread);
      }
    }
    return left;
  }

  /** Interrupts them. A thread's class may be the plugin's, and so its methods. */
  static void interrupt(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.interrupt();
      } catch (Throwable e) {
        LOG.debug("{} does not let itself be interrupted", thread.threadId(), e);
      }
    }
  }

  private static boolean hasContext(Thread thread, ClassLoader loader) {
    try {
      return loader.equals(thread.getContextClassLoader());
    } catch (Throwable e) {
      return false;
    }
  }

  /** Their names, shortened to a few. */
  static String names(List<Thread> threads) {
    return threads.stream().limit(NAMED).map(Thread::getName).collect(Collectors.joining(", "))
        + (threads.size() > NAMED ? " and " + (threads.size() - NAMED) + " more" : "");
  }

  private static boolean belongs(Thread thread, IsolatedClassLoader loader) {
    if (!thread.isAlive()) {
      return false;
    }
    if (loader.equals(thread.getClass().getClassLoader()) || hasContext(thread, loader)) {
      return true;
    }
    // The JDK's shared pool may have grown while the plugin used it; that is the JDK's thread.
    ThreadGroup group = thread.getThreadGroup();
    return group != null
        && loader.threads().parentOf(group)
        && !(thread instanceof ForkJoinWorkerThread worker
            && worker.getPool().equals(ForkJoinPool.commonPool()));
  }

  private static List<Thread> living() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root != null && root.getParent() != null) {
      root = root.getParent();
    }
    if (root == null) {
      return List.of();
    }
    Thread[] threads = new Thread[root.activeCount() + 64];
    int count = root.enumerate(threads, true);
    // A full array may have left some out.
    while (count == threads.length) {
      threads = new Thread[threads.length * 2];
      count = root.enumerate(threads, true);
    }
    List<Thread> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(threads[i]);
    }
    return list;
  }
}
