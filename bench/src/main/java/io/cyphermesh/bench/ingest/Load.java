package io.cyphermesh.bench.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The load process, as the one who started it sees it. */
final class Load implements AutoCloseable {
  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  private Load(Process process) {
    this.process = process;
    this.orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII);
    this.answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /** Starts it; returns when its links are up. */
  static Load start(int port, Path file, Path keys, int links) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LoadProcess.class.getName(),
                    Integer.toString(port),
                    file.toString(),
                    keys.toString(),
                    Integer.toString(links)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Load load = new Load(process);
    load.await("up");
    return load;
  }

  long pid() {
    return process.pid();
  }

  private String await(String answer) throws IOException {
    String line = answers.readLine();
    if (line == null || !line.startsWith(answer)) {
      throw new IOException("the load process failed");
    }
    return line;
  }

  private void order(String text) throws IOException {
    orders.write(text + "\n");
    orders.flush();
  }

  /** Begins to send a phase; {@link #awaitSent} returns when it is sent. */
  void send(int phase) throws IOException {
    order("send " + phase);
  }

  void awaitSent() throws IOException {
    await("sent");
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** How many events the node has passed on to it. */
  long relayed() throws IOException {
    order("relayed");
    return Long.parseLong(await("relayed").substring("relayed ".length()));
  }

  @Override
  public void close() throws IOException {
    try {
      orders.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // It is gone already.
      process.destroyForcibly();
    }
  }
}
