// Package tokiohttp holds the sources of the HTTP server of the network table on tokio, which is written in Rust and
// built with cargo.
package tokiohttp

import "embed"

// Sources is the project.
//
//go:embed Cargo.toml src
var Sources embed.FS
