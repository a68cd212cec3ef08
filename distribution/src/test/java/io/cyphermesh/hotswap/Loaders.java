package io.cyphermesh.hotswap;

import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The class loaders of all plugins that ever ran. A plugin's own code registers them by way of the
 * system properties, the only thing that it shares with a test.
 */
final class Loaders implements AutoCloseable {
  private static final String KEY = "cyphermesh.test.loaders";

  /** Source of a class that puts its loader on the list once it is initialised. */
  static final String SOURCE =
      """
      final class Seen {
        static {
          Object list = System.getProperties().get("%s");
          if (list != null) {
            try {
              java.util.Collection.class
                  .getMethod("add", Object.class)
                  .invoke(list, new java.lang.ref.WeakReference<>(Seen.class.getClassLoader()));
            } catch (ReflectiveOperationException e) {
              throw new IllegalStateException(e);
            }
          }
        }
        static void now() {}
      }
      """
          .formatted(KEY);

  private final Collection<WeakReference<ClassLoader>> all = new ConcurrentLinkedQueue<>();

  Loaders() {
    System.getProperties().put(KEY, all);
  }

  int created() {
    return all.size();
  }

  /** How many are still there; those that can go go now. */
  long left() {
    System.gc();
    return all.stream().filter(each -> !each.refersTo(null)).count();
  }

  @Override
  public void close() {
    System.getProperties().remove(KEY);
  }
}
