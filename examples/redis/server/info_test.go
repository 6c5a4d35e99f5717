package server_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// INFO has what programs look for, in the form that they read.
func TestInfo(t *testing.T) {
	s := start(t, 2, nil)
	c := dial(t, s.Addr())
	c.do("MSET", "a", "1", "b", "2", "c", "3")
	text := c.do("INFO")
	fields := map[string]string{}
	for _, line := range strings.Split(text, "\r\n")[1:] {
		if line == "" || line[0] == '#' {
			continue
		}
		name, v, ok := strings.Cut(line, ":")
		require.True(t, ok, line)
		require.NotContains(t, fields, name)
		fields[name] = v
	}
	require.Equal(t, "keys=3,expires=0,avg_ttl=0", fields["db0"])
	require.Equal(t, "master", fields["role"])
	require.Regexp(t, regexp.MustCompile(`^[0-9a-f]{40}$`), fields["run_id"])
	require.Regexp(t, regexp.MustCompile(`^\d+\.\d{6}$`), fields["used_cpu_user"])
	require.Regexp(t, regexp.MustCompile(`^\d+(\.\d\d)?[BKMGT]$`), fields["used_memory_human"])
	one := c.do("INFO", "memory")
	require.Contains(t, one, "used_memory:")
	require.NotContains(t, one, "used_cpu_user")
}
