package main

import (
	"io/fs"
	"net/http"
	"os"
	"path"
)

// fileServer serves the files below root. Nothing outside of it can be reached, neither by
// dots in a path nor by symbolic links.
func fileServer(root *os.Root) http.Handler { return http.FileServerFS(unlisted{root.FS()}) }

// unlisted is a file system without the directories that have no index.html: http.FileServer
// would list what is in them.
type unlisted struct{ fs.FS }

func (u unlisted) Open(name string) (fs.File, error) {
	f, err := u.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		_, err = fs.Stat(u.FS, path.Join(name, "index.html"))
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
