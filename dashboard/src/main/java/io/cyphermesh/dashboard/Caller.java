package io.cyphermesh.dashboard;

import io.cyphermesh.dashboard.Credentials.Holder;
import io.cyphermesh.dashboard.access.Sessions.Session;
import io.jooby.Context;
import java.util.Optional;

/**
 * Who asks, as far as he showed it.
 *
 * @param holder of the token; empty for who showed none, or none was looked at
 * @param session where he showed it by a cookie
 */
record Caller(Optional<Holder> holder, Optional<Session<Holder>> session) {
  static final Caller NOBODY = new Caller(Optional.empty(), Optional.empty());
  private static final String ATTRIBUTE = "cyphermesh.caller";
  private static final String ABOUT = "cyphermesh.about";

  String name() {
    return holder.map(Holder::name).orElse("-");
  }

  String via() {
    return holder.isEmpty() ? "-" : session.isPresent() ? "session" : "token";
  }

  /** Notes who asks this. */
  void in(Context request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** Who asks this, once the gate has looked. */
  static Caller of(Context request) {
    return request.getAttribute(ATTRIBUTE) instanceof Caller caller ? caller : NOBODY;
  }

  /** Notes for the audit log what is done, where the path does not say it; never a secret. */
  static void about(Context request, String text) {
    request.setAttribute(ABOUT, text);
  }

  static String about(Context request) {
    return request.getAttribute(ABOUT) instanceof String text ? text : "";
  }

  /** The IP address that a request comes from; behind a proxy that is the proxy's. */
  static String address(Context request) {
    return address(request.getRemoteAddress());
  }

  static String address(String address) {
    int scope = address.indexOf('%');
    return scope < 0 ? address : address.substring(0, scope);
  }
}
