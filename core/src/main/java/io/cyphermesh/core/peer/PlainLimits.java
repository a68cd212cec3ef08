package io.cyphermesh.core.peer;

/**
 * How many plain links of version 1 there may be.
 *
 * @param accepted whether there may be any
 * @param links in all
 * @param linksPerAddress of one IP address
 */
public record PlainLimits(boolean accepted, int links, int linksPerAddress) {}
