package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// FuzzLinkHeader_Next: any header is read or refused, and is not an endless one.
func FuzzLinkHeader_Next(f *testing.F) {
	for _, seed := range []string{
		``, `,`, `<https://h/a?page=2>; rel="next"`, `<b?fields=x,y&c=1;2>; rel="next"`, `<b>; title="a;\",=\\"; rel="next"`,
		`<a>; rel="prev", ?page=2`, `<:>; rel="next"`, `<>;rel=next`, `<a>;rel=;=`, `<a>;;rel`, "<\xff>;rel=next", `<a>;rel="next`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		next, err := LinkHeader{}.Next(&Response{Header: http.Header{"Link": {header}}})
		if err != nil && next != nil {
			t.Errorf("%v and %v", next, err)
		}
		if next != nil && !strings.Contains(header, "<") {
			t.Errorf("%v from nothing", next)
		}
	})
}

// FuzzLinkHeader_ReadsBack: a header written from a link, among others, gives the
// link back.
func FuzzLinkHeader_ReadsBack(f *testing.F) {
	f.Add("https://h/a?page=2", "a title", true, byte(0))
	f.Add("?fields=a,b;c&x=%2C", `quoted, "with" \ ; rel=prev <x>`, false, byte(1))
	f.Add("/a/b?q='=\"", "", true, byte(2))
	f.Add("//h:80/é?x=ü#y", "=;,", false, byte(3))
	f.Fuzz(func(t *testing.T, link, title string, before bool, form byte) {
		target, err := url.Parse(link)
		// A header holds one line, and a link no ">".
		if err != nil || link == "" || strings.ContainsAny(link, "<>") || strings.ContainsFunc(link+title, func(r rune) bool { return r < ' ' || r > '~' }) {
			return
		}
		rel := []string{`rel="next"`, `rel=next`, `REL = "Next"`, `rel="last next"`}[form%4]
		quoted := `title="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(title) + `"`
		params := quoted + "; " + rel
		if before {
			params = rel + "; " + quoted
		}
		header := `<https://h/?page=1>; rel="prev"; ` + quoted + `, <` + link + `>; ` + params + ` , </last,>; rel="last"`
		next, err := LinkHeader{}.Next(&Response{Header: http.Header{"Link": {header}}})
		if err != nil || next == nil {
			t.Fatalf("%s: %v %v", header, next, err)
		}
		if next.String() != target.String() {
			t.Errorf("%s: %s, not %s", header, next, target)
		}
	})
}

// FuzzSplit: any body is split or refused; what is found is JSON, the records are
// pieces of the body, the values found on the way are those that a second look
// finds, and the shortcut changes nothing. Records that are invalid are valid UTF-8.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		`{"rentals":[{"id":1},{}],"meta":{"deleted_ids":[1,"a"],"total":2,"next":"x"}}`, `[{"id":1}]`, `{"a.b":{"c":1},"a":{"b.c":2},"rentals":[]}`,
		`{"rentals":[{"id":1,"id":2}]}`, `{"data":{"rentals":[]}}`, ` {"rentals" : [ ] , "meta" : null } `, `{"rentals":[],"meta.total":"7"}`, "{\"rentals\":[{\"a\":\"\xff\"}]}", `{"rentals":[`,
	} {
		f.Add([]byte(seed), "rentals", "meta.next")
	}
	f.Add([]byte(`{"a.b":{"c":1},"a":{"b.c":[{}]}}`), "a.b.c", "a.b")
	f.Add([]byte(`[{}]`), "", "")
	f.Fuzz(func(t *testing.T, body []byte, records, path string) {
		e := envelope{records: records, deleted: "meta.deleted_ids", total: "meta.total"}
		if path != "" {
			e.values = []string{path}
		}
		var page remote.Page
		values, bad := e.split(bytes.Clone(body), &page)
		if bad != nil {
			return
		}
		e.values = nil
		kept := bytes.Clone(body)
		var again remote.Page
		if _, bad := e.split(kept, &again); bad != nil {
			t.Fatal(bad)
		}
		if len(again.Objects) != len(page.Objects) {
			t.Fatal("the values change the records")
		}
		invalid := false
		for _, o := range again.Objects {
			if o.Err() != nil {
				if invalid = true; !utf8.Valid(o.Raw()) || remote.Value(o.Raw()).Kind() != '{' {
					t.Errorf("object %q", o.Raw())
				}
				continue
			}
			if check(o.Raw()) != nil || remote.Value(o.Raw()).Kind() != '{' {
				t.Errorf("object %q", o.Raw())
			}
			if !lies(o.Raw(), kept) {
				t.Errorf("%q is not in the body", o.Raw())
			}
		}
		for _, v := range again.DeletedIDs {
			if check(v) != nil {
				t.Errorf("deleted id %q", v)
			}
		}
		if invalid {
			return
		}
		var slow remote.Page
		if _, bad := e.splitter(kept, &slow, nil).whole(); bad != nil {
			t.Fatal(bad)
		}
		if !reflect.DeepEqual(slow, again) {
			t.Errorf("%+v by the shortcut, %+v without", again, slow)
		}
		if v := values[path]; v != nil && check(v) != nil {
			t.Errorf("value %q", v)
		}
		if found, ok := lookup(body, path); ok && path != "" && records != "" && values[path] == nil && found != nil {
			t.Errorf("%q was missed", path)
		}
	})
}

// check returns an error unless v is one strict JSON value.
func check(v []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(v))
	if err := dec.SkipValue(); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}

// lies reports whether a slice is a piece of another's memory.
func lies(v []byte, in []byte) bool {
	at, from := uintptr(unsafe.Pointer(unsafe.SliceData(v))), uintptr(unsafe.Pointer(unsafe.SliceData(in)))
	return len(v) > 0 && at >= from && at+uintptr(len(v)) <= from+uintptr(len(in))
}

// FuzzCursor_Next: any value is a cursor that arrives as it is, the end, or an
// error.
func FuzzCursor_Next(f *testing.F) {
	for _, seed := range []string{`"abc"`, `"a&b=c#d%20 é"`, `12345678901234567890`, `1e400`, `null`, `""`, `[]`, `true`, `"\ud83d\ude00"`, `"\u0000"`} {
		f.Add([]byte(seed), "https://h/list?limit=10&cursor=old&x;y")
	}
	f.Fuzz(func(t *testing.T, cursor []byte, at string) {
		u, err := url.Parse(at)
		if err != nil || check(cursor) != nil {
			return
		}
		cursor = bytes.TrimSpace(cursor)
		resp := &Response{URL: u, Page: &remote.Page{}, values: map[string]remote.Value{"next_cursor": cursor}}
		next, err := Cursor{}.Next(resp)
		text, bad := textOf(cursor)
		switch {
		case (bad != nil) != (err != nil):
			t.Fatalf("%v, %v", bad, err)
		case err != nil || text == "":
			if next != nil {
				t.Fatalf("goes on to %v", next)
			}
			return
		case next == nil:
			t.Fatal("ends")
		}
		if got := next.Query()["cursor"]; len(got) != 1 || got[0] != text {
			t.Errorf("%q arrives as %q", text, got)
		}
	})
}
