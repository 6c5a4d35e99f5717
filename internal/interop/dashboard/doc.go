// Package dashboard has tests of the page that package debug serves, in a real browser.
package dashboard
