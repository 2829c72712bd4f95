package one_test

import (
	"context"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

type texted struct {
	SyncedID string `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

type identified struct {
	SyncedID uuid.UUID `json:"id" db:"synced_id"`
	Name     string    `json:"name" db:"name"`
}

func TestContract_C142_IDsAsWebhooksHaveThem(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		const big63, canonical = 9007199254740993, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
		b.Put("one", "two", "three")
		b.Server.Collection("rentals").PutRaw(`{"id":9007199254740993,"name":"big"}`)
		b.Server.Collection("texts").Put(remotetest.Record{"id": "3", "name": "three"}, remotetest.Record{"id": "a-1", "name": "a"})
		b.Server.Collection("uuids").Put(remotetest.Record{"id": canonical, "name": "u"})
		ints := harness.Model(t, b, harness.Rentals())
		texts := harness.Model(t, b, synced.Synced[texted]{Table: "texts", Strategy: strategy.Full{}})
		uuids := harness.Model(t, b, synced.Synced[identified]{Table: "uuids", Strategy: strategy.Full{}})
		harness.Sync(t, ints, synced.In(1))
		harness.Sync(t, texts, synced.NoScope)
		harness.Sync(t, uuids, synced.NoScope)

		three, text := 3, "3"
		var webhook map[string]any
		require.NoError(t, json.Unmarshal([]byte(`{"id":3}`), &webhook))
		type local int32
		for _, c := range []struct {
			model *synced.Handle
			scope synced.Scope
			ids   []any
		}{
			{ints.Handle, synced.In(1), []any{3, int8(3), uint64(3), local(3), "3", &three, &text, json.Number("3"), webhook["id"], float32(3), remote.Value("3"), remote.Value(`"3"`), json.RawMessage("3"), big.NewInt(3)}},
			{ints.Handle, synced.In(1), []any{int64(big63), "9007199254740993", json.Number("9007199254740993"), big.NewInt(big63)}},
			{texts.Handle, synced.NoScope, []any{"3", 3, uint8(3), json.Number("3"), webhook["id"], remote.Value(`"3"`), &text}},
			{texts.Handle, synced.NoScope, []any{"a-1", remote.Value(`"a-1"`), json.RawMessage(`"\u0061-1"`)}},
			{uuids.Handle, synced.NoScope, []any{canonical, strings.ToUpper(canonical), "{" + canonical + "}", uuid.MustParse(canonical), [16]byte(uuid.MustParse(canonical)), json.RawMessage(`"` + canonical + `"`)}},
		} {
			for _, id := range c.ids {
				result, err := c.model.SyncOne(ctx, c.scope, id)
				require.NoError(t, err, "%T %v", id, id)
				require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(result), "%T %v", id, id)
			}
		}
		row, err := ints.Find(ctx, synced.In(1), json.Number("3"))
		require.NoError(t, err)
		require.Equal(t, "three", row.Name)

		var none *int
		requests := b.Server.Requests()
		for _, c := range []struct {
			model *synced.Handle
			id    any
			want  string
		}{
			{ints.Handle, "x", "remote id x is of type string, but the model's remote id is an integer"},
			{ints.Handle, "03", "remote id 03 is of type string, but the model's remote id is an integer"},
			{ints.Handle, "+3", "remote id +3 is of type string, but the model's remote id is an integer"},
			{ints.Handle, "3 ", "remote id 3  is of type string, but the model's remote id is an integer"},
			{ints.Handle, json.Number("1.5"), "remote id 1.5 is of type json.Number, but the model's remote id is an integer"},
			{ints.Handle, json.Number("9223372036854775808"), "remote id 9223372036854775808 is of type json.Number, but the model's remote id is an integer"},
			{ints.Handle, uint64(math.MaxUint64), "remote id 18446744073709551615 is of type uint64, but the model's remote id is an integer"},
			{ints.Handle, uuid.MustParse(canonical), "remote id " + canonical + " is of type uuid.UUID, but the model's remote id is an integer"},
			{ints.Handle, 1.5, "remote id: the key is the float64 1.5, which is no exact integer: decode the id as an int64, a string or a json.Number"},
			{ints.Handle, 1e17, "remote id: the key is the float64 1e+17, which is no exact integer"},
			{ints.Handle, math.NaN(), "which is no exact integer"},
			{ints.Handle, nil, "remote id: the key is nil"},
			{ints.Handle, none, "remote id: the key is nil"},
			{ints.Handle, "", "remote id: the key is an empty string: give the id"},
			{ints.Handle, json.RawMessage("null"), "remote id: the key is a json.RawMessage with the JSON null: it may be a number or a string"},
			{ints.Handle, true, "remote id: the key is a bool: it may be an integer, a string, a UUID or a json.Number"},
			{texts.Handle, "a\x00", "is not valid text"},
			{texts.Handle, []byte("a"), "remote id: the key is a []uint8"},
			{uuids.Handle, 3, "remote id 3 is of type int, but the model's remote id is a UUID"},
			{uuids.Handle, "no", "remote id no is of type string, but the model's remote id is a UUID"},
		} {
			scope := synced.NoScope
			if c.model == ints.Handle {
				scope = synced.In(1)
			}
			_, err := c.model.SyncOne(ctx, scope, c.id)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "synced: "+c.model.Name())
		}
		require.Equal(t, requests, b.Server.Requests(), "nothing was asked")
	})
}
