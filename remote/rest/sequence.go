package rest

import (
	"cmp"
	"fmt"
	"net/url"

	"github.com/syncedgo/synced/internal/rawquery"
)

// Sequence asks for what changed since a sequence number, which each answer moves
// on, as CouchDB's _changes does; its records are under "results", see
// Config.RecordsKey. The list ends where nothing is pending; where an answer does
// not say what is, at a page that is empty or does not move the sequence.
// Sequence numbers are strings or numbers and mean nothing here.
type Sequence struct {
	// Param names the parameter of the sequence number. Defaults to "since".
	Param string
	// Path is where an answer has its own: it must be there. Defaults to
	// "last_seq".
	Path string
	// PendingPath is where it says how many records are still to come. Defaults to
	// "pending". [None] looks for none.
	PendingPath string
	// Limit names the parameter of the page's size. Defaults to "limit".
	Limit string
}

var _ Pagination = Sequence{}

// First asks for the page's size.
func (s Sequence) First(query url.Values, perPage int) {
	setSize(query, cmp.Or(s.Limit, "limit"), perPage)
}

// Next continues from the answer's sequence number.
func (s Sequence) Next(resp *Response) (*url.URL, error) {
	seq, err := s.sequence(resp)
	if err != nil {
		return nil, err
	}
	pending := ""
	if s.pending() != None {
		if pending, _, err = resp.text(s.pending()); err != nil {
			return nil, err
		}
	}
	if pending == "" {
		if len(resp.Page.Objects) == 0 || seq == resp.URL.Query().Get(s.param()) {
			return nil, nil
		}
		return rawquery.With(resp.URL, s.param(), seq), nil
	}
	left, err := parseCount(pending)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", s.pending(), err)
	case left == 0:
		return nil, nil
	}
	return rawquery.With(resp.URL, s.param(), seq), nil
}

// sequence is the answer's sequence number.
func (s Sequence) sequence(resp *Response) (string, error) {
	seq, _, err := resp.text(s.path())
	if err == nil && seq == "" {
		err = fmt.Errorf("%s: the sequence number is missing", s.path())
	}
	return seq, err
}

// resume continues from the answer's sequence number, even after the last page.
func (s Sequence) resume(resp *Response) *url.URL {
	seq, err := s.sequence(resp)
	if err != nil {
		return nil
	}
	return rawquery.With(resp.URL, s.param(), seq)
}

func (s Sequence) param() string     { return cmp.Or(s.Param, "since") }
func (s Sequence) path() string      { return cmp.Or(s.Path, "last_seq") }
func (s Sequence) pending() string   { return cmp.Or(s.PendingPath, "pending") }
func (s Sequence) numbers() []string { return []string{cmp.Or(s.Limit, "limit")} }
func (Sequence) stays() bool         { return true }

func (s Sequence) paths() []string {
	if s.pending() == None {
		return []string{s.path()}
	}
	return []string{s.path(), s.pending()}
}
