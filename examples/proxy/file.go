package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the size of the largest file that is read.
const maxFile = 1 << 20

// readFile reads a configuration file into c.
func readFile(name string, c *config) error {
	text, err := readAll(name)
	if err != nil {
		return err
	}
	return readYAML(name, text, c)
}

// readAll reads a file that is not too large.
func readAll(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", name, maxFile)
	}
	return text, err
}

// readYAML reads a configuration. Every mistake is reported, with its file, line and field.
func readYAML(name string, text []byte, c *config) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return fmt.Errorf("%s: it is empty", name)
	}
	r := fileReader{name: name, c: c}
	r.mapping("", doc.Content[0])
	return errors.Join(r.errs...)
}

// fileReader walks through a configuration.
type fileReader struct {
	name string
	c    *config
	errs []error
}

func (r *fileReader) fail(n *yaml.Node, path, format string, args ...any) {
	if path != "" {
		path += ": "
	}
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %s%s", r.name, n.Line, path, fmt.Sprintf(format, args...)))
}

// mapping reads the fields below path.
func (r *fileReader) mapping(path string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, path, "there must be fields here, one per line, such as listen: :8080")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		if path != "" {
			name = path + "." + name
		}
		if line, twice := lines[name]; twice {
			r.fail(key, name, "it is there twice, first on line %d", line)
			continue
		}
		lines[name] = key.Line
		switch f := fieldAt(name); {
		case f != nil && f.list != nil:
			r.list(f, value)
		case f != nil:
			r.scalar(f, value)
		case slices.ContainsFunc(fields, func(f field) bool { return strings.HasPrefix(f.path, name+".") }):
			r.mapping(name, value)
		default:
			r.fail(key, name, "there is no such field: %s", known(path))
		}
	}
}

// known lists what may be below path.
func known(path string) string {
	var names []string
	for _, f := range fields {
		if rest, below := strings.CutPrefix(f.path, path+"."); below || path == "" {
			if path == "" {
				rest = f.path
			}
			if head, _, _ := strings.Cut(rest, "."); !slices.Contains(names, head) {
				names = append(names, head)
			}
		}
	}
	return "there are " + strings.Join(names, ", ")
}

func (r *fileReader) list(f *field, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, f.path, "it must be a list, one item per line that begins with a dash")
		return
	}
	f.list(r.c)
	for _, item := range n.Content {
		r.scalar(f, item)
	}
}

func (r *fileReader) scalar(f *field, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fail(n, f.path, "there must be a single value")
		return
	}
	value := n.Value
	if n.Tag == "!!bool" && value == "false" {
		value = "off" // the two are one word in older YAML
	}
	if err := f.set(r.c, value); err != nil {
		r.fail(n, f.path, "%v", err)
	}
}
