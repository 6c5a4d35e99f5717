package debug

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"strings"
)

//go:embed page
var parts embed.FS

// The pages, put together from their parts: nothing is loaded from elsewhere, and the policy lets a browser use this
// style and this script, by their hashes, and no other.
var (
	style  = part("page.css")
	script = "'use strict';\n" + part("numbers.js") + part("model.js") + part("cells.js") + part("table.js") +
		part("tiles.js") + part("group.js") + part("alerts.js") + part("page.js")

	dashboard = page("page.html")
	profiles  = page("pprof.html")

	policy = fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; connect-src 'self'; img-src data:; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
		hash(script), hash(style))
)

func part(name string) string {
	text, err := parts.ReadFile("page/" + name)
	if err != nil {
		panic(err) // it was embedded
	}
	return string(text)
}

func page(name string) []byte {
	return []byte(strings.NewReplacer("/* style */", style, "/* script */", script).Replace(part(name)))
}

// hash names what is between a tag and its end, as a policy does.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
