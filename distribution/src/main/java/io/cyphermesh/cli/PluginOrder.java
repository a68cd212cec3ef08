package io.cyphermesh.cli;

/** What a running node's plugin can be told. */
enum PluginOrder {
  ENABLE(
      "enable",
      "enabled",
      "Have a plugin run from now on, also after restarts of the node.",
      "One that runs already stays as it is."),
  DISABLE(
      "disable",
      "disabled",
      "Stop a plugin and keep it stopped, also after restarts of the node.",
      "It has 10 s to stop. Disabling a transport cuts its links to peers."),
  RELOAD(
      "reload",
      "reloaded",
      "Stop a plugin and start it anew from its jar; its failures are forgotten.",
      "It has 10 s to stop. Reloading a transport cuts its links for a moment.");

  final String verb;
  final String done;
  final String description;
  final String note;

  PluginOrder(String verb, String done, String description, String note) {
    this.verb = verb;
    this.done = done;
    this.description = description;
    this.note = note;
  }
}
