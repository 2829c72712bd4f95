package reports_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// message is as a mailbox has it.
type message struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"id" db:"synced_id"`
	Subject  string      `json:"subject" db:"subject" validate:"required,ne=bad"`
	Sender   *string     `json:"from" db:"sender"`
	Seen     bool        `json:"read" db:"seen"`
	Size     int         `json:"size"`
	Data     synced.Data `db:"synced_data"`
}

// mailbox is a remote that lists all messages whole, and of those that changed since a
// time only what changed.
type mailbox struct {
	mu      sync.Mutex
	whole   map[int]string
	changed [][]string // by page
	status  int        // of the answer for one message, 0 for the message
	asked   []string   // messages
}

func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if id, one := strings.CutPrefix(r.URL.Path, "/messages/"); one {
		b.asked = append(b.asked, id)
		n, _ := strconv.Atoi(id)
		switch o, ok := b.whole[n]; {
		case b.status != 0:
			w.WriteHeader(b.status)
		case !ok:
			http.NotFound(w, r)
		default:
			fmt.Fprint(w, o)
		}
		return
	}
	pages := b.changed
	if !r.URL.Query().Has("updated_since") {
		var all []string
		for id := range 20 {
			if o, ok := b.whole[id]; ok {
				all = append(all, o)
			}
		}
		pages = [][]string{all}
	}
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page := ""
	if n <= len(pages) {
		page = strings.Join(pages[n-1], ",")
	}
	fmt.Fprintf(w, `{"messages":[%s],"pages":%d}`, page, len(pages))
}

// send has the remote list changes, on one page.
func (b *mailbox) send(changes ...string) { b.changed = [][]string{changes} }

// takeAsked returns which messages were asked for by themselves since.
func (b *mailbox) takeAsked() []string {
	asked := b.asked
	b.asked = nil
	return asked
}

// mail serves a mailbox of two messages, and binds it to a table, whose first run has
// been.
func mail(t *testing.T, b *harness.Bundle, d synced.Synced[message]) (*mailbox, *synced.Model[message]) {
	t.Helper()
	box := &mailbox{whole: map[int]string{
		1: `{"id": 1, "subject": "one", "from": "a@x", "read": false, "size": 10, "labels": ["x", "y"]}`,
		2: `{"id": 2, "subject": "two", "from": "b@x", "read": false, "size": 20, "labels": []}`,
	}}
	srv := httptest.NewServer(box)
	t.Cleanup(srv.Close)
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Retry: wire.Retry{Max: -1}, Pagination: rest.PageNumber{TotalPagesPath: "pages"}})
	require.NoError(t, err)
	d.Table, d.Strategy = "messages", strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}
	if d.API == nil {
		d.API = api
	} else {
		d.API = remote.Func(api.Pages)
	}
	m := harness.Model(t, b, d)
	require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created)
	return box, m
}

// shown returns the messages as they are stored, delegated attributes included.
func shown(t *testing.T, m *synced.Model[message]) []string {
	t.Helper()
	var list []string
	for _, row := range harness.All(t, m) {
		sender := "-"
		if row.Sender != nil {
			sender = *row.Sender
		}
		list = append(list, fmt.Sprint(row.SyncedID, " ", row.Subject, " ", sender, " ", row.Seen, " ", row.Size))
	}
	return list
}

// What an object leaves out stays as the stored object has it.
func TestReport_R20_C110_PartialObjects(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				var told []string
				box, m := mail(t, b, synced.Synced[message]{Partial: true, Commit: commit,
					OnChange: func(_ context.Context, _ store.Tx, changes []synced.Change[message]) error {
						for _, c := range changes {
							old := message{}
							if c.Old != nil {
								old = *c.Old
							}
							told = append(told, fmt.Sprint(c.Kind, " ", old.Subject, " ", old.Seen, " > ", c.New.Subject, " ", c.New.Seen))
						}
						return nil
					}})
				told = nil

				box.send(`{"id":1,"read":true}`)
				require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, m, synced.NoScope).Counts)
				require.Equal(t, []string{"1 one a@x true 10", "2 two b@x false 20"}, shown(t, m))
				require.Equal(t, []string{"updated one false > one true"}, told)

				// The same again writes nothing and locks nothing, and a null is a value.
				touched := func() []string {
					if _, whole := commit.(synced.Atomic); whole || b.Pool == nil {
						return nil
					}
					return b.Column(t, "SELECT xmin::text || ' ' || xmax::text FROM messages ORDER BY synced_id")
				}
				before := touched()
				require.Equal(t, synced.Counts{Unchanged: 1}, harness.Sync(t, m, synced.NoScope).Counts)
				require.Equal(t, before, touched())
				box.send(`{"from":null,"id":1,"size":11}`, `{"id":2,"labels":["z"]}`)
				require.Equal(t, synced.Counts{Updated: 2}, harness.Sync(t, m, synced.NoScope).Counts)
				require.Equal(t, []string{"1 one - true 11", "2 two b@x false 20"}, shown(t, m))
				require.Empty(t, box.takeAsked())

				// The rows are as those of whole objects, also by their fingerprints.
				box.whole[1] = `{"id": 1, "subject": "one", "from": null, "read": true, "size": 11, "labels": ["x", "y"]}`
				box.whole[2] = `{"id": 2, "subject": "two", "from": "b@x", "read": false, "size": 20, "labels": ["z"]}`
				result := harness.Sync(t, m, synced.NoScope, synced.Call{Strategy: strategy.Full{}})
				require.Equal(t, synced.Counts{Unchanged: 2}, result.Counts)
				diff, err := m.Check(context.Background(), synced.NoScope)
				require.NoError(t, err)
				require.True(t, diff.Passed(), diff)

				// Several changes of one record, on one page and on others, add up.
				box.changed = [][]string{{`{"id":1,"subject":"uno"}`, `{"id":2,"read":true}`, `{"id":1,"size":12}`}, {`{"id":2,"size":21}`, `{"id":1,"read":false}`}, {`{"id":1,"read":true}`}}
				require.Equal(t, synced.Counts{Updated: 2}, harness.Sync(t, m, synced.NoScope).Counts)
				require.Equal(t, []string{"1 uno - true 12", "2 two b@x true 21"}, shown(t, m))
				require.Equal(t, synced.Counts{Updated: 1, Unchanged: 1}, harness.Sync(t, m, synced.NoScope).Counts, "read goes to and fro again")
				require.Equal(t, []string{"1 uno - true 12", "2 two b@x true 21"}, shown(t, m))
			})
		})
	}
}

// What a local edit changed is as the remote has it again when the record is listed, and
// records that the caller gives are merged, too.
func TestReport_R20_C110_GivenAndEdited(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		box, m := mail(t, b, synced.Synced[message]{Partial: true})
		b.Execute(t, "UPDATE messages SET subject = 'edited' WHERE synced_id = 1")
		box.send(`{"id":1,"read":false}`)
		require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		require.Equal(t, "1 one a@x false 10", shown(t, m)[0])

		given := synced.Call{Records: harness.Parsed(t, `{"id":2,"subject":"zwei"}`), Remove: synced.KeepRows{}}
		dry := given
		dry.DryRun = true
		result, err := m.Synchronize(context.Background(), synced.NoScope, dry)
		require.NoError(t, err)
		require.Len(t, result.Diff.Changed, 1)
		require.Len(t, result.Diff.Changed[0].Fields, 2, "the subject, and the stored object")
		require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, m, synced.NoScope, given).Counts)
		require.Equal(t, "2 zwei b@x false 20", shown(t, m)[1])
		require.Equal(t, synced.Counts{Unchanged: 1}, harness.Sync(t, m, synced.NoScope, given).Counts)

		box.send(`{"id":1,"size":99}`)
		result, err = m.Synchronize(context.Background(), synced.NoScope, synced.Call{DryRun: true})
		require.NoError(t, err)
		require.Len(t, result.Diff.Changed, 1)
		result, err = m.Apply(context.Background(), synced.NoScope, result.Diff)
		require.NoError(t, err)
		require.Equal(t, 1, result.Updated)
		require.Equal(t, "1 one a@x false 99", shown(t, m)[0])

		_, err = m.Synchronize(context.Background(), synced.NoScope, synced.Call{Records: harness.Parsed(t, `{"id":3,"subject":"new"}`)})
		require.ErrorContains(t, err, `record 3: the object leaves out "from", and nothing here keeps the whole record: call SyncOne with its id`)

		// Whole is what a complete run lists, and SyncOne brings.
		box.whole[1] = `{"id":1,"subject":"one"}`
		_, err = m.SyncOne(context.Background(), synced.NoScope, 1)
		require.NoError(t, err)
		require.Equal(t, "1 one - false 0", shown(t, m)[0])
		box.whole[2] = `{"id":2,"subject":"two"}`
		harness.Sync(t, m, synced.NoScope, synced.Call{Strategy: strategy.Full{}})
		require.Equal(t, "2 two - false 0", shown(t, m)[1])
	})
}

// Of a record without a row, the whole is asked for.
func TestReport_R20_C111_NothingToMergeOver(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				box, m := mail(t, b, synced.Synced[message]{Partial: true, Commit: commit, Remove: synced.Destroy{}, Tombstone: func(o remote.Object) bool {
					gone, _ := remote.Get[bool](o, "deleted")
					return gone
				}})
				box.whole[3] = `{"id":3,"subject":"three","read":true,"size":30}` // it has no sender
				box.whole[4] = `{"id":4,"deleted":true}`
				b.Execute(t, "UPDATE messages SET synced_data = NULL WHERE synced_id = 2")
				box.send(`{"id":3,"read":true}`, `{"id":4,"read":true}`, `{"id":5,"read":true}`, `{"id":6,"subject":"six","from":null,"read":true,"size":1}`, `{"id":2,"read":true}`)
				result := harness.Sync(t, m, synced.NoScope)
				require.Equal(t, synced.Counts{Created: 2, Updated: 1}, result.Counts)
				require.NotZero(t, result.StoredTime)
				require.Equal(t, []string{"1 one a@x false 10", "2 two b@x false 20", "3 three - true 30", "6 six - true 1"}, shown(t, m))
				asked := box.takeAsked()
				require.Equal(t, []string{"3", "4", "5", "2"}, asked[:4], "that is all of 6")
				require.Contains(t, asked[4:], "5", "again, beside a control")

				require.Equal(t, synced.Counts{Updated: 1, Unchanged: 2}, harness.Sync(t, m, synced.NoScope).Counts, "the answer for 2 was older than the list")
			})
		})
	}
}

// An answer that does not come, or an API that has none, makes the record invalid.
func TestReport_R20_C111_NotToBeHad(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		box, m := mail(t, b, synced.Synced[message]{Partial: true, Invalid: synced.Quarantine{}})
		box.status = http.StatusForbidden
		box.whole[3] = `{"id":3,"subject":"three","from":"c@x","read":true,"size":30}`
		box.send(`{"id":3,"read":true}`, `{"id":1,"read":true}`)
		require.Equal(t, synced.Counts{Updated: 1, Quarantined: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		said := b.Column(t, "SELECT error FROM synced_quarantine")
		require.Contains(t, said[0], `the object leaves out "subject", nothing here keeps the whole record, and asking for it did not bring it: `)

		// It is asked for by each run, until it comes.
		box.send()
		box.status = http.StatusInternalServerError
		require.Equal(t, synced.Counts{Quarantined: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		box.status = 0
		require.Equal(t, synced.Counts{Created: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		require.Equal(t, "3 three c@x true 30", shown(t, m)[2])
		require.Empty(t, b.Column(t, "SELECT error FROM synced_quarantine"))

		// Its answer is no error of the run that has nothing to do with the record.
		box.status = http.StatusUnauthorized
		box.send(`{"id":7,"read":true}`)
		_, err := m.Synchronize(context.Background(), synced.NoScope)
		require.ErrorIs(t, err, remote.ErrUnauthorized)
	})
}

func TestReport_R20_C111_NoGetter(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		box, m := mail(t, b, synced.Synced[message]{Partial: true, API: remote.Func(nil)})
		box.send(`{"id":1,"read":true}`)
		require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		box.send(`{"id":3,"read":true}`)
		_, err := m.Synchronize(context.Background(), synced.NoScope)
		require.ErrorContains(t, err, `record 3: the object leaves out "subject", nothing here keeps the whole record, and asking for it did not bring it: a remote.Func can't be asked for one record`)
		require.ErrorContains(t, err, "run strategy.Full{} once")
	})
}

