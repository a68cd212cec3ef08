package io.cyphermesh.logwatch;

import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.IpRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says which addresses may be reported to others: not those that the operator leaves out. */
final class Reportable {
  private final List<IpRange> ignored;

  /**
   * @param ignored addresses and CIDR ranges
   * @throws IllegalArgumentException if one of them is neither
   */
  Reportable(List<String> ignored) {
    this.ignored = ignored.stream().map(Reportable::range).toList();
  }

  private static IpRange range(String text) {
    try {
      return IpRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + " (key: ignore)", e);
    }
  }

  /** Why the address is not reported, for instance {@code private}; null if it may be. */
  @Nullable String refusal(IpAddress address) {
    String special = address.notReportable().orElse(null);
    if (special != null) {
      return special;
    }
    return isIgnored(address) || address.embedded().filter(this::isIgnored).isPresent()
        ? "ignored"
        : null;
  }

  private boolean isIgnored(IpAddress address) {
    for (IpRange range : ignored) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
