// Package key makes keys for balancers from bytes, with the hash functions that other systems use: so that a group may
// put an item where a network card, a Kafka client or a Redis client would put it.
//
//	function         for                                                     bits
//	Toeplitz         what a network card computes for RSS                    32
//	XXH64            anything: fast, and every bit of the result is good     64
//	FNV1a32          what many proxies and clients of old shard by           32
//	Murmur2          the default partitioner of Kafka's Java client          32
//	RedisSlot        the slot of a key in a Redis cluster                    14
//
// Every function is deterministic and safe for concurrent use; none of them allocates. None withstands an adversary who
// chooses the bytes in order to hit one worker.
//
// A string is hashed as []byte(s): the compiler makes no copy for the call.
package key
