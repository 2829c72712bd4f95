package engine

import (
	"slices"

	"github.com/syncedgo/synced/report"
)

// diff collects what a check finds.
type diff struct{ *report.Diff }

// newDiff returns an empty diff, whose lists are lists in JSON too.
func newDiff(model, scope string) diff {
	return diff{&report.Diff{Model: model, Scope: scope, Missing: []report.Missing{}, Additional: []report.Additional{}, Changed: []report.Changed{}}}
}

// add takes a difference in.
func (d diff) add(found report.Difference) error {
	switch {
	case found.Missing != nil:
		d.Missing = append(d.Missing, *found.Missing)
	case found.Additional != nil:
		d.Additional = append(d.Additional, *found.Additional)
	case found.Changed != nil:
		d.Changed = append(d.Changed, *found.Changed)
	case found.Invalid != nil:
		d.Invalid = append(d.Invalid, *found.Invalid)
	case found.Older != nil:
		d.Older = append(d.Older, *found.Older)
	}
	return nil
}

// forget drops what was found of records, by id: the remote listed them again.
func (d diff) forget(ids map[string]bool) {
	d.Missing = slices.DeleteFunc(d.Missing, func(m report.Missing) bool { return ids[m.ID] })
	d.Changed = slices.DeleteFunc(d.Changed, func(c report.Changed) bool { return ids[c.ID] })
	d.Invalid = slices.DeleteFunc(d.Invalid, func(i report.Invalid) bool { return ids[i.ID] })
	d.Older = slices.DeleteFunc(d.Older, func(o report.Older) bool { return ids[o.ID] })
}
