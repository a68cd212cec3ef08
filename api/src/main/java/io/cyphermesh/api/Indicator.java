package io.cyphermesh.api;

/**
 * What was observed, in the terms of STIX 2.1 cyber-observable objects.
 *
 * <p>The {@link #value} of an IP address is canonical: IPv4 dotted, IPv6 as RFC 5952 writes it. The
 * node brings what a detector gives into that form and refuses what is no address at all.
 */
public sealed interface Indicator {

  /** The STIX 2.1 type, for instance {@code ipv4-addr}. */
  String type();

  /** The observed value, for instance {@code 203.0.113.7}. */
  String value();

  /** An IPv4 or IPv6 address. */
  record Ip(String value) implements Indicator {
    @Override
    public String type() {
      return value.indexOf(':') < 0 ? "ipv4-addr" : "ipv6-addr";
    }
  }

  /** A domain name. */
  record Domain(String value) implements Indicator {
    @Override
    public String type() {
      return "domain-name";
    }
  }

  /** A URL. */
  record Url(String value) implements Indicator {
    @Override
    public String type() {
      return "url";
    }
  }

  /** A file, known by its SHA-256 in hexadecimal. */
  record FileHash(String value) implements Indicator {
    @Override
    public String type() {
      return "file:sha256";
    }
  }

  /** An e-mail address. */
  record Email(String value) implements Indicator {
    @Override
    public String type() {
      return "email-addr";
    }
  }
}
