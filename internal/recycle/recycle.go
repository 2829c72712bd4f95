// Package recycle gives the memory of pages back to the client that listed them,
// once nothing of them is needed. Without it, a third of the time of a run that
// finds nothing new is spent on memory for pages.
//
// It is no part of the public API: package remote embeds [Memory] in its pages and
// a client embeds [Bodies], each under a name of its own package, so that only
// functions of this package get at them.
package recycle

import "sync"

// Memory is the bytes that the objects of a page are pieces of.
type Memory struct {
	bytes []byte
	owner *Bodies // takes them back; nil for memory that nobody wants
}

func (m *Memory) ofPage() *Memory { return m }

// Bodies is the memory of pages that are no longer needed. It is safe for
// concurrent use. It has no exported methods, which a client that embeds it would
// have as well.
type Bodies struct {
	pool  *sync.Pool // *[]byte
	owner any
}

func (b *Bodies) ofClient() *Bodies { return b }

// Own names the client that embeds b. It comes before all else.
func Own(b *Bodies, client any) { *b = Bodies{pool: &sync.Pool{}, owner: client} }

// Body returns memory for a body: of length 0, nil where there is none.
func Body(b *Bodies) []byte {
	if used, ok := b.pool.Get().(*[]byte); ok {
		return *used
	}
	return nil
}

// Lend notes that the objects of page, a *remote.Page, are pieces of body, and
// that b takes it back.
func Lend(b *Bodies, page any, body []byte) {
	if m := memoryOf(page); m != nil {
		*m = Memory{bytes: body, owner: b}
	}
}

// Page gives the memory of page, a *remote.Page, back to api, the client that
// listed it. Nothing that came of the page may be used afterwards: no object, no
// value, no string. It does nothing where api is another client, or one that wraps
// the client: it may have kept pages.
func Page(api, page any) {
	client, ok := api.(interface{ ofClient() *Bodies })
	if !ok {
		return
	}
	bodies := client.ofClient()
	m := memoryOf(page)
	if m == nil || m.owner != bodies || bodies.owner != api {
		return
	}
	body := m.bytes[:0]
	*m = Memory{}
	if cap(body) > 0 {
		bodies.pool.Put(&body)
	}
}

func memoryOf(page any) *Memory {
	if p, ok := page.(interface{ ofPage() *Memory }); ok {
		return p.ofPage()
	}
	return nil
}
