package rest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/syncedgo/synced/remote"
)

// total finds where the number of records is told.
func (r *recognizer) total() {
	list := pathTo(r.config.RecordsKey, r.target.endpoint)
	listed, sizes := 0, []int{}
	var all [][]sign
	for _, p := range r.pages {
		listed += len(p.records)
		sizes = append(sizes, len(p.records))
		all = append(all, signsOf(p.head.Header, p.body, list))
	}
	whole := !r.pages[len(r.pages)-1].more && r.config.Pagination != nil // whole, by the pagination
	for _, s := range append(all[0], rangeSign(r.pages[0])...) {
		n, err := s.count()
		if s.says != saysTotal || err != nil || !r.sameOn(s, all) || n < listed || whole && n != listed {
			continue
		}
		if n == sizes[0] && (plainName(lastName(s.at)) == "count" || len(r.pages) > 1) {
			continue // of the page
		}
		if s.header {
			r.config.TotalHeader = s.at
			r.tell("TotalHeader", strconv.Quote(s.at), fmt.Sprintf("it says %d, and the pages seen have %d records", n, listed))
		} else {
			r.config.TotalPath = s.at
			r.tell("TotalPath", strconv.Quote(s.at), fmt.Sprintf("it says %d, and the pages seen have %d records", n, listed))
		}
		if n >= 1000 && n%1000 == 0 {
			r.wonder("whether the total of %d is a bound: a search may show no more than that. Since.Window and PerValue ask for parts", n)
		}
		return
	}
	r.wonder("how many records there are: no total that fits the pages was seen. Compare Result.Records of the first run with what you expect")
}

// rangeSign is the total that the header Content-Range tells.
func rangeSign(p *looked) []sign {
	r, ok := parseRange(p.head.Header.Get(contentRangeHeader))
	if !ok || !r.known {
		return nil
	}
	return []sign{{says: saysTotal, at: contentRangeHeader, header: true, value: remote.Value(strconv.Itoa(r.total))}}
}

// sameOn reports whether each page tells the same at a place.
func (r *recognizer) sameOn(s sign, all [][]sign) bool {
	for i, signs := range all {
		signs = append(slices.Clone(signs), rangeSign(r.pages[i])...)
		if !slices.ContainsFunc(signs, func(t sign) bool {
			return t.header == s.header && t.at == s.at && string(t.value) == string(s.value)
		}) {
			return false
		}
	}
	return true
}
