// Package pattern is the bytes of the streams that the network table sends, so that whoever receives them knows what
// they should be.
package pattern

// Stream returns the first n bytes. They repeat after no power of two, so that a block which is lost or doubled shows.
func Stream(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}
