package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Mistakes in the files, and where they are named.
func TestTLSMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	newIdentity(t, "one").write(t, "one.crt", "one.key")
	newIdentity(t, "two").write(t, "two.crt", "two.key")
	require.NoError(t, os.WriteFile("text", []byte("no certificate"), 0o600))
	const head = "listen: :1\nupstreams: [a:1]\ntls:\n"
	for _, c := range []struct{ text, want string }{
		{"  cert: none.crt", "proxy.yaml:4: tls.cert: open none.crt: no such file"},
		{"  cert: one.crt\n  key: text", "proxy.yaml:5: tls.key: text has no private key in the form of PEM"},
		{"  cert: one.key\n  key: one.key", "proxy.yaml:4: tls.cert: one.key has no certificate in the form of PEM"},
		{"  cert: one.crt\n  key: two.key", "proxy.yaml: tls.key: two.key is not the key of the certificate in one.crt: private key does not match public key"},
		{"  cert: one.crt", "proxy.yaml: tls.key is missing: the file with the key of the certificate in one.crt"},
		{"  key: one.key", "proxy.yaml: tls.cert is missing: the file with the certificate of the key in one.key"},
		{"  timeout: 0s", `proxy.yaml:4: tls.timeout: "0s" is out of range`},
	} {
		_, err := parseWith(t, head+c.text)
		require.ErrorContains(t, err, c.want, c.text)
	}
	o, err := parseWith(t, head+"  cert: one.crt\n  key: one.key\n", "-tls-cert", "two.crt", "-tls-key", "two.key")
	require.NoError(t, err, "flags come before the file")
	require.Equal(t, "two", o.config.tls.pair.Leaf.Subject.CommonName)
}

// A signal has the certificate read again; connections stay, and a mistake changes nothing.
func TestReloadOfTheCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key, file := filepath.Join(dir, "crt"), filepath.Join(dir, "key"), filepath.Join(dir, "proxy.yaml")
	one, two := newIdentity(t, "one"), newIdentity(t, "two")
	one.write(t, cert, key)
	up := serve(t, named("a"))
	require.NoError(t, os.WriteFile(file, []byte("listen: 127.0.0.1:0\nworkers: 1\nupstreams: ['"+up.addr()+"']\ntls:\n  cert: "+cert+"\n  key: "+key+"\n"), 0o600))
	s := runShell(t, false, "-config", file)
	addr := s.addr(t)
	old := secure(t, dial(t, addr), one.client())
	require.Equal(t, "a", askLine(t, old))
	says := func(words string) {
		t.Helper()
		s.reload <- syscall.SIGHUP
		eventually(t, "it says "+words, func() bool { return strings.Contains(s.errs.String(), words) })
	}
	require.NoError(t, os.WriteFile(key, two.key, 0o600)) // half of the way
	says("nothing is reloaded: " + file + ": tls.key: " + key + " is not the key")
	require.Equal(t, "a", askLine(t, secure(t, dial(t, addr), one.client())))
	two.write(t, cert, key)
	says("reloaded: 1 upstreams, round-robin, TLS with a certificate until ")
	require.NotContains(t, s.errs.String(), "restart")
	c := secure(t, dial(t, addr), two.client())
	require.Equal(t, "a", askLine(t, c))
	require.Equal(t, "two", c.ConnectionState().PeerCertificates[0].Subject.CommonName)
	require.Equal(t, "a", askLine(t, old))
	up.kill()
	s.cancel()
	require.Equal(t, exitOK, s.end(t))
	require.Contains(t, s.out.String(), "handshakes    3 done, 0 failed")
}
