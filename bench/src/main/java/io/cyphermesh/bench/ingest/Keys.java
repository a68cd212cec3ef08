package io.cyphermesh.bench.ingest;

import io.cyphermesh.bench.report.Progress;
import io.cyphermesh.core.identity.NodeIdentity;
import io.cyphermesh.core.identity.Rsa;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keys made once and kept: they do not age, and making one takes a tenth of a second. */
final class Keys {
  private Keys() {}

  /** So many identities of a kind, made where they are missing. */
  static List<NodeIdentity> open(Path folder, String kind, int count, Rsa rsa) throws IOException {
    Progress progress = Progress.of("keys");
    List<NodeIdentity> identities = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      identities.add(NodeIdentity.open(folder.resolve(kind + "-" + i), Optional.empty(), rsa));
      progress.at(i + 1, count);
    }
    progress.end();
    return identities;
  }
}
