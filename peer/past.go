package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// pastError is an installation whose journal, or what it has of another's, is not the one that
// was known: its database is a copy, or was restored from an older one.
type pastError struct{ text string }

func (e *pastError) Error() string { return e.text }

// restored is a peer that has less than it acknowledged.
func restored(guid string, has, had int64) error {
	return &pastError{fmt.Sprintf("installation %s has changes up to %d, and had them up to %d: its database was restored from an older copy; call NewInstallation on its journal", guid, has, had)}
}

// versionAt returns the version of the change at a position of the journal, as text, and ""
// where there is none, or none any more.
func (p *core) versionAt(ctx context.Context, seq int64) (string, error) {
	var v journal.Version
	found, err := store.One(ctx, p.db, squirrel.Expr("SELECT version_time, version_origin FROM {synced_journal} WHERE seq = ?", seq), &v.Time, &v.Origin)
	if err != nil || !found {
		return "", err
	}
	return v.String(), nil
}

// follows returns an error where two sides know another change at one position of a journal.
// Either may not know it.
func follows(guid string, at int64, ours, theirs string) error {
	if ours == "" || theirs == "" || ours == theirs {
		return nil
	}
	return &pastError{fmt.Sprintf("change %d of installation %s is another one here: of its database there are two copies; call NewInstallation on the journal of one", at, guid)}
}

// Continues returns an error where a peer has, at a position of our journal, another change
// than we: one of the two databases is a copy, or was restored. Version is that of the peer.
func (p *Peer) Continues(ctx context.Context, at int64, version string) error {
	if version == "" {
		return nil
	}
	if _, err := p.journal.Last(ctx); err != nil { // each change has its place
		return err
	}
	ours, err := p.versionAt(ctx, at)
	if err != nil {
		return err
	}
	return follows(p.GUID(), at, ours, version)
}

// reaches returns an error where our journal ends before what a peer has of it, and a
// [*PositionError] where it has more than that: the request is late, or the peer was restored.
func (p *core) reaches(ctx context.Context, to Remote, after int64) error {
	last, err := p.journal.Last(ctx)
	if err != nil {
		return err
	}
	if after > max(last, 0) {
		return &pastError{fmt.Sprintf("the peer has changes up to %d of installation %s, whose journal ends at %d: its database was restored from an older copy; call NewInstallation on the journal", after, p.GUID(), last)}
	}
	s, _, err := standingOf(ctx, p.db, to.GUID)
	if err == nil && max(after, 0) < s.sent {
		err = &PositionError{After: after, Expected: s.sent}
	}
	return err
}

// isPast reports whether an error is a pastError.
func isPast(err error) bool { return errors.As(err, new(*pastError)) }
