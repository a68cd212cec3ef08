package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.api.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Where an address is, and whose network it is of, as far as the operator's MMDB files say it. A
 * file that is not there says nothing; one that comes, changes or goes while the node runs counts
 * soon after.
 */
final class Geo {
  /** One that knows nothing. */
  static final Geo NONE = new Geo(List.of(), () -> 0);

  private static final long LOOKED_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final List<GeoFile> files;
  private final LongSupplier nanos;
  private long lookedAt;

  /**
   * Reads them.
   *
   * @param files each may say what the ones before do not
   * @param nanos a clock that nobody sets
   */
  Geo(List<Path> files, LongSupplier nanos) {
    this.files = files.stream().map(GeoFile::new).toList();
    this.nanos = nanos;
    this.lookedAt = nanos.getAsLong();
    this.files.forEach(GeoFile::refresh);
  }

  /**
   * What is known of an address.
   *
   * @param country ISO 3166-1, two letters
   * @param countryName in English
   * @param asn number of the autonomous system
   * @param organisation whose system it is
   */
  record Place(
      Optional<String> country,
      Optional<String> countryName,
      Optional<Long> asn,
      Optional<String> organisation) {
    static final Place NOWHERE =
        new Place(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private Place or(Place other) {
      return new Place(
          country.or(other::country),
          country.isPresent() ? countryName : other.countryName,
          asn.or(other::asn),
          asn.isPresent() ? organisation : other.organisation);
    }
  }

  /** Writes the member {@code geo} of an object, where anything is known of an observable. */
  void write(JsonWriter json, String observable) throws IOException {
    Place place = of(observable);
    if (place.equals(Place.NOWHERE)) {
      return;
    }
    json.name("geo").beginObject();
    json.name("country").value(place.country().orElse(null));
    json.name("countryName").value(place.countryName().orElse(null));
    json.name("asn").value(place.asn().orElse(null));
    json.name("organisation").value(place.organisation().orElse(null));
    json.endObject();
  }

  /** What is known of an observable. */
  Place of(String observable) {
    if (files.isEmpty()) {
      return Place.NOWHERE;
    }
    look();
    Optional<InetAddress> address = IpAddress.parse(observable).flatMap(Geo::inet);
    if (address.isEmpty()) {
      return Place.NOWHERE;
    }
    Place place = Place.NOWHERE;
    for (GeoFile file : files) {
      place = place.or(file.of(address.get()));
    }
    return place;
  }

  private synchronized void look() {
    long now = nanos.getAsLong();
    if (now - lookedAt >= LOOKED_NANOS) {
      lookedAt = now;
      files.forEach(GeoFile::refresh);
    }
  }

  private static Optional<InetAddress> inet(IpAddress address) {
    byte[] bytes =
        address.isV4()
            ? ByteBuffer.allocate(4).putInt(address.v4()).array()
            : ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array();
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
