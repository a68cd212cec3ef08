package io.cyphermesh.core.plugin;

/** Where a plugin is in its life, worst last: a plugin of several extensions shows the worst. */
enum PluginState {
  DISABLED,
  INSTALLED,
  STOPPED,
  ACTIVE,
  RESOLVED,
  STARTING,
  STOPPING,
  FAILED,
  WEDGED
}
