module github.com/pushcore/pushcore/internal/interop

go 1.26.0

replace github.com/pushcore/pushcore => ../..

require (
	github.com/pushcore/pushcore v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/net v0.62.0
)

require (
	github.com/klauspost/cpuid/v2 v2.4.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
