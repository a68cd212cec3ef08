package io.cyphermesh.core.node;

import io.cyphermesh.core.mesh.AddressOrigin;
import io.cyphermesh.core.mesh.Remembered;
import io.cyphermesh.core.store.EventStore.KnownAddress;
import java.time.Instant;
import java.util.Optional;

/** Addresses as the mesh knows them and as the store keeps them. */
final class KnownAddresses {
  private KnownAddresses() {}

  static KnownAddress stored(Remembered address, Instant now) {
    return new KnownAddress(
        address.address(),
        stored(address.origin()),
        address.nodeId(),
        address.metNow() ? Optional.of(now) : Optional.empty(),
        address.tried(),
        address.anchor(),
        address.misses(),
        address.source(),
        address.record());
  }

  static Remembered remembered(KnownAddress address) {
    return new Remembered(
        address.address(),
        switch (address.origin()) {
          case OPERATOR -> AddressOrigin.OPERATOR;
          case LAN -> AddressOrigin.LAN;
          case DNS -> AddressOrigin.DNS;
          case LEARNED -> AddressOrigin.LEARNED;
        },
        address.nodeId(),
        address.record(),
        address.source(),
        address.tried(),
        false,
        address.anchor(),
        address.failures());
  }

  static KnownAddress.Origin stored(AddressOrigin origin) {
    return switch (origin) {
      case OPERATOR -> KnownAddress.Origin.OPERATOR;
      case LAN -> KnownAddress.Origin.LAN;
      case DNS -> KnownAddress.Origin.DNS;
      case LEARNED -> KnownAddress.Origin.LEARNED;
    };
  }
}