// Changes of a record in quarantine add up: none is lost when it becomes valid.
func TestReport_R20_C112_InQuarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		box, m := mail(t, b, synced.Synced[message]{Partial: true, Invalid: synced.Quarantine{}})
		box.send(`{"id":1,"subject":"bad","size":11}`)
		require.Equal(t, synced.Counts{Quarantined: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		box.send(`{"id":1,"read":true}`)
		require.Equal(t, synced.Counts{Quarantined: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		require.Equal(t, "1 one a@x false 10", shown(t, m)[0])
		box.send(`{"id":1,"subject":"good"}`)
		require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		require.Equal(t, "1 good a@x true 11", shown(t, m)[0])

		// What can't be read is asked for.
		box.send(`{"id":2,"read":true,"read":false}`)
		box.status = http.StatusNotFound
		require.Equal(t, synced.Counts{Quarantined: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		box.status = 0
		box.whole[2] = `{"id":2,"subject":"two","from":"b@x","read":true,"size":22}`
		box.send(`{"id":2,"size":22}`)
		require.Equal(t, synced.Counts{Updated: 1}, harness.Sync(t, m, synced.NoScope).Counts)
		require.Equal(t, "2 two b@x true 22", shown(t, m)[1])
	})
}

// Without Partial, a missing attribute is empty, and a rule makes the record invalid.
func TestReport_R20_C60_WithoutPartial(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		box, m := mail(t, b, synced.Synced[message]{})
		box.send(`{"id":1,"read":true}`)
		_, err := m.Synchronize(context.Background(), synced.NoScope)
		require.ErrorContains(t, err, `record 1: subject: rule "required" of field Subject does not hold for ""`)
		box.send(`{"id":1,"subject":"one"}`)
		harness.Sync(t, m, synced.NoScope)
		require.Equal(t, "1 one - false 0", shown(t, m)[0])
	})
}

func TestReport_R20_C110_NeedsTheStoredObject(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "sqlite")
	_, err := synced.New(context.Background(), b.DB, synced.Synced[harness.Unscoped]{Table: "things", API: b.API, Partial: true})
	require.ErrorContains(t, err, "synced: things: with Partial, attributes that an object leaves out stay as the stored object has them, and the model stores none: add SyncedData synced.Data `db:\"synced_data\"`")
}

