package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// mostHops is how many redirects lead to a file.
const mostHops = 5

// files reads the files of a job that is done: those at the URLs, or what Download asks for.
func (j *job) files(ctx context.Context, urls []string) error {
	if !j.export.Download.none() {
		return j.parts(ctx)
	}
	for i, text := range urls {
		what := fmt.Sprintf("file %d of %d", i+1, len(urls))
		u, err := url.Parse(text)
		if err != nil {
			return fmt.Errorf("export: %s: its address is no URL (Export.Files)", what)
		}
		at := j.lister.asker.wire.URL()
		if j.url != nil {
			at = j.url
		}
		if _, err := j.file(ctx, &wire.Request{URL: at.ResolveReference(u)}); err != nil {
			return j.lost(what, err)
		}
	}
	return nil
}

// parts reads what Download asks for, file by file.
func (j *job) parts(ctx context.Context) error {
	req, err := j.ask(j.export.Download)
	if err != nil {
		return err
	}
	if j.lister.parts != nil {
		query := req.URL.Query()
		j.lister.parts.First(query, j.lister.perPage)
		at := *req.URL
		at.RawQuery = query.Encode()
		req.URL = &at
	}
	asked := map[string]bool{}
	for n := 1; ; n++ {
		what := fmt.Sprintf("file %d", n)
		asked[req.URL.String()] = true
		answer, err := j.file(ctx, req)
		if err != nil {
			return j.lost(what, err)
		}
		if j.lister.parts == nil {
			return nil
		}
		next, err := j.lister.parts.Next(&Response{URL: req.URL, Status: answer.Status, Header: answer.Header, Page: &remote.Page{Number: n}})
		if err != nil {
			return answer.FormatError(&remote.FormatError{Page: 1, Reason: "export: " + what + ": " + err.Error(), Err: err}, nil)
		}
		if next == nil {
			return nil
		}
		following := *req
		following.URL = answer.WithoutAuth(j.lister.asker.wire.Secure(req.URL.ResolveReference(next)))
		switch req = &following; {
		case asked[req.URL.String()]:
			return answer.Wrap(fmt.Errorf("export: %s: %w: it leads to a file that was read", what, remote.ErrPageRepeated))
		case n >= j.lister.config.MaxPages:
			return answer.Wrap(fmt.Errorf("export: %w: more than %d files", remote.ErrTooManyPages, n))
		}
	}
}

// file reads the file that a request asks for, or leads to. Where a host of files leads is
// not asked with credentials any more.
func (j *job) file(ctx context.Context, req *wire.Request) (*wire.Answer, error) {
	bare := false
	for range mostHops + 1 {
		client := j.lister.asker.wire
		ask := *req
		ask.URL = client.Secure(req.URL)
		if bare || !client.Allows(ask.URL) {
			bare = true
			var err error
			if client, ask.URL, err = j.stranger(ask.URL); err != nil {
				return nil, err
			}
		}
		var to *url.URL
		ask.Accept = redirects
		ask.Stream = func(answer *wire.Answer, body io.Reader) error { return j.take(ctx, answer, body) }
		ask.Check = func(answer *wire.Answer) error {
			j.dropFile()
			location, err := url.Parse(answer.Header.Get("Location"))
			if err != nil || location.String() == "" {
				return answer.FormatError(&remote.FormatError{Reason: fmt.Sprintf("%d without a Location that is a URL", answer.Status)}, nil)
			}
			to = req.URL.ResolveReference(location)
			return nil
		}
		answer, err := j.do(ctx, client, &ask)
		if err != nil || to == nil {
			return answer, err
		}
		req = &wire.Request{URL: to}
	}
	return nil, fmt.Errorf("more than %d redirects", mostHops)
}

// stranger returns a client for a host that holds files and gets no credentials. The
// query of such a URL is a credential itself.
func (j *job) stranger(u *url.URL) (*wire.Client, *url.URL, error) {
	if !j.export.holds(u) {
		host := url.URL{Scheme: u.Scheme, Host: u.Host}
		return nil, nil, fmt.Errorf("%s: %w: add it to Export.Hosts, if files may be there", shorten(host.String()), remote.ErrForeignURL)
	}
	bare, query := *u, u.RawQuery
	bare.RawQuery, bare.User, bare.Fragment, bare.RawFragment = "", nil, "", ""
	config := j.lister.config.wire()
	client, err := wire.NewClient(wire.Config{
		BaseURL: (&url.URL{Scheme: u.Scheme, Host: u.Host}).String(), HTTP: config.HTTP, Timeout: config.Timeout,
		UserAgent: config.UserAgent, Retry: config.Retry, Breaker: config.Breaker, Clock: config.Clock,
		Auth: wire.AuthFunc(func(req *http.Request) error {
			if query != "" {
				req.URL.RawQuery = query
			}
			return nil
		}),
	})
	if err != nil {
		return nil, nil, errors.New("its address can't be asked: " + err.Error())
	}
	return client, &bare, nil
}
