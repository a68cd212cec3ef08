package io.cyphermesh.dashboard;

/**
 * One page of the dashboard.
 *
 * @param path where it is
 * @param label what the navigation calls it
 * @param icon name of its sign in the sprite
 * @param template what draws it, and the name of its program
 */
record Place(String path, String label, String icon, String template) {}
