package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each flag either is for the demonstration, and does there what it says, or is refused by name.
func TestFlagsOfTheDemonstration(t *testing.T) {
	refused := map[string]string{
		"tls-cert": "whose clients know no TLS", "tls-key": "whose clients know no TLS", "tls-timeout": "whose clients know no TLS",
		"proxy-protocol-accept": "no such header", "proxy-protocol-send": "no such header", "proxy-protocol-timeout": "no such header",
		"idle-timeout": "for one that is lost", "max-lifetime": "for one that is lost",
	}
	values := map[string]string{
		"workers": "1", "cpus": "0", "spin": "50us", "balance": "maglev", "buffer": "1K", "connect-timeout": "1s", "connect-retries": "0",
		"max-connections": "128", "drain": "0s", "health-interval": "0s", "health-timeout": "1s", "health-rise": "1", "health-fall": "1",
		"eject-failures": "0", "eject-time": "2s", "eject-max": "3s",
	}
	for i := range fields {
		name := fields[i].flag()
		if name == "listen" || name == "upstreams" {
			continue // there is no demonstration then
		}
		if why := refused[name]; why != "" {
			_, err := parse([]string{"-" + name, "1s"})
			require.ErrorContains(t, err, "-"+name+" is not for the demonstration, ")
			require.ErrorContains(t, err, why+": there must be -listen and -upstreams")
			continue
		}
		require.Contains(t, values, name)
		o, err := parse([]string{"-" + name, values[name]})
		require.NoError(t, err, name)
		require.True(t, o.demo, name)
		plain := demoConfig(o.clients)
		require.NotEqual(t, plain, o.config, "-%s has an effect", name)
		require.NoError(t, fields[i].set(plain, values[name]))
		require.Equal(t, plain, o.config, "-%s has no other effect", name)
	}
}

// What contradicts is found in the demonstration, too.
func TestMistakesInTheDemonstration(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-cpus", "0", "-workers", "2"}, "cpus names 1 cpus for 2 workers"},
		{[]string{"-eject-time", "5s"}, "eject.max is 2s: it must be at least eject.time, which is 5s"},
		{[]string{"-max-connections", "127"}, "-max-connections 127 is too few for the demonstration: it must be at least 128 for 64 clients"},
		{[]string{"-clients", "0"}, `-clients: "0" is not a number from 1`},
		{[]string{"-duration", "0"}, `-duration: "0" is out of range: it must be from 1ms`},
	} {
		_, err := parse(c.args)
		require.ErrorContains(t, err, c.want, "%q", c.args)
	}
	o, err := parse([]string{"-clients", "10000"})
	require.NoError(t, err)
	require.Equal(t, 20_000, o.config.maxConnections)
	require.Equal(t, 500*time.Millisecond, o.config.health.interval)
}
