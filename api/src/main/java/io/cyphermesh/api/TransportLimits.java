package io.cyphermesh.api;

import java.time.Duration;

/**
 * What a transport has to keep. All are settings under {@code limits.*}.
 *
 * @param firstByte how long a caller may say nothing before it counts as a plain version 1 peer
 * @param handshake how long a TLS handshake may take in all, dialling included
 * @param connect how long a TCP connection may take
 * @param pending how many connections may be without a complete handshake at once; beyond it the
 *     oldest such one is closed
 * @param handshakesPerSecond how many handshakes one network (IPv4 /24, IPv6 /48) may begin a
 *     second
 */
@Experimental
public record TransportLimits(
    Duration firstByte,
    Duration handshake,
    Duration connect,
    int pending,
    int handshakesPerSecond) {}
