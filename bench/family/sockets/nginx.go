package sockets

import (
	"fmt"
	"path/filepath"

	"github.com/pushcore/pushcore/bench/internal/hello"
)

// nginx is one process, so that its processor time is all there is, and sends the text from its configuration.
func nginx() []server {
	return []server{{name: "nginx", program: installed("nginx", "nginx-light"), args: func(a at) []string {
		return []string{"-e", "stderr", "-p", filepath.Dir(a.config), "-c", a.config}
	}, config: func(a at) string {
		return fmt.Sprintf(nginxConfig, a.addr, hello.TextType, hello.Text)
	}}}
}

// nginxConfig keeps connections for good, and writes nothing but what goes wrong. The files are none that it needs; the
// system's own places for them are not for everyone.
const nginxConfig = `daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {
	worker_connections 4000;
}
http {
	access_log off;
	server_tokens off;
	keepalive_timeout 60s;
	keepalive_requests 1000000000;
	client_body_temp_path nginx-body;
	proxy_temp_path nginx-proxy;
	fastcgi_temp_path nginx-fastcgi;
	uwsgi_temp_path nginx-uwsgi;
	scgi_temp_path nginx-scgi;
	server {
		listen %s;
		location = /plaintext {
			default_type %s;
			return 200 "%s";
		}
	}
}
`
