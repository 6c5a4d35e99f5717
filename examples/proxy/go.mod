module github.com/pushcore/pushcore/examples/proxy

go 1.26.0

replace github.com/pushcore/pushcore => ../..

require (
	github.com/pires/go-proxyproto v0.15.0
	github.com/pushcore/pushcore v0.0.0
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v3 v3.0.5
	golang.org/x/sys v0.49.0
	golang.org/x/term v0.47.0
)

require github.com/klauspost/cpuid/v2 v2.4.2 // indirect
