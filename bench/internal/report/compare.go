package report

import "io"

// Changes compares two reports.
type Changes struct{}

// Compare compares a report with a former one.
func Compare(old, now *Report) *Changes { return &Changes{} }

// WriteText prints the changes.
func (c *Changes) WriteText(w io.Writer) error { return nil }

// WriteHTML writes a page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer, c *Changes) error { return nil }
