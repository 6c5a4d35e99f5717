// Package resp reads requests and writes replies in RESP2 and RESP3, the protocol of Redis.
//
// Nothing in it does I/O or keeps what it is given: a Parser is shown bytes, and replies are
// appended to a slice.
package resp
