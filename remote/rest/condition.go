package rest

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// maxValidator is how long a validator may be, in bytes.
const maxValidator = 1 << 10

// condition is a header that asks for a page only where it has changed.
type condition struct{ name, value string }

// header is the condition on a request, nil where there is none.
func (c condition) header() http.Header {
	if c.name == "" {
		return nil
	}
	return http.Header{c.name: {c.value}}
}

// validator is what stands for the state of a list, given the headers of its
// first page: the ETag, or the Last-Modified where nothing can have changed later
// in the same second. It begins with a word for the API: a time of one API says
// nothing about another.
func (r *asker) validator(answer *wire.Answer) string {
	h := answer.Header
	if !r.config.Conditional {
		return ""
	}
	v := h.Get("ETag")
	if v == "" {
		v = h.Get("Last-Modified")
		modified, err := http.ParseTime(v)
		date, undated := http.ParseTime(h.Get("Date"))
		if err != nil || undated != nil || !date.After(modified) {
			return ""
		}
	}
	if len(v) > maxValidator || !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) || answer.HasSecretIn(v) {
		return ""
	}
	return r.word() + " " + v
}

// word tells the API of this client from others.
func (r *asker) word() string { return strconv.FormatUint(xxh3.HashString(r.wire.URL().String()), 36) }

// condition makes a condition of a validator of this API.
func (r *asker) condition(validator string) condition {
	word, v, _ := strings.Cut(validator, " ")
	switch {
	case !r.config.Conditional || word != r.word():
		return condition{}
	case strings.HasPrefix(v, `"`), strings.HasPrefix(v, "W/"):
		return condition{"If-None-Match", v}
	}
	if _, err := http.ParseTime(v); err != nil {
		return condition{"If-None-Match", v} // an ETag without quotes
	}
	return condition{"If-Modified-Since", v}
}

// notModified fills the page of a list that has not changed.
func (r *asker) notModified(answer *wire.Answer, page *remote.Page) error {
	page.NotModified = true
	if err := r.readHeader(answer, page); err != nil {
		return answer.FormatError(err, nil)
	}
	page.TotalKnown, page.Total = false, 0 // there are no records to count
	return nil
}
