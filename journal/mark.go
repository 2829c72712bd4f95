package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Replayed is a change that was made elsewhere, as it is made again here.
type Replayed struct {
	// Model and Key tell the row here.
	Model string
	Key   Key
	// Via is the installation from which the change was received.
	Via string
	// Origin, OriginSeq, Version, Bases and At are those of the change. Their rows and keys
	// are not looked at. A change whose Origin is this installation has an OriginSeq of 0: it
	// gets its place here.
	Origin    string
	OriginSeq int64
	Version   Version
	Bases     []Version
	At        time.Time
}

// mark is what the triggers note of a replayed change. All values are texts, which both
// databases read alike.
type mark struct {
	Model         string `json:"model"`
	Key           Key    `json:"key"`
	Via           string `json:"via"`
	Origin        string `json:"origin"`
	Seq           string `json:"seq"`
	Time          string `json:"time"`
	VersionOrigin string `json:"version_origin"`
	Bases         string `json:"bases"`
	At            string `json:"at"`
}

// Replay calls do, which makes one change again in the transaction. In the journal, what it
// writes of the row has the origin, version and bases of the change. What it changes
// besides, by cascades of foreign keys or triggers of the service's, is a change of this
// installation.
//
// A replayed change is in the journal like any other, where the row became another by it.
func (j *Journal) Replay(ctx context.Context, tx store.Tx, r Replayed, do func(ctx context.Context) error) error {
	text, err := r.mark()
	if err != nil {
		return fmt.Errorf("synced: journal: replay of %s %s: %w", r.Model, r.Key, err)
	}
	return marked(ctx, tx, text, do)
}

// mark is what the triggers note.
func (r Replayed) mark() (string, error) {
	if r.Version.IsZero() || r.Origin == "" || r.Via == "" {
		return "", errors.New("it needs an Origin, a Version and a Via")
	}
	text, err := json.Marshal(mark{Model: r.Model, Key: r.Key, Via: r.Via, Origin: r.Origin, Seq: strconv.FormatInt(r.OriginSeq, 10),
		Time: strconv.FormatInt(r.Version.Time, 10), VersionOrigin: r.Version.Origin, Bases: joinVersions(r.Bases), At: strconv.FormatInt(r.At.UnixMilli(), 10)})
	return string(text), err
}

// replayedVersion returns the version that a mark gives a row, and whether it does.
func replayedVersion(text, model string, key Key) (v Version, ok bool, err error) {
	if !strings.HasPrefix(text, "{") {
		return v, false, nil
	}
	var m mark
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return v, false, fmt.Errorf("the mark of a replayed change: %w", err)
	}
	v.Origin = m.VersionOrigin
	v.Time, err = strconv.ParseInt(m.Time, 10, 64)
	return v, m.Model == model && m.Key == key, err
}

// off is the mark of what is not noted.
const off = "off"

// Off calls do. Nothing that the transaction writes meanwhile is noted, so that no reader of
// the journal learns of it.
func (j *Journal) Off(ctx context.Context, tx store.Tx, do func(ctx context.Context) error) error {
	return marked(ctx, tx, off, do)
}

// errForeign is the error of a transaction of somebody else.
var errForeign = errors.New("synced: journal: the transaction is none of a store of synced's: use Journal.Transaction, or In of the store")

func marked(ctx context.Context, tx store.Tx, mark string, do func(ctx context.Context) error) (err error) {
	own := backend.Whole(tx)
	if own == nil {
		return errForeign
	}
	before, err := backend.JournalMark(ctx, own)
	if err == nil {
		err = backend.MarkJournal(ctx, own, mark)
	}
	if err != nil {
		return fmt.Errorf("synced: journal: %w", err)
	}
	// Also when do fails or panics: its caller may go on. In a transaction that the database
	// has given up nothing more is written.
	defer func() {
		if undo := backend.MarkJournal(context.WithoutCancel(ctx), own, before); err == nil && undo != nil {
			err = fmt.Errorf("synced: journal: %w", undo)
		}
	}()
	return do(ctx)
}

// Transaction calls do in a transaction, and commits it unless do fails. Do may be called
// again, where the database gave the transaction up for the sake of another.
func (j *Journal) Transaction(ctx context.Context, do func(ctx context.Context, tx store.Tx) error) error {
	return backend.InTx(ctx, j.db, func(ctx context.Context, tx backend.Tx) error { return do(ctx, tx) })
}
