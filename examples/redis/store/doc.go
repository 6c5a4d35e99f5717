// Package store is the keyspace of one shard: keys, values, and when they expire.
//
// A DB belongs to one loop, or to whoever that lends it to. Nothing in it reads a clock, and
// nothing logs: that is the caller's.
package store
