package reports_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// article is as JSON:API has it.
type article struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"id" db:"synced_id"`
	Name     string      `json:"attributes.name" db:"name"`
	City     *string     `json:"attributes.address.city" db:"city"`
	Etag     *string     `json:"@odata.etag" db:"etag"`
	Words    int         `json:"attributes.words"`
	Data     synced.Data `db:"synced_data"`
}

func putArticle(b *harness.Bundle, id int, name string) {
	b.Server.Collection("articles").Put(remotetest.Record{"id": id, "@odata.etag": "W/1", "attributes": nested{
		"name": name, "words": 10 * id, "address": nested{"city": "Lisbon"}, "updated": "2026-01-01T00:00:00Z",
	}})
}

func TestReport_R29_C93_ADotIsAStep(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		putArticle(b, 1, "one")
		putArticle(b, 2, "two")
		m := harness.Model(t, b, synced.Synced[article]{Table: "articles", Volatile: []string{"attributes.updated"},
			Strategy: strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: "attributes.updated"}}}})
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 2, result.Created)
		require.Empty(t, result.Unknown)
		row, err := m.Find(context.Background(), synced.NoScope, 2)
		require.NoError(t, err)
		require.Equal(t, "two", row.Name)
		require.Equal(t, "Lisbon", *row.City)
		require.Equal(t, "W/1", *row.Etag)
		require.Equal(t, 20, row.Words)

		putArticle(b, 2, "another")
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Updated)
		require.Equal(t, []string{"one", "another"}, b.Column(t, "SELECT name FROM articles ORDER BY synced_id"))
		diff, err := m.Check(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff)
	})
}

// A value where an object should be is told, and costs its record alone.
func TestReport_R29_C93_AnotherValueInTheWay(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		putArticle(b, 1, "one")
		b.Server.Collection("articles").Put(remotetest.Record{"id": 2, "attributes": "none"}, remotetest.Record{"id": 3, "attributes": nil})
		m := harness.Model(t, b, synced.Synced[article]{Table: "articles", Strategy: strategy.Full{}, Invalid: synced.Quarantine{Limit: 1}})
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 2, result.Created)
		require.Equal(t, 1, result.Quarantined)
		require.Contains(t, b.Column(t, "SELECT error FROM synced_quarantine")[0], `attributes.name: the string "none" is in the place of an object`)
	})
}

// misspelled names attributes that the remote does not have.
type misspelled struct {
	ID       int64       `db:"id"`
	SyncedID int64       `json:"id" db:"synced_id"`
	Name     string      `json:"Name" db:"name"`
	Size     *int        `json:"dimensions.size" db:"size"`
	Rare     *string     `json:"rare" db:"rare"`
	Note     string      `json:"nota"`
	Data     synced.Data `db:"synced_data"`
}

type misspelledLabel struct {
	SyncedID int64   `json:"id" db:"synced_id"`
	ItemID   int64   `db:"item_id" synced:"parent"`
	Title    *string `json:"titel" db:"title"`
}

func TestReport_R29_C94_AnAttributeThatNoRecordHas(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var log bytes.Buffer
		for id := 1; id <= 7; id++ {
			putItem(b, id, nested{"labels": []nested{label(10+id, "x")}})
		}
		putItem(b, 5, nested{"labels": []nested{}, "rare": "here"})
		labels := harness.Model(t, b, synced.Synced[misspelledLabel]{Table: "labels"})
		others := harness.Model(t, b, synced.Synced[misspelledLabel]{Table: "other_labels"})
		m := harness.Model(t, b, synced.Synced[misspelled]{Table: "items", Remove: synced.KeepRows{}, Strategy: strategy.Full{},
			Log:          slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
			Associations: []synced.Association{synced.HasMany(labels, "labels", "item_id"), synced.HasMany(others, "lables", "item_id")}})
		want := []string{"Name", "dimensions.size", "nota", "lables", "labels.titel"}
		warned := func() int { return strings.Count(log.String(), "no record has these attributes") }

		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 7, result.Created)
		require.Equal(t, want, result.Unknown)
		require.Equal(t, 1, warned())
		require.Contains(t, log.String(), "labels.titel")

		result = harness.Sync(t, m, synced.NoScope)
		require.Equal(t, 7, result.Unchanged)
		require.Equal(t, want, result.Unknown, "also where nothing changed")
		require.Equal(t, 2, warned())

		result, err := m.Synchronize(context.Background(), synced.NoScope, synced.Call{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, want, result.Unknown)

		b.Server.Collection("items").Update(3, remotetest.Record{"Name": "three", "nota": nil})
		require.Equal(t, []string{"dimensions.size", "lables", "labels.titel"}, harness.Sync(t, m, synced.NoScope).Unknown)
	})
}

// Where a run did not list all records, nothing is unknown.
func TestReport_R29_C94_WhatSaysNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Collection("items")
		m := harness.Model(t, b, synced.Synced[misspelled]{Table: "items"})
		require.Empty(t, harness.Sync(t, m, synced.NoScope).Unknown, "no record")
		putItem(b, 1, nested{"rare": "here"})
		require.Empty(t, harness.Sync(t, m, synced.NoScope).Unknown, "records that changed")
		result, err := m.SyncOne(context.Background(), synced.NoScope, 1)
		require.NoError(t, err)
		require.Empty(t, result.Unknown, "one record")
		result, err = m.Synchronize(context.Background(), synced.NoScope, synced.Call{Strategy: strategy.Full{}})
		require.NoError(t, err)
		require.Equal(t, []string{"Name", "dimensions.size", "nota"}, result.Unknown)
	})
}

// A column for a parent's key that nothing fills would stay empty.
func TestReport_R29_NoParentFillsTheColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Collection("labels")
		labels := harness.Model(t, b, synced.Synced[misspelledLabel]{Table: "labels"})
		_, err := labels.Synchronize(context.Background(), synced.NoScope)
		require.ErrorContains(t, err, `labels: field ItemID: nothing fills column "item_id"`)

		harness.Model(t, b, synced.Synced[item]{Table: "items", Associations: []synced.Association{synced.HasMany(labels, "labels", "item_id")}})
		harness.Sync(t, labels, synced.NoScope)
	})
}
