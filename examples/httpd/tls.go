package main

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
)

// loadTLS reads the certificate and its key. All workers use the result, so that a client
// resumes with any of them the session that it began with another.
func loadTLS(certFile, keyFile string) (*tls.Config, error) {
	switch {
	case keyFile == "":
		return nil, fmt.Errorf("-tls-cert %q without -tls-key: the private key of the certificate is needed, too", certFile)
	case certFile == "":
		return nil, fmt.Errorf("-tls-key %q without -tls-cert: the certificate of the key is needed, too", keyFile)
	}
	cert, err := readPEM("-tls-cert", certFile, "certificate", "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	key, err := readPEM("-tls-key", keyFile, "private key", "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert %q and -tls-key %q: %w", certFile, keyFile, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}, nil
}

// readPEM reads a file in which there must be a block whose type ends with kind, as in
// EC PRIVATE KEY.
func readPEM(name, file, what, kind string) ([]byte, error) {
	all, err := os.ReadFile(file) //nolint:gosec // the user names it
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for block, rest := pem.Decode(all); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, kind) {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%s %q: there is no %s in it, in PEM", name, file, what)
}