// Nested records, and the keys of parents, stay where a partial object leaves them out.
func TestReport_R20_C110_WhatBelongsToTheRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type folder struct {
			ID       int64  `db:"id"`
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		type thread struct {
			ID       int64               `db:"id"`
			SyncedID int64               `json:"id" db:"synced_id"`
			FolderID *int64              `db:"folder_id" synced:"parent"`
			Title    synced.Translations `json:"title" db:"title" synced:"translated"`
			Seen     bool                `json:"read" db:"seen"`
			Data     synced.Data         `db:"synced_data"`
		}
		box := &mailbox{whole: map[int]string{1: `{"id":1,"folder":5,"title":{"en":"hello","de":"hallo"},"read":false,"labels":[{"id":11,"name":"x"},{"id":12,"name":"y"}]}`}}
		srv := httptest.NewServer(box)
		t.Cleanup(srv.Close)
		api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Retry: wire.Retry{Max: -1}, Pagination: rest.PageNumber{TotalPagesPath: "pages"}})
		require.NoError(t, err)
		folders := harness.Model(t, b, synced.Synced[folder]{Table: "folders"})
		labels := harness.Model(t, b, synced.Synced[misspelledLabel]{Table: "labels", API: api})
		harness.Sync(t, folders, synced.NoScope, synced.Call{Records: harness.Parsed(t, `{"id":5,"name":"in"}`)})
		m := harness.Model(t, b, synced.Synced[thread]{Table: "messages", API: api, Partial: true, Remove: synced.Destroy{}, Tombstone: func(remote.Object) bool { return false },
			Strategy:     strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}},
			Associations: []synced.Association{synced.HasMany(labels, "labels", "item_id")}, BelongsTo: []synced.Parent{synced.BelongsTo(folders, "folder", "folder_id", synced.MissingNull)}})
		harness.Sync(t, m, synced.NoScope)
		state := func() []string {
			return append(b.Column(t, "SELECT m.seen || ' ' || f.synced_id FROM messages m JOIN folders f ON f.id = m.folder_id"),
				append(b.Column(t, "SELECT locale || ' ' || coalesce(title, '-') FROM messages_translations ORDER BY locale"), b.Column(t, "SELECT CAST(synced_id AS text) || ' ' || coalesce(title, '-') FROM labels ORDER BY synced_id")...)...)
		}
		before := state()
		require.Len(t, before, 5)
		// The label has changed since, by itself.
		harness.Sync(t, labels, synced.NoScope, synced.Call{Records: harness.Parsed(t, `{"id":11,"titel":"new"}`), Remove: synced.KeepRows{}})
		box.send(`{"id":1,"read":true}`)
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Updated)
		after := state()
		require.NotEqual(t, before[0], after[0], "seen")
		require.Contains(t, after[0], " 5")
		require.Equal(t, before[1:3], after[1:3])
		require.Equal(t, []string{"11 new", "12 -"}, after[3:])
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Unchanged)

		box.send(`{"id":1,"title":{"en":"hi"},"labels":[{"id":12,"titel":"z"}]}`)
		harness.Sync(t, m, synced.NoScope)
		require.Equal(t, []string{after[0], "de -", "en hi", "12 z"}, state())
	})
}
