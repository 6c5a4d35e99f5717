package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/pushcore/pushcore/group/debug"
)

const (
	mostBytes    = 16 << 20        // of a report; a worker takes about 4 KB
	fetchTimeout = 5 * time.Second // from the connect to the last byte
)

// client asks a program for reports.
type client struct {
	url     string
	http    http.Client
	most    int64
	timeout time.Duration
}

func newClient(url string) *client { return &client{url: url, most: mostBytes, timeout: fetchTimeout} }

// fetch asks once. Any goroutine may call it.
func (c *client) fetch(ctx context.Context) (r debug.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return r, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return r, c.plain(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return r, fmt.Errorf("the answer is %s: is it served by package group/debug?", response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.most+1))
	switch {
	case err != nil:
		return r, c.plain(err)
	case int64(len(body)) > c.most:
		return r, fmt.Errorf("the answer has more than %d MiB", c.most>>20)
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return debug.Report{}, fmt.Errorf("the answer is no report of package group/debug: %w", err)
	}
	if r.PID == 0 && r.Program == "" {
		return debug.Report{}, errors.New("the answer is no report of package group/debug: it names no program")
	}
	clean(&r)
	return r, nil
}

// plain leaves out of an error what is on the screen anyway.
func (c *client) plain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %v", c.timeout)
	}
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" && op.Addr != nil {
		return fmt.Errorf("cannot connect to %v: %w", op.Addr, innermost(op.Err))
	}
	return err
}

// innermost is the error at the end of the chain: "connection refused".
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
