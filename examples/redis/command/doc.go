// Package command executes commands on keyspaces: it knows their names, their arguments, their
// replies and their errors, which are those of Redis 7.0, word for word. It knows nothing of
// connections and of loops.
package command
