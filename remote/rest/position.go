package rest

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/rawquery"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// Position is the position in its changes that an API gives on the last page of a list,
// for remote.Page.Position. The zero value is none.
//
//	Position{Path: "nextSyncToken", Param: "syncToken"} // Google
//	Position{Path: "@odata.deltaLink"}                  // Microsoft Graph
//	Position{Path: "last_seq", Param: "since"}          // CouchDB
//
// An API that no longer knows a position is asked for everything: see Since.Rejected.
type Position struct {
	// Path is where the last page has the position.
	Path string
	// Param names the parameter that it is sent in, beside those of the declaration.
	// Defaults to none: what is at Path is the URL to ask then. Its host must be that of
	// BaseURL. One that holds credentials is not stored.
	Param string
}

// validate returns what is wrong with the settings.
func (p Position) validate(c Config) error {
	switch {
	case p.Param != "" && p.Path == "":
		return errors.New("position: Param without the Path of what it sends")
	case p.Path != "" && p.Param == "" && c.Parameters.moves():
		return errors.New("position: a URL has no part in a body or a header: set Param")
	}
	return nil
}

// word tells positions of this declaration from others.
func (p Position) word(a *addresses) string {
	return strconv.FormatUint(xxh3.HashString(strings.Join([]string{a.wire.URL().String(), p.Path, p.Param, a.config.word(), a.config.Feed.word()}, "\x00")), 36)
}

// read returns the API's own text of a position, "" for none. One that was given to another
// declaration is rejected.
func (p Position) read(a *addresses, position string) (string, error) {
	if position == "" {
		return "", nil
	}
	word, text, _ := strings.Cut(position, " ")
	if p.Path == "" || text == "" || word != p.word(a) {
		return "", fmt.Errorf("remote: position: %w: rest.Config is no longer what it was given to", remote.ErrSinceRejected)
	}
	return text, nil
}

// deltaToken matches the names of query values that are positions, though they are
// called tokens.
var deltaToken = regexp.MustCompile(`(?i)(?:delta|skip|sync|page|continuation)[-_]?token$`)

// position is what the last page of a list gives to ask from; "" where it gives none, or
// one that must not be stored.
func (l *lister) position(got *call) string {
	p := l.config.Position
	if p.Path == "" {
		return ""
	}
	text, _, err := got.resp.text(p.Path)
	if err != nil || text == "" {
		return ""
	}
	if p.Param == "" {
		u, err := url.Parse(text)
		if err != nil {
			return ""
		}
		u = got.answer.WithoutAuth(got.resp.URL.ResolveReference(u))
		others := rawquery.Without(u, func(name, _ string) bool { return deltaToken.MatchString(name) })
		if text = u.RequestURI(); !l.asker.wire.Home(u) || got.answer.HasSecret(others) || len(text) > maxURLBytes || strings.HasPrefix(text, "//") {
			return ""
		}
	}
	return l.kept(got.answer, text)
}

// kept is a position as it is stored, "" where that would store a credential.
func (l *lister) kept(answer *wire.Answer, text string) string {
	if answer.HasSecretIn(text) {
		return ""
	}
	return l.config.Position.word(l.addresses) + " " + text
}

// delta is the URL that was given as a position.
func (a *addresses) delta(req remote.Request, position string) (*url.URL, error) {
	if _, err := endpointParts(req.Endpoint); err != nil {
		return nil, err
	}
	u, err := url.Parse(position)
	if err != nil || !strings.HasPrefix(position, "/") || u.Host != "" || u.User != nil {
		return nil, fmt.Errorf("remote: position: %w: want a path and a query", remote.ErrSinceRejected)
	}
	return a.wire.URL().ResolveReference(u), nil
}
