package synced

import (
	"context"
	"errors"

	"github.com/syncedgo/synced/internal/engine"
)

// SyncOne brings the row of one record in step, as after a webhook: it asks the
// API for the record by its remote id (see [Model.Find] for what that may be),
// and creates, updates or restores the row as a run would, with its associations
// and translations, OnChange and Outbox, in one transaction that begins when the
// answer is here. A remote that has no such record (404 or 410), or calls it
// deleted (Tombstone), has its row removed as Remove says; with Keep it stays.
// Result.Gone tells. The API is a [remote.Getter], as rest.Client is.
//
// The call's Query makes a missing record no proof: its row is removed only with
// AllowRemoval. Records, Strategy, Commit and DryRun are no part of such a call.
//
// It takes no lock and leaves the stored time alone, so that it may run beside
// other runs of the scope, and beside itself. Beside a run:
//
//   - A page that was received before, and is written after, holds an older
//     record. With Version declared it does not win. Without, it does until the
//     next run, which lists the record as changed since. Nested records and
//     translations of a row that such a page found unchanged, and that was changed
//     while the page was being written (on PostgreSQL), are mended by the next run
//     that lists the record.
//   - A row that was removed here comes back with such a page, until the next run
//     in which the remote says that the record is gone.
//   - A record that was created after the run had listed its place is not listed
//     by it: a complete run with removal on may remove its row in the end, and the
//     next run brings it back.
func (h *Handle) SyncOne(ctx context.Context, scope Scope, remoteID any, call ...Call) (Result, error) {
	id, err := h.id(remoteID)
	if err == nil {
		err = checkOne(call)
	}
	if err != nil {
		return Result{}, h.engine.Fail(scope.value, err)
	}
	c, err := h.settle(ctx, scope, call)
	if err != nil {
		return Result{}, h.engine.Fail(scope.value, err)
	}
	return engine.One(ctx, h.engine, c, id)
}

// checkOne finds settings that are not for one record.
func checkOne(calls []Call) error {
	for _, c := range calls {
		if c.Records != nil || c.Strategy != nil || c.Commit != 0 || c.DryRun {
			return errors.New("SyncOne asks for one record and writes it in one transaction: leave Records, Strategy, Commit and DryRun out of its call")
		}
	}
	return nil
}
