package breaking_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fault is what goes wrong from a request of a call on: credentials stay bad until
// the call ends, anything else is over after one request.
type fault struct {
	Kind string // "" for none
	At   int    // the number of the first request, from 1
	// Asked reports whether only the requests for one record, and for lists of ids, count.
	Asked bool
}

// lapses are faults of credentials: what a stranger is answered.
var lapses = []string{"nothing", "nothing", "nothing", "404", "404", "401", "403", "410", "login page"}

// troubles pass.
var troubles = []string{"500", "503", "202", "204", "206", "cut short", "closed", "canceled"}

// strikes reports whether the fault is in force.
func (w *witness) strikes() bool {
	f, n := w.plan.fault, w.requests
	if f.Asked {
		n = w.asked
	}
	if slices.Contains(lapses, f.Kind) {
		return n >= f.At
	}
	return f.Kind != "" && n == f.At
}

func (w *witness) serve(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, isRecord := strings.CutPrefix(r.URL.Path, "/items/")
	w.requests++
	if isRecord || r.URL.Query().Has("ids") {
		w.asked++
	}
	w.happens()
	for _, c := range w.plan.edits[w.requests] {
		w.edit(c)
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Date", w.time().Add(w.Skew).Format(http.TimeFormat))
	if w.Time == "local" {
		rw.Header()["Date"] = nil
	}
	if w.strikes() && w.fail(rw, r.URL.Path, isRecord) {
		return
	}
	switch {
	case isRecord:
		n, _ := strconv.Atoi(id)
		w.record(rw, n)
	case r.URL.Path == "/items":
		w.list(rw, r.URL)
	default:
		fmt.Fprint(rw, `{}`)
	}
}

// fail answers as the fault has it, and reports whether it did.
func (w *witness) fail(rw http.ResponseWriter, path string, isRecord bool) bool {
	switch kind := w.plan.fault.Kind; kind {
	case "login page":
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, "<html>sign in</html>")
	case "nothing":
		switch {
		case isRecord:
			rw.WriteHeader(http.StatusNotFound)
		case path == "/me":
			rw.WriteHeader(http.StatusUnauthorized)
		default:
			w.page(rw, nil, 0, "", nil)
		}
	case "206":
		if isRecord {
			return false
		}
		rw.WriteHeader(http.StatusPartialContent)
		w.page(rw, w.entries(time.Time{}, nil, false)[:1], 1, "", nil)
	case "cut short":
		rw.Header().Set("Content-Length", "5000")
		fmt.Fprint(rw, `{"items":[`)
	case "canceled":
		w.die()
		panic(http.ErrAbortHandler)
	case "closed":
		panic(http.ErrAbortHandler)
	default:
		status, _ := strconv.Atoi(kind)
		rw.WriteHeader(status)
		if status == http.StatusAccepted {
			w.page(rw, nil, 0, "", nil)
		}
	}
	return true
}

// record answers for one record.
func (w *witness) record(rw http.ResponseWriter, id int) {
	_, exists := w.records[id]
	one := func(id int) {
		t := w.records[id]
		fmt.Fprintf(rw, `{"items":[%s]}`, entry{id: id, name: t.name, at: t.at}.json())
	}
	switch {
	case w.Single == "nowhere":
		rw.WriteHeader(http.StatusNotFound)
	case w.Single == "same":
		one(1)
	case exists:
		one(id)
	case w.Single == "tombstone":
		fmt.Fprintf(rw, `{"items":[%s]}`, entry{id: id, at: w.time(), deleted: true}.json())
	case w.Single == "bare":
		fmt.Fprintf(rw, `{"items":[{"id":%d}]}`, id)
	case w.Single == "merged":
		one(1)
	case w.Single == "redirect":
		rw.Header().Set("Location", "/items/1")
		rw.WriteHeader(http.StatusFound)
	default:
		status, _ := strconv.Atoi(w.Single)
		rw.WriteHeader(status)
	}
}

