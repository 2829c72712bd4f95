package rest

import "net/url"

// OnePage is an API whose lists come whole, in one answer, however long they are. What
// an answer shows of further pages is not read.
type OnePage struct {
	// Limit names a parameter of the answer's size, set to Config.PerPage. Defaults to
	// none.
	Limit string
}

var _ Pagination = OnePage{}

// First asks for as many records as Config.PerPage says, where Limit is set.
func (o OnePage) First(query url.Values, perPage int) {
	if o.Limit != "" {
		setSize(query, o.Limit, perPage)
	}
}

// Next is none.
func (OnePage) Next(*Response) (*url.URL, error) { return nil, nil }
