package rest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// stays reports whether the pagination's next URLs keep their position.
func stays(p Pagination) bool {
	s, ok := p.(stayer)
	return ok && s.stays()
}

// resumes reports whether the list continues after its last page, which may then be
// one that came before: the last change, told again.
func resumes(p Pagination) bool {
	_, ok := p.(resumer)
	return ok
}

// mark says on a page what follows it.
func (w *walk) mark(got *call, next *url.URL) {
	page := got.resp.Page
	page.More = next != nil || w.after != nil
	if !page.More {
		page.Position = w.lister.position(got)
	}
	pagination := w.lister.config.Pagination
	if s, ok := pagination.(shifter); ok && next != nil {
		w.shifts = w.shifts || s.shifts(next, w.seen)
	}
	if w.shifts || !stays(pagination) {
		page.Shifting = page.More || page.Number > 1
		return
	}
	from := next
	if r, ok := pagination.(resumer); ok {
		from = r.resume(got.resp)
	}
	if next == nil && w.after != nil {
		from = w.after
	}
	if from != nil && w.events == nil { // what events told so far is of this walk
		page.Cursor = w.lister.cursor(got.answer, from)
	}
}

// cursor writes a URL so that a later run can ask it. It is empty where that
// would store what may be a secret, or lead to another host than the base URL's.
func (l *lister) cursor(answer *wire.Answer, u *url.URL) string {
	s := u.RequestURI()
	if !l.asker.wire.Home(u) || answer.HasSecret(u) || len(s) > maxURLBytes || strings.HasPrefix(s, "//") {
		return ""
	}
	if word := l.config.word(); word != "" {
		s += "#" + word
	}
	return s
}

// resumed reads what cursor wrote. Its errors don't repeat it.
func (a *addresses) resumed(cursor string) (*url.URL, error) {
	if !stays(a.config.Pagination) {
		return nil, fmt.Errorf("remote: cursor: %w: the pages of %T don't keep their place", remote.ErrInvalid, a.config.Pagination)
	}
	u, err := url.Parse(cursor)
	switch {
	case err != nil, !strings.HasPrefix(cursor, "/"), len(cursor) > maxURLBytes:
		return nil, fmt.Errorf("remote: cursor: %w: want the path and query of a Page.Cursor", remote.ErrInvalid)
	case u.Host != "" || u.User != nil:
		return nil, fmt.Errorf("remote: cursor: %w", remote.ErrForeignURL)
	}
	if u.Fragment != a.config.word() {
		return nil, fmt.Errorf("remote: cursor: %w: rest.Config.Parameters or PerValue is no longer what the cursor was made with", remote.ErrInvalid)
	}
	u = a.wire.URL().ResolveReference(u)
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}