// list answers a page of the list.
func (w *witness) list(rw http.ResponseWriter, u *url.URL) {
	q := u.Query()
	since, _ := time.Parse(time.RFC3339Nano, q.Get("updated_since"))
	var ids map[int]bool
	if text := q.Get("ids"); text != "" {
		ids = map[int]bool{}
		for part := range strings.SplitSeq(text, ",") {
			id, _ := strconv.Atoi(part)
			ids[id] = true
		}
	}
	all := w.entries(since, ids, q.Get("odd") != "")
	if ids != nil && w.Few > 0 {
		all = all[:min(len(all), w.Few)]
	}
	from, number := 0, 1
	switch {
	case w.single():
	case w.stays():
		after := place(q.Get("after"))
		for from < len(all) && all[from].id <= after {
			from++
		}
	case w.Pages == "offset", w.Pages == "offset cursor":
		from, _ = strconv.Atoi(q.Get("offset"))
		number = from + 1
	default:
		if page, err := strconv.Atoi(q.Get("page")); err == nil {
			number = page
		}
		from = (number - 1) * perWitness
	}
	to := len(all)
	if !w.single() {
		to = min(to, from+perWitness)
	}
	from = min(from, to)
	if w.PastEnd && from == len(all) && number > 1 {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	var objects []entry
	for _, e := range all[from:to] {
		if ids != nil || !w.plan.hidden[e.id] {
			objects = append(objects, e)
			w.listed[e.id] = w.listed[e.id] || !e.deleted
		}
	}
	next := ""
	if to < len(all) {
		next = w.next(u, all[to-1].id, number+1, to)
	}
	var gone []int
	if w.Deletions == "ids" || w.Deletions == "first" && number == 1 && q.Get("after") == "" {
		gone = w.announced(since)
	}
	w.page(rw, objects, w.total(len(all), len(objects), from), next, gone)
}

// cursor is a position in a list by ids, and no offset.
func cursor(id int) string { return fmt.Sprintf("k%d", 1000*id+7) }

// place reads a cursor, or an id.
func place(text string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(text, "k"))
	if n > 1000 {
		n /= 1000
	}
	return n
}

// next is how the next page is told.
func (w *witness) next(u *url.URL, last, number, offset int) string {
	q := u.Query()
	switch w.Pages {
	case "cursor":
		return cursor(last)
	case "offset cursor":
		return strconv.Itoa(offset)
	case "stable link":
		q.Set("after", cursor(last))
	case "link", "next":
		q.Set("page", strconv.Itoa(number))
	case "last id, more":
		return "more"
	default:
		return ""
	}
	return "/items?" + q.Encode()
}

// total is how many records the remote says it has.
func (w *witness) total(all, here, from int) int {
	switch w.Count {
	case "capped":
		return min(all, 2*perWitness)
	case "high":
		return all + 2
	case "page":
		return here
	case "falling":
		return max(0, all-from/perWitness)
	default:
		return all
	}
}

// page writes a page.
func (w *witness) page(rw http.ResponseWriter, entries []entry, total int, next string, gone []int) {
	objects := make([]string, len(entries))
	for i, e := range entries {
		objects[i] = e.json()
	}
	var meta []string
	switch w.Total {
	case "path":
		meta = append(meta, fmt.Sprintf(`"total":%d`, total))
	case "header":
		rw.Header().Set("X-Total", strconv.Itoa(total))
	case "undeclared":
		rw.Header().Set("X-Total-Count", strconv.Itoa(total))
	}
	switch w.Pages {
	case "link", "stable link":
		if next != "" {
			rw.Header().Set("Link", "<"+next+`>; rel="next"`)
		}
	case "last id, more":
		meta = append(meta, fmt.Sprintf(`"more":%t`, next != ""))
	case "cursor", "offset cursor", "next":
		value := "null"
		if next != "" {
			value = strconv.Quote(next)
		}
		meta = append(meta, `"next":`+value)
	}
	if w.Deletions == "ids" || w.Deletions == "first" {
		ids := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(gone)), ","), "[]")
		meta = append(meta, `"deleted_ids":[`+ids+`]`)
	}
	if w.Time == "remote" {
		rw.Header().Set("X-Updated-Since-Request-Synced-At", w.time().Format(time.RFC3339Nano))
	}
	fmt.Fprintf(rw, `{"items":[%s],"meta":{%s}}`, strings.Join(objects, ","), strings.Join(meta, ","))
}
