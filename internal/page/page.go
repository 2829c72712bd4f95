package page

import (
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/report"
)

// Page is a page that was accepted, on its way into the table.
type Page struct {
	Number int
	// Position is where a pass resumes after the page, "" where that can't be told.
	Position string
	// From is the page as it was received, of one that the API listed.
	From    *Received
	Records []*Record
	// Same are the keys of the records whose rows are as they were, where the page
	// was looked at before. They are not among the records.
	Same []uint64
	// Families are those of them that have nested records, whose rows are as they were, too.
	Families []*Record
	// Named are the ids of records that changed and are to be asked for.
	Named []backend.ID
	// Relisted are the records that an earlier page listed too.
	Relisted []backend.ID
	// Retried reports whether the records come from quarantine, not from the API.
	Retried bool
	// Resolved reports whether the keys of the records' parents were found.
	Resolved bool
	// Canceled reports whether the records' rows are canceled, and stay so.
	Canceled bool
	// Released reports whether the records were taken out of quarantine.
	Released bool
	// Completed reports whether what the objects leave out was found.
	Completed bool
	// Listed is how many records the run had listed with the page; 0 where that is as many as
	// it has by now.
	Listed int
	// Counts are what became of the records, once the page is committed.
	Counts report.Counts
}

// Join returns pages as one, to write the records of all of them. They have none twice.
func Join(pages ...*Page) *Page {
	if len(pages) == 1 {
		return pages[0]
	}
	all := &Page{Number: pages[0].Number}
	for _, p := range pages {
		all.Records = append(all.Records, p.Records...)
	}
	return all
}

// Undo makes the page as it was before it was written, for another try.
func (p *Page) Undo() {
	p.Resolved, p.Released, p.Completed = false, false, false
	for _, r := range p.Records {
		r.keys.undo()
		r.Waits, r.Follows, r.Quarantined, r.Outcome = nil, nil, nil, backend.Outcome{}
		r.early = nil // also where it was mapped before: others may have had the row in their hands
	}
}

// IDs returns the ids of the records.
func (p *Page) IDs() []backend.ID {
	ids := make([]backend.ID, len(p.Records))
	for i, r := range p.Records {
		ids[i] = r.ID
	}
	return ids
}

// Keys returns the keys of all that the page lists, also of what is as it was.
func (p *Page) Keys() []uint64 {
	keys := slices.Clone(p.Same)
	for _, r := range p.Records {
		keys = append(keys, r.Key())
	}
	return keys
}

// Written returns the records whose rows are as the remote says: not those that
// were left as they are.
func (p *Page) Written() []*Record {
	written := make([]*Record, 0, len(p.Records))
	for _, r := range p.Records {
		if !r.Left() {
			written = append(written, r)
		}
	}
	return written
}
