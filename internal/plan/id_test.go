package plan

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

type intID struct {
	SyncedID int64 `json:"id" db:"synced_id"`
}

type textID struct {
	SyncedID string `json:"id" db:"synced_id"`
}

type uuidID struct {
	SyncedID uuid.UUID `json:"id" db:"synced_id"`
}

func TestParseID(t *testing.T) {
	t.Parallel()
	ints, texts, uuids := planOf[intID](t, idOptions), planOf[textID](t, idOptions), planOf[uuidID](t, idOptions)
	require.Equal(t, backend.Int, ints.IDKind())
	require.Equal(t, backend.Text, texts.IDKind())
	require.Equal(t, backend.UUID, uuids.IDKind())
	canonical := backend.TextID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")

	for _, c := range []struct {
		plan *Plan
		raw  string
		want backend.ID
	}{
		{ints, `0`, backend.IntID(0)},
		{ints, `9007199254740993`, backend.IntID(9007199254740993)},
		{ints, `9223372036854775807`, backend.IntID(9223372036854775807)},
		{ints, `-9223372036854775808`, backend.IntID(-9223372036854775808)},
		{texts, `"a-1"`, backend.TextID("a-1")},
		{texts, `"12"`, backend.TextID("12")},
		{texts, `"\u00e9\""`, backend.TextID(`é"`)},
		{texts, `"6BA7B810-9dad-11d1-80b4-00c04fd430c8"`, backend.TextID("6BA7B810-9dad-11d1-80b4-00c04fd430c8")},
		{uuids, `"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, canonical},
		{uuids, `"6BA7B810-9DAD-11D1-80B4-00C04FD430C8"`, canonical},
		{uuids, `"{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"`, canonical},
		{uuids, `"urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, canonical},
		{uuids, `"6ba7b8109dad11d180b400c04fd430c8"`, canonical},
	} {
		got, err := c.plan.ParseID(remote.Value(c.raw))
		require.NoError(t, err, c.raw)
		require.Equal(t, c.want, got, c.raw)
	}
}

func TestParseID_WhatIsNone(t *testing.T) {
	t.Parallel()
	ints, texts, uuids := planOf[intID](t, idOptions), planOf[textID](t, idOptions), planOf[uuidID](t, idOptions)
	const wantInt, wantText = ", but field SyncedID wants a 64-bit integer", ", but field SyncedID wants a string that is not empty"

	const asText, asInt = ": make it a string, if the remote's ids are texts", ": make it an int64, if the remote's ids are whole numbers"

	for _, c := range []struct {
		plan      *Plan
		raw, want string
	}{
		{ints, `1.0`, "id: the remote id is 1.0" + wantInt},
		{ints, `1e3`, "id: the remote id is 1e3" + wantInt},
		{ints, `"12"`, `id: the remote id is "12"` + wantInt + asText},
		{ints, `null`, "id: the remote id is null" + wantInt},
		{ints, `true`, "id: the remote id is true" + wantInt},
		{ints, `{"a": 1}`, `id: the remote id is {"a": 1}` + wantInt},
		{ints, `9223372036854775808`, "id: the remote id is 9223372036854775808" + wantInt},
		{ints, `-9223372036854775809`, "id: the remote id is -9223372036854775809" + wantInt},
		{texts, `12`, "id: the remote id is 12" + wantText + asInt},
		{texts, `""`, `id: the remote id is ""` + wantText},
		{texts, `null`, "id: the remote id is null" + wantText},
		{texts, `"a\u0000"`, `id: the remote id is "a\u0000", but field SyncedID wants a string without NUL characters`},
		{uuids, `"6ba7b810"`, `id: the remote id is "6ba7b810", but field SyncedID wants a UUID` + asText},
		{uuids, `""`, `id: the remote id is ""` + wantText},
		{uuids, `5`, "id: the remote id is 5" + wantText + asInt},
	} {
		_, err := c.plan.ParseID(remote.Value(c.raw))
		require.EqualError(t, err, c.want)
	}

	_, err := ints.ID(object(t, `{"name": "one"}`))
	require.EqualError(t, err, "id: the record has no such attribute, and it is the remote id: name the one that is in the json tag of field SyncedID")
}

func TestRecord_UUIDsAreCanonical(t *testing.T) {
	t.Parallel()
	const received, canonical = `{"id": "{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}"}`, "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

	r, err := mapped[uuidID](t, idOptions, received)
	require.NoError(t, err)
	require.Equal(t, canonical, r.SyncedID.String())

	// A string whose column is a uuid.
	p := planOf[textID](t, idOptions)
	require.NoError(t, p.Bind(strict(described(p, map[string]string{"synced_id": "uuid"}))))
	require.Equal(t, backend.UUID, p.IDKind())
	rec, err := p.Map(object(t, received))
	require.NoError(t, err)
	require.Equal(t, canonical, rec.Value.(*textID).SyncedID)
}
