package io.cyphermesh.core.store.sqlite;

/**
 * How much a store writes, since it was opened.
 *
 * @param waiting writes that wait now
 * @param groups transactions that were committed
 * @param writes writes in these: by groups, the size of one
 * @param nanos what they took in all, in nanoseconds: by groups, the time of one
 */
public record WriterLoad(int waiting, long groups, long writes, long nanos) {}
