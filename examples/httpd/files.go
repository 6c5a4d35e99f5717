package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path"
	"syscall"
)

// fileServer serves the files below root. Nothing outside of it can be reached, neither by
// dots in a path nor by symbolic links.
func fileServer(root *os.Root) http.Handler { return http.FileServerFS(unlisted{root.FS()}) }

// unlisted is a file system of regular files, and of the directories that have an index.html:
// http.FileServer would list what is in the others. There is nothing else in it: to open a pipe
// may take for ever.
type unlisted struct{ fs.FS }

func (u unlisted) Open(name string) (fs.File, error) {
	f, info, err := u.open(name)
	if err != nil || !info.IsDir() {
		return f, err
	}
	index, info, err := u.open(path.Join(name, "index.html"))
	if err == nil {
		_ = index.Close()
		if info.Mode().IsRegular() {
			return f, nil
		}
		err = absent(name)
	}
	_ = f.Close()
	return nil, err
}

// open opens a regular file or a directory.
func (u unlisted) open(name string) (f fs.File, info fs.FileInfo, err error) {
	if info, err = fs.Stat(u.FS, name); err == nil {
		if !info.Mode().IsRegular() && !info.IsDir() {
			return nil, nil, absent(name)
		}
		f, err = u.FS.Open(name)
	}
	if err != nil && noFile(err) {
		err = absent(name)
	}
	return f, info, err
}

// noFile reports whether an error says that there can be no such file, and not that the system,
// or the owner of the file, did not let us have it.
func noFile(err error) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return true // os.Root: it leads outside
	}
	return errno == syscall.EINVAL || errno == syscall.ENAMETOOLONG || errno == syscall.ELOOP || errno == syscall.ENOTDIR
}

func absent(name string) error { return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist} }
