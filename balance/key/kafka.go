package key

import (
	"encoding/binary"
	"fmt"
)

// Murmur2 returns the 32-bit MurmurHash2 of data with the seed that Kafka's clients use, as the signed number that they
// show.
func Murmur2(data []byte) int32 {
	const mul = 0x5bd1e995
	h := 0x9747b28c ^ uint32(len(data))
	for ; len(data) >= 4; data = data[4:] {
		k := binary.LittleEndian.Uint32(data) * mul
		k = (k ^ k>>24) * mul
		h = h*mul ^ k
	}
	if len(data) > 0 {
		for i, b := range data {
			h ^= uint32(b) << (8 * i)
		}
		h *= mul
	}
	h = (h ^ h>>13) * mul
	return int32(h ^ h>>15)
}

// KafkaPartition returns the partition that the default partitioner of Kafka's Java client chooses for a record with
// this key: Murmur2, without its sign bit, modulo the number of partitions. A record without a key has none: do not ask
// for it. It panics if partitions is not positive.
func KafkaPartition(key []byte, partitions int) int {
	if partitions <= 0 {
		panic(fmt.Sprintf("balance/key: a Kafka topic of %d partitions: there must be at least 1", partitions))
	}
	return int(uint32(Murmur2(key)) & 0x7fffffff % uint32(min(partitions, 1<<31-1)))
}
