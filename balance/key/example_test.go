package key_test

import (
	"fmt"
	"net/netip"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/key"
)

// Both directions of a connection get the same key, hence the same worker.
func ExampleToeplitz_AddrPorts() {
	h, err := key.NewToeplitz(key.SymmetricKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, server := netip.MustParseAddrPort("192.0.2.1:4711"), netip.MustParseAddrPort("198.51.100.7:443")
	there, back := h.AddrPorts(client, server), h.AddrPorts(server, client)
	fmt.Println(there == back, balance.Slot(uint64(there), 8) == balance.Slot(uint64(back), 8))
	// Output: true true
}

func ExampleRedisSlot() {
	fmt.Println(key.RedisSlot([]byte("foo")), key.RedisSlot([]byte("{user1000}.following")), key.RedisSlot([]byte("{user1000}.followers")))
	// Output: 12182 3443 3443
}

func ExampleKafkaPartition() {
	fmt.Println(key.KafkaPartition([]byte("foobar"), 12))
	// Output: 6
}

func ExampleXXH64() {
	fmt.Printf("%x\n", key.XXH64([]byte("any bytes at all"), 0))
	// Output: 6da328e5df87ff98
}
