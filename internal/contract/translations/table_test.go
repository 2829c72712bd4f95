package translations_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// Texts that Map sets, of a child that comes with its parent.
func TestContract_C55_ComputedTranslationsOfChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type spot struct {
			ID       int64               `db:"id"`
			SyncedID string              `json:"id" db:"synced_id"`
			HouseID  int64               `db:"house_id" synced:"parent"`
			Title    synced.Translations `db:"title" synced:"translated"`
		}
		spots := harness.Model(t, b, synced.Synced[spot]{Table: "spots", Map: func(o remote.Object, s *spot) (err error) {
			var en, fr string
			if en, err = remote.Get[string](o, "title_en"); err == nil {
				fr, err = remote.Get[string](o, "title_fr")
			}
			s.Title = synced.Translations{"en": &en, "fr": &fr}
			return err
		}})
		houses := harness.Model(t, b, synced.Synced[harness.House]{Table: "houses", Scope: "account_id", Strategy: strategy.Full{}, Remove: synced.Destroy{},
			Associations: []synced.Association{synced.HasMany(spots, "spots", "house_id")}})
		b.Server.Collection("houses").PutRaw(`{"id":1,"name":"x","spots":[{"id":"a","title_en":"A","title_fr":"B"}]}`)
		counts := func() synced.Counts { return harness.Sync(t, houses, synced.In(7)).Children["spots_translations"] }
		require.Equal(t, synced.Counts{Created: 2}, counts())
		require.Equal(t, synced.Counts{}, counts())
		b.Execute(t, "UPDATE spots_translations SET title = NULL WHERE locale = 'fr'")
		diff, err := houses.Check(context.Background(), synced.In(7))
		require.NoError(t, err)
		require.Contains(t, diff.String(), "spots[a].title.fr")
		require.Equal(t, synced.Counts{Updated: 1}, counts())
		b.Server.Collection("houses").PutRaw(`{"id":1,"name":"x","spots":[]}`)
		require.Equal(t, synced.Counts{}, counts())
		require.Empty(t, b.Column(t, "SELECT locale FROM spots_translations"))
	})
}

// Keys that are UUIDs, and a table whose foreign key does not cascade.
func TestContract_C55_TranslationsOfOtherKeys(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type keyed struct {
			ID       string              `db:"id"`
			SyncedID int64               `json:"id" db:"synced_id"`
			Title    synced.Translations `json:"title" db:"title" synced:"translated"`
		}
		id := "text PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))"
		parent := "text"
		if b.Pool != nil {
			id, parent = "uuid PRIMARY KEY DEFAULT gen_random_uuid()", "uuid"
		}
		b.Execute(t, "CREATE TABLE things (id "+id+", synced_id bigint UNIQUE)")
		b.Execute(t, "CREATE TABLE things_translations (parent_id "+parent+" NOT NULL REFERENCES things (id), locale varchar(8) NOT NULL, title varchar(20), notes text NOT NULL DEFAULT 'ours', UNIQUE (locale, parent_id))")
		things := b.Server.Collection("things")
		things.PutRaw(`{"id":1,"title":{"en":"One"}}`)
		things.PutRaw(`{"id":2,"title":{"en":"Two"}}`)
		m := harness.Bind(t, b, synced.Synced[keyed]{Table: "things", Strategy: strategy.Full{}, Remove: synced.Destroy{}})
		counts := func() synced.Counts { return harness.Sync(t, m, synced.NoScope).Children["things_translations"] }
		require.Equal(t, synced.Counts{Created: 2}, counts())
		require.Equal(t, synced.Counts{}, counts())
		one, err := m.Find(context.Background(), synced.NoScope, 1)
		require.NoError(t, err)
		require.Equal(t, texts("en", "One"), one.Title)
		require.Len(t, harness.All(t, m), 2)
		things.PutRaw(`{"id":1,"title":{"en":"Uno"}}`)
		require.Equal(t, synced.Counts{Updated: 1}, counts())
		things.Delete(2)
		counts()
		require.Equal(t, []string{"en Uno ours"}, b.Column(t, "SELECT locale || ' ' || title || ' ' || notes FROM things_translations"))
	})
}
