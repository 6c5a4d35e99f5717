package key

// RedisSlots is the number of slots of a Redis cluster.
const RedisSlots = 16384

// RedisSlot returns the slot of a key in a Redis cluster: CRC16 of the key modulo RedisSlots. If the key has a {hash
// tag}, which is what stands between the first { and the first } after it, and that is not empty, only the tag counts:
// keys of one tag share a slot.
func RedisSlot(key []byte) int { return int(CRC16(hashTag(key))) % RedisSlots }

// hashTag returns what of key is hashed. No call of package bytes: with one, the compiler could not tell that key is
// only read, and would copy strings.
func hashTag(key []byte) []byte {
	for from, b := range key {
		if b != '{' {
			continue
		}
		tag := key[from+1:]
		for size, b := range tag {
			if b != '}' {
				continue
			}
			if size == 0 {
				return key
			}
			return tag[:size]
		}
		return key
	}
	return key
}

// CRC16 returns the cyclic redundancy check CRC-16/XMODEM of data: polynomial 0x1021, nothing reflected, nothing added.
func CRC16(data []byte) (crc uint16) {
	for _, b := range data {
		crc = crc<<8 ^ crcTable[byte(crc>>8)^b]
	}
	return crc
}

// crcTable has the check of each byte.
var crcTable = func() (table [256]uint16) {
	for b := range table {
		crc := uint16(b) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x1021
		}
		table[b] = crc
	}
	return table
}()
