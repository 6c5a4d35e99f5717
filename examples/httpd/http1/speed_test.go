package http1

import "testing"

var sampleHeads = map[string]string{
	"plain":   lines("GET /plaintext HTTP/1.1", "Host: 127.0.0.1:8080"),
	"browser": lines("GET /index.html?a=b HTTP/1.1", "Host: www.example.com", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br", "Connection: keep-alive", "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark", "Upgrade-Insecure-Requests: 1", "Cache-Control: max-age=0"),
}

func TestParseAllocates(t *testing.T) {
	for name, text := range sampleHeads {
		r, b := &Request{}, []byte(text)
		parse := func() {
			if n, err := r.parse(b, 100); n != len(b) || err != nil {
				t.Fatal(n, err)
			}
		}
		parse() // makes the array of fields
		if n := testing.AllocsPerRun(100, parse); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A request that is refused costs no memory either.
func TestParseErrorAllocates(t *testing.T) {
	r, b := &Request{}, []byte(lines("GET / HTTP/1.1", "Host: h", "Content-Length: 1", "Content-Length: 2"))
	parse := func() {
		if n, err := r.parse(b, 100); n != 0 || err != errLengthTwice {
			t.Fatal(n, err)
		}
	}
	parse()
	if n := testing.AllocsPerRun(100, parse); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, text := range sampleHeads {
		b.Run(name, func(b *testing.B) {
			r, head := &Request{}, []byte(text)
			b.SetBytes(int64(len(head)))
			b.ReportAllocs()
			for b.Loop() {
				if n, err := r.parse(head, 100); n == 0 || err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
