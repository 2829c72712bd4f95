// Package recycle gives the memory of pages back to the client that listed them,
// once nothing of them is needed. Without it, a third of the time of a run that
// finds nothing new is spent on memory for pages.
//
// It is no part of the public API: package remote embeds [Memory] in its pages and
// a client embeds [Bodies], each under a name of its own package, so that only
// functions of this package get at them.
package recycle

import "sync"

// Lent is what holds memory that its client takes back: a *remote.Page.
type Lent interface{ lent() *Memory }

// Memory is the bytes that the objects of a page are pieces of.
type Memory struct {
	bytes []byte
	owner *Bodies // takes them back; nil for memory that is not recycled
}

func (m *Memory) lent() *Memory { return m }

// Lender is a client that takes memory back: a *rest.Client.
type Lender interface{ lender() *Bodies }

// Bodies is the memory of pages that are no longer needed. It is safe for
// concurrent use. It has no exported methods, which a client that embeds it would
// have as well.
type Bodies struct {
	pool  *sync.Pool // *[]byte
	owner Lender
}

func (b *Bodies) lender() *Bodies { return b }

// Own names the client that embeds b. It comes before all else.
func Own(b *Bodies, client Lender) { *b = Bodies{pool: &sync.Pool{}, owner: client} }

// Body returns memory for a body: of length 0, nil where there is none.
func Body(b *Bodies) []byte {
	if used, ok := b.pool.Get().(*[]byte); ok {
		return *used
	}
	return nil
}

// Lend notes that the objects of page are pieces of body, and that b takes it back.
func Lend(b *Bodies, page Lent, body []byte) {
	*page.lent() = Memory{bytes: body, owner: b}
}

// Page gives the memory of a page back to api, if that is the client that listed it.
// Nothing that came of the page may be used afterwards: no object, no value, no
// string. It does nothing where api is another client, or wraps the client: it may
// have kept pages.
func Page(api any, page Lent) {
	client, ok := api.(Lender)
	if !ok {
		return
	}
	m, bodies := page.lent(), client.lender()
	if m.owner != bodies || bodies.owner != client {
		return
	}
	body := m.bytes[:0]
	*m = Memory{}
	if cap(body) > 0 {
		bodies.pool.Put(&body)
	}
}
