package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/compare"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plural"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// Apply does what a diff says, in one transaction, and asks the remote for nothing.
// If a row is no longer as the diff found it, that is an error, and nothing is
// written. Rows that the diff does not prove to be gone stay, as they would in a run.
func Apply(ctx context.Context, m *model.Model, call Call, d *report.Diff) (report.Result, error) {
	r := newRun(m, call)
	return told{run: r, call: "Apply"}.of(ctx, func(ctx context.Context) error {
		return r.locked(ctx, func(ctx context.Context) error { return apply(ctx, r, d) })
	})
}

func apply(ctx context.Context, r *run, d *report.Diff) error {
	if d == nil {
		return errors.New("the diff is nil: give what Check found")
	}
	if scope := r.m.ScopeName(r.call.Scope); d.Model != r.m.Table.Name || d.Scope != scope {
		return fmt.Errorf("the diff is of %s (%s): apply it there", d.Model, d.Scope)
	}
	if len(d.Additional) > 0 && !r.call.Removal.On() {
		return fmt.Errorf("the diff removes %s, but removal is off: declare Remove, or give it with the call", plural.Of(len(d.Additional), "row"))
	}
	before := make(map[string][]report.Field, len(d.Changed))
	objects := make([]remote.Object, 0, len(d.Missing)+len(d.Changed))
	for _, m := range d.Missing {
		objects = append(objects, r.m.Redactor.Kept(m.Object))
	}
	for _, c := range d.Changed {
		objects = append(objects, r.m.Redactor.Kept(c.Object))
		before[c.ID] = c.Fields
	}
	p, err := acceptFound(r, d, objects)
	if err != nil {
		return err
	}
	return r.write(ctx, 0, func(ctx context.Context, tx *commit.Tx) error {
		if err := r.writer.Enter(ctx, tx); err != nil {
			return err
		}
		comparison := &compare.Comparison{Writer: r.writer, Q: tx.Tx, Locks: true}
		if err := comparison.CheckWritten(ctx, p, before); err != nil {
			return err
		}
		remove, err := comparison.CheckRemoved(ctx, d.Additional)
		if err != nil {
			return err
		}
		if remove, err = r.provenBy(ctx, tx, d, remove); err != nil {
			return err
		}
		at, err := r.timeOfRows(ctx, tx)
		if err != nil {
			return err
		}
		if err := r.writer.Write(ctx, tx, p); err != nil {
			return err
		}
		if err := r.writer.RemoveDropped(ctx, tx); err != nil {
			return err
		}
		if err := r.writer.Remove(ctx, tx, remove); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		return r.timeRows(ctx, tx, at)
	})
}

// acceptFound accepts the objects that a diff has found missing, and then those that it has
// found changed. Where the content is the id, equal ones keep the ids that they had in it.
func acceptFound(r *run, d *report.Diff, objects []remote.Object) (*page.Page, error) {
	got := r.feed.Maker.Receive(&remote.Page{Objects: objects})
	if !r.m.Plan.ByContent() {
		return r.accept(got)
	}
	for i := range got.Records {
		text := ""
		if i < len(d.Missing) {
			text = d.Missing[i].ID
		} else {
			text = d.Changed[i-len(d.Missing)].ID
		}
		id, err := r.m.Table.ParseID(text)
		if err != nil {
			return nil, &model.RecordError{Record: text, Err: err}
		}
		got.Records[i].Rename(id)
	}
	return r.accept(got)
}

// provenBy leaves out the rows that a diff does not prove to be gone, given all that it
// would remove, and says so in the result.
func (r *run) provenBy(ctx context.Context, tx *commit.Tx, d *report.Diff, ids []backend.ID) ([]backend.ID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all, _, err := rows.Count(ctx, tx, r.m, r.call.Scope, r.call.Removal, ids)
	if err != nil {
		return nil, fmt.Errorf("count the rows: %w", err)
	}
	absence := proof.Absence{List: proof.Doubtful(""), Listed: d.Compared, Of: all, Limit: r.call.Removal.Limit, Allowed: r.call.AllowRemoval}
	var deleted, absent []backend.ID
	for i, a := range d.Additional {
		switch {
		case a.Deleted:
			deleted = append(deleted, ids[i])
			continue
		case !a.Verified:
			absence.List = proof.Doubtful(d.Doubt)
		}
		absent = append(absent, ids[i])
	}
	absence.Rows = len(absent)
	told := proof.Told{Rows: len(deleted), Of: all, Limit: absence.Limit, Allowed: absence.Allowed}
	var proven []backend.ID
	var reasons []string
	for _, some := range []struct {
		ids    []backend.ID
		reason string
	}{{absent, absence.Refused()}, {deleted, told.Refused()}} {
		if some.reason == "" {
			proven = append(proven, some.ids...)
		} else {
			reasons = append(reasons, some.reason)
		}
	}
	if len(reasons) > 0 {
		refused := &report.Refusal{Rows: len(ids) - len(proven), Of: all, Reason: strings.Join(reasons, "; and ")}
		tx.After(func() { r.result.Refused = refused })
	}
	return proven, nil
}
