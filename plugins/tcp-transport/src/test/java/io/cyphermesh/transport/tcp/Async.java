package io.cyphermesh.transport.tcp;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Runs what blocks on a virtual thread. */
final class Async {
  private Async() {}

  /** What may fail. */
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  static CompletableFuture<Void> run(Action action) {
    return call(
        () -> {
          action.run();
          return null;
        });
  }

  static <T> CompletableFuture<T> call(Callable<T> action) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("async")
        .start(
            () -> {
              try {
                future.complete(action.call());
              } catch (Exception e) {
                future.completeExceptionally(e);
              }
            });
    return future;
  }
}
