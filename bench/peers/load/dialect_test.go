//go:build linux

package main

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/hello"
)

// TestOpenHTTP: responses that are right in status, length and body are counted, and others are errors.
func TestOpenHTTP(t *testing.T) {
	spoiled := func(old, new string) string {
		return listen(t, func(c net.Conn) {
			for r, n := bufio.NewReader(c), 0; ; n++ {
				q, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				b := hello.Append(nil, []byte(q.URL.Path))
				if n == 19 {
					b = bytes.Replace(b, []byte(old), []byte(new), 1)
				}
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		})
	}
	for path, body := range map[string]string{"/plaintext": hello.Text, "/json": string(hello.JSON())} {
		load, k := openLoop(get(path, body)), openTask(2000, 2)
		k.addr = spoiled("", "")
		r, err := load(k)
		require.NoError(t, err, path)
		require.Equal(t, counted(k), r.Items, path)
		for old, new := range map[string]string{"200": "404", "Hello": "Jello", "Server:": "Server: "} {
			k.addr = spoiled(old, new)
			_, err := load(k)
			require.ErrorIs(t, err, errData, "%s: %s", path, new)
		}
		k.addr, k.limit = spoiled("World!", "World"), time.Second // the rest of an answer never comes
		r, err = load(k)
		require.NoError(t, err)
		require.Positive(t, r.Lost)
	}
	endless := listen(t, func(c net.Conn) { _, _ = c.Write(bytes.Repeat([]byte("x"), 1<<13)) })
	_, err := get("/plaintext", hello.Text)(task{addr: endless})
	require.ErrorIs(t, err, errData)
	require.ErrorContains(t, err, "has no end")
}

// TestOpenRedis: SET and GET are spread over the keys, GET finds all of them set, and wrong replies are errors.
func TestOpenRedis(t *testing.T) {
	var mu sync.Mutex
	keys, asked := map[string]string{}, map[string]bool{}
	redis := func(wrong string) string {
		mu.Lock()
		clear(keys)
		mu.Unlock()
		answer := func(command, key, value string) string {
			mu.Lock()
			defer mu.Unlock()
			if command == "SET" {
				keys[key] = value
				return "+OK\r\n"
			}
			asked[key] = true
			return "$3\r\n" + keys[key] + "\r\n"
		}
		return listen(t, func(c net.Conn) {
			w := bufio.NewWriter(c)
			for r, n := bufio.NewReader(c), 1; ; n++ {
				var words [7]string
				for i, lines := 0, 1; i < lines; i++ {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					if words[i] = strings.TrimSpace(line); i == 0 {
						lines += 2 * int(line[1]-'0')
					}
				}
				text := answer(words[2], words[4], words[6])
				if n == 19 && wrong != "" {
					text = wrong
				}
				_, _ = w.WriteString(text)
				if r.Buffered() == 0 && w.Flush() != nil {
					return
				}
			}
		})
	}
	k := openTask(2000, 2)
	for _, command := range []string{"set", "get"} {
		k.addr = redis("")
		r, err := openLoop(commands(command))(k)
		require.NoError(t, err, command)
		require.Equal(t, counted(k), r.Items, command)
		mu.Lock()
		if command == "get" {
			require.Len(t, keys, redisKeys)
			require.Greater(t, len(asked), 400) // of 500
		} else {
			require.Greater(t, len(keys), 400)
		}
		mu.Unlock()
		k.addr = redis(map[string]string{"set": "+KO\r\n", "get": "$3\r\nabd\r\n"}[command])
		_, err = openLoop(commands(command))(k)
		require.ErrorIs(t, err, errData, command)
	}
}
