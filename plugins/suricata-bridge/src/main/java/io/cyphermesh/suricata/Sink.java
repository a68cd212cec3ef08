package io.cyphermesh.suricata;

import io.cyphermesh.api.Detection;

/** Takes what is to be reported. */
@FunctionalInterface
interface Sink {
  void report(Detection detection) throws InterruptedException;
}
