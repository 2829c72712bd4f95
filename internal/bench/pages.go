package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// pages are those of the list, as syncs without this library ask for them.
type pages struct {
	url, perPage string

	seen, requests int
	bytes          int64
}

func pagesOf(j job) pages {
	return pages{url: fmt.Sprintf("%s/v%d/rentals", j.Server, j.Variant), perPage: fmt.Sprint(j.Options.PerPage)}
}

// each asks for one page after another.
func (p *pages) each(ctx context.Context, write func(ctx context.Context, records []json.RawMessage) error) error {
	for number := 1; ; number++ {
		records, more, err := p.get(ctx, number)
		if err != nil {
			return err
		}
		if err := write(ctx, records); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

// get asks for a page.
func (p *pages) get(ctx context.Context, number int) (records []json.RawMessage, more bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s?page=%d&per_page=%s", p.url, number, p.perPage), nil)
	if err != nil {
		return nil, false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, false, fmt.Errorf("page %d: %s", number, resp.Status)
	}
	var body struct {
		Rentals []json.RawMessage `json:"rentals"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return nil, false, err
	}
	p.requests++
	p.bytes += resp.ContentLength
	p.seen += len(body.Rentals)
	return body.Rentals, resp.Header.Get("Link") != "", nil
}

func (p *pages) measured() measurement {
	return measurement{Records: p.seen, Requests: p.requests, Bytes: p.bytes}
}
