package server

import (
	"strings"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// clientTypes are what TYPE may name. All clients here are normal ones.
var clientTypes = map[string]bool{"normal": true, "slave": false, "replica": false, "master": false, "pubsub": false}

// typeFilter returns whether clients of a type are meant.
func typeFilter(name string) (normal bool, fault string) {
	normal, known := clientTypes[strings.ToLower(name)]
	if !known {
		return false, "ERR Unknown client type '" + name + "'"
	}
	return normal, ""
}

// listFilter reads which clients CLIENT LIST is about.
func listFilter(args [][]byte) (match func(*session) bool, fault string) {
	switch {
	case len(args) == 0:
		return func(*session) bool { return true }, ""
	case len(args) == 2 && strings.EqualFold(string(args[0]), "type"):
		normal, fault := typeFilter(string(args[1]))
		return func(*session) bool { return normal }, fault
	case len(args) > 1 && strings.EqualFold(string(args[0]), "id"):
		ids := map[uint64]bool{}
		for _, arg := range args[1:] {
			id, ok := resp.ParseInt(arg)
			if !ok {
				return nil, "ERR Invalid client ID"
			}
			ids[uint64(id)] = true
		}
		return func(s *session) bool { return ids[s.id] }, ""
	}
	return nil, "ERR syntax error"
}

// kill is which clients CLIENT KILL is about: those that pass all tests.
type kill struct {
	tests []func(*session) bool
	spare bool // who asks
}

func (k *kill) only(test func(*session) bool) { k.tests = append(k.tests, test) }

func (k *kill) at(addr string) {
	k.only(func(s *session) bool { return s.c.RemoteAddr().String() == addr })
}

// killFilter reads it: an address, or options.
func killFilter(args [][]byte) (k kill, fault string) {
	if len(args) == 1 {
		k.at(string(args[0]))
		return k, ""
	}
	k.spare = true
	for ; len(args) > 0; args = args[2:] {
		if len(args) == 1 {
			return k, "ERR syntax error"
		}
		switch v := string(args[1]); strings.ToLower(string(args[0])) {
		case "id":
			id, ok := resp.ParseInt(args[1])
			if !ok || id < 1 {
				return k, "ERR client-id should be greater than 0"
			}
			k.only(func(s *session) bool { return s.id == uint64(id) })
		case "type":
			normal, fault := typeFilter(v)
			if fault != "" {
				return k, fault
			}
			k.only(func(*session) bool { return normal })
		case "addr":
			k.at(v)
		case "laddr":
			k.only(func(s *session) bool { return s.c.LocalAddr().String() == v })
		case "user":
			if v != "default" {
				return k, "ERR No such user '" + v + "'"
			}
		case "skipme":
			if k.spare = strings.EqualFold(v, "yes"); !k.spare && !strings.EqualFold(v, "no") {
				return k, "ERR syntax error"
			}
		default:
			return k, "ERR syntax error"
		}
	}
	return k, ""
}

func (k *kill) match(s *session) bool {
	for _, test := range k.tests {
		if !test(s) {
			return false
		}
	}
	return true
}
