package io.cyphermesh.core.mesh;

import java.time.Duration;

/**
 * How a mesh behaves on plain links of version 1.
 *
 * @param dialled whether version 1 is tried where a dial finds no TLS
 * @param heartbeat how often we give a sign of life
 * @param silence after how long without one a link is dead
 */
public record PlainSettings(boolean dialled, Duration heartbeat, Duration silence) {}
