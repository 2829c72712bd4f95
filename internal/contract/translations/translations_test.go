package translations_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/internal/recorded"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// Manor has texts in a table of their own.
type Manor struct {
	ID        int64               `db:"id"`
	SyncedID  int64               `json:"id" db:"synced_id"`
	AccountID int64               `db:"account_id"`
	Name      string              `json:"name" db:"name"`
	Headline  synced.Translations `json:"headline" db:"headline" synced:"translated"`
	About     synced.Translations `json:"description" db:"about" synced:"translated"`
}

// Chalet has them in JSON columns.
type Chalet struct {
	ID       int64               `db:"id"`
	SyncedID int64               `json:"id" db:"synced_id"`
	Headline synced.Translations `json:"headline" db:"headline"`
	About    synced.Translations `json:"description" db:"about"`
}

func manors(b *harness.Bundle) synced.Synced[Manor] {
	return synced.Synced[Manor]{Table: "villas", Scope: "account_id", API: b.API, Strategy: strategy.Full{}, Remove: synced.Destroy{}}
}

// texts are translations: a locale and its text, in turn; "∅" is a null.
func texts(pairs ...string) synced.Translations {
	t := synced.Translations{}
	for i := 0; i < len(pairs); i += 2 {
		if t[pairs[i]] = &pairs[i+1]; pairs[i+1] == "∅" {
			t[pairs[i]] = nil
		}
	}
	return t
}

const translationRows = "SELECT v.synced_id || ' ' || locale || ' ' || coalesce(headline, '∅') || ' ' || coalesce(about, '∅') FROM villas_translations JOIN villas v ON v.id = parent_id ORDER BY v.synced_id, locale"

func TestContract_C55_ATableOfTranslations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		remote := b.Server.Collection("villas")
		remote.PutRaw(`{"id":1,"name":"one","headline":{"en":"One","fr":"Un"},"description":{"fr":"Une villa","de":null}}`)
		remote.PutRaw(`{"id":2,"name":"two","headline":{"en":"a\u0000b"},"description":{"en":""}}`)
		remote.PutRaw(`{"id":3,"name":"three","headline":null}`)
		var changes []synced.Change[Manor]
		d := manors(b)
		d.OnChange = func(_ context.Context, _ store.Tx, list []synced.Change[Manor]) error {
			changes = append(changes, list...)
			return nil
		}
		m := harness.Model(t, b, d)
		sync := func() synced.Counts {
			t.Helper()
			changes = nil
			return harness.Sync(t, m, synced.In(7)).Children["villas_translations"]
		}

		require.Equal(t, synced.Counts{Created: 4}, sync())
		require.Equal(t, []string{"1 de ∅ ∅", "1 en One ∅", "1 fr Un Une villa", "2 en a␀b "}, b.Column(t, translationRows))
		require.Len(t, changes, 3)
		require.Equal(t, texts("en", "One", "fr", "Un"), changes[0].New.Headline)
		require.Equal(t, texts("fr", "Une villa", "de", "∅"), changes[0].New.About)
		require.Equal(t, texts("en", "a␀b"), changes[1].New.Headline)
		require.Nil(t, changes[2].New.Headline)

		// They are read back, with a null where a locale has no text.
		one, err := m.Find(ctx, synced.In(7), 1)
		require.NoError(t, err)
		require.Equal(t, texts("en", "One", "fr", "Un", "de", "∅"), one.Headline)
		require.Equal(t, texts("en", "∅", "fr", "Une villa", "de", "∅"), one.About)
		require.Equal(t, "One", one.Headline.Translation("en-GB"))
		require.Equal(t, "Un", one.Headline.Translation("de", "it", "fr"))
		list := harness.All(t, m)
		require.Len(t, list, 3)
		require.Equal(t, one, list[0])
		require.Nil(t, list[2].Headline)

		// A locale that the remote dropped becomes null, and a changed text is
		// written, also where nothing of the row itself changed.
		remote.PutRaw(`{"id":1,"name":"one","headline":{"en":"Won"},"description":{}}`)
		require.Equal(t, synced.Counts{Updated: 2}, sync())
		require.Empty(t, changes)
		require.Equal(t, []string{"1 de ∅ ∅", "1 en Won ∅", "1 fr ∅ ∅", "2 en a␀b "}, b.Column(t, translationRows))

		// What is edited or deleted here is mended, of rows that are unchanged.
		b.Execute(t, "UPDATE villas_translations SET headline = 'edited' WHERE locale = 'fr'")
		b.Execute(t, "DELETE FROM villas_translations WHERE locale = 'en'")
		require.Equal(t, synced.Counts{Created: 2, Updated: 1}, sync())
		require.Equal(t, []string{"1 de ∅ ∅", "1 en Won ∅", "1 fr ∅ ∅", "2 en a␀b "}, b.Column(t, translationRows))

		// A change of the row itself has its translations before and after.
		remote.PutRaw(`{"id":1,"name":"uno","headline":{"it":"Uno"}}`)
		require.Equal(t, synced.Counts{Created: 1, Updated: 1}, sync())
		require.Len(t, changes, 1)
		require.Equal(t, texts("en", "Won", "fr", "∅", "de", "∅"), changes[0].Old.Headline)
		require.Equal(t, texts("it", "Uno"), changes[0].New.Headline)

		// They go with their row, of whom the handler still sees them.
		remote.Delete(1)
		sync()
		require.Equal(t, []string{"2 en a␀b "}, b.Column(t, translationRows))
		require.Equal(t, "Uno", changes[0].Old.Headline.Translation("it"))
	})
}

func TestContract_C55_C12_ASecondRunWritesNoTranslation(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		onBothNamed(t, fmt.Sprintf("%T", commit), func(t *testing.T, b *harness.Bundle) {
			for id := range 5 {
				b.Server.Collection("villas").Put(remotetest.Record{"id": id + 1, "name": "x", "headline": harness.Nested{"en": "a", "fr": nil}, "description": harness.Nested{"fr": "b"}})
			}
			d := manors(b)
			d.Commit = commit
			m := harness.Model(t, b, d)
			harness.Sync(t, m, synced.In(7))
			b.Server.Collection("villas").Put(remotetest.Record{"id": 2, "name": "x", "headline": harness.Nested{"en": "a"}})
			harness.Sync(t, m, synced.In(7))
			before := append(b.Written(t, "villas"), b.Written(t, "villas_translations")...)
			result := harness.Sync(t, m, synced.In(7))
			require.Equal(t, harness.Counts{Unchanged: 5}, harness.CountsOf(result))
			require.Equal(t, synced.Counts{}, result.Children["villas_translations"])
			require.Equal(t, before, append(b.Written(t, "villas"), b.Written(t, "villas_translations")...))
		})
	}
}

func onBothNamed(t *testing.T, name string, test func(t *testing.T, b *harness.Bundle)) {
	t.Run(name, func(t *testing.T) { harness.OnBoth(t, test) })
}

func TestContract_C55_TranslationsInAJSONColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		remote := b.Server.Collection("chalets")
		remote.PutRaw(`{"id":1,"headline":{"fr":null,"en":"One"},"description":{}}`)
		remote.PutRaw(`{"id":2,"headline":null}`)
		m := harness.Model(t, b, synced.Synced[Chalet]{Table: "chalets", Strategy: strategy.Full{}})
		require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created)
		require.Equal(t, []string{`{"en":"One","fr":null}`, "{}"}, b.Column(t, "SELECT CAST(headline AS text) FROM chalets ORDER BY synced_id"))
		list := harness.All(t, m)
		require.Equal(t, texts("en", "One", "fr", "∅"), list[0].Headline)
		require.Nil(t, list[0].About)
		require.Nil(t, list[1].Headline)

		// Null, empty and the order of locales make no difference, null and "" do.
		remote.PutRaw(`{"id":1,"headline":{"en":"One","fr":null},"description":null}`)
		remote.PutRaw(`{"id":2,"headline":{}}`)
		b.Execute(t, "UPDATE chalets SET about = NULL")
		before := b.Written(t, "chalets")
		diff, err := m.Check(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff.String())
		require.Equal(t, before, b.Written(t, "chalets"))
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		remote.PutRaw(`{"id":1,"headline":{"en":"One","fr":""}}`)
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))

		// A locale that the remote dropped is gone.
		remote.PutRaw(`{"id":1,"headline":{"en":"One"}}`)
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, []string{`{"en":"One"}`, "{}"}, b.Column(t, "SELECT CAST(headline AS text) FROM chalets ORDER BY synced_id"))
	})
}

func TestContract_C55_C52_TranslationsAreWrittenAsASet(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv := remotetest.New(remotetest.Config{PerPage: 1000, Token: harness.Token})
		t.Cleanup(srv.Close)
		b.Server, b.API = srv, harness.Client(t, srv, harness.Token)
		count := b.Statements(t)
		m := harness.Model(t, b, manors(b))
		cost := func(rows int, text string) int64 {
			for i := range rows {
				b.Server.Collection("villas").Put(remotetest.Record{"id": i + 1, "name": "x", "headline": harness.Nested{"en": text, "fr": text}, "description": harness.Nested{"de": text}})
			}
			count.Store(0)
			require.Equal(t, 1, harness.Sync(t, m, synced.In(7)).Pages)
			return count.Load()
		}
		few, changed, unchanged := cost(25, "new"), cost(25, "changed"), cost(25, "changed") // enough for a COPY
		b.Execute(t, "DELETE FROM villas")
		require.Empty(t, b.Column(t, "SELECT locale FROM villas_translations"), "they go with their rows")
		require.Equal(t, few, cost(700, "new"), "created")
		require.Equal(t, changed, cost(700, "changed"), "updated")
		require.Equal(t, unchanged, cost(700, "changed"), "unchanged")
		require.Len(t, b.Column(t, "SELECT locale FROM villas_translations"), 2100)
		t.Logf("statements of a page of any size: %d created, %d updated, %d unchanged", few, changed, unchanged)

		// More rows than are read at a time.
		list := harness.All(t, m)
		require.Len(t, list, 700)
		for i, v := range list {
			require.Equal(t, int64(i+1), v.SyncedID)
			require.Equal(t, texts("en", "changed", "fr", "changed", "de", "∅"), v.Headline)
		}
	})
}

func TestContract_C55_C31_C34_DifferencesOfTranslations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Server.Collection("villas").PutRaw(`{"id":1,"name":"one","headline":{"en":"One","fr":null}}`)
		b.Server.Collection("villas").PutRaw(`{"id":2,"name":"two","headline":{"en":"Two"}}`)
		m := harness.Model(t, b, manors(b))
		harness.Sync(t, m, synced.In(7))
		check := func() *synced.Diff {
			diff, err := m.Check(ctx, synced.In(7))
			require.NoError(t, err)
			return diff
		}
		require.True(t, check().Passed())
		b.Execute(t, "UPDATE villas_translations SET headline = 'edited', about = 'added' WHERE headline = 'One'")
		diff := check()
		require.Equal(t, "villas (account_id 7): 2 compared: 0 missing, 0 additional, 1 changed\n"+
			"           remote id  column       local     remote\n"+
			"  changed  1          headline.en  \"edited\"  \"One\"\n"+
			"  changed  1          about.en     \"added\"   null\n", diff.String())

		// What was edited since is not overwritten by applying.
		b.Execute(t, "UPDATE villas_translations SET headline = 'again' WHERE headline = 'edited'")
		_, err := m.Apply(ctx, synced.In(7), diff)
		require.ErrorIs(t, err, synced.ErrStale)
		result, err := m.Apply(ctx, synced.In(7), check())
		require.NoError(t, err)
		require.Equal(t, synced.Counts{Updated: 1}, result.Children["villas_translations"])
		require.True(t, check().Passed())
	})
}

func TestContract_C55_MistakesInTranslations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		try := func(want string, err error) {
			t.Helper()
			require.EqualError(t, err, want)
		}
		d := manors(b)
		fails := func(want string) {
			t.Helper()
			_, err := synced.New(context.Background(), b.DB, d)
			try("synced: villas: "+want, err)
		}
		require.NoError(t, d.CreateTable(context.Background(), b.DB))
		require.NoError(t, d.CreateTable(context.Background(), b.DB), "once more")
		d.TranslationTable = "villa_texts"
		fails(`field Headline: the database has no table "villa_texts" for its translations: create it, Synced.Schema has the DDL`)
		d.TranslationTable = "villas"
		fails(`TranslationTable "villas" is no table of its own: name another, or leave it out`)
		d.TranslationTable = "villa_texts"
		for ddl, want := range map[string]string{
			"parent_id bigint, locale text, headline text, UNIQUE (parent_id, locale)":                                 `field About: the table "villa_texts" has no column "about": ALTER TABLE "villa_texts" ADD COLUMN "about" text`,
			"parent_id bigint, headline text, about text":                                                              `the table "villa_texts" of translations has no column "locale": add it, Synced.Schema has the DDL`,
			"parent_id bigint, locale text, headline text, about text":                                                 `the table "villa_texts" has no unique index on (parent_id, locale): CREATE UNIQUE INDEX ON "villa_texts" (parent_id, locale)`,
			"parent_id bigint, locale text, headline text NOT NULL, about text":                                        `field Headline: column "headline" of table "villa_texts" is null where a locale has no text, but the column is NOT NULL: allow null`,
			"parent_id bigint, locale text, headline text, about text, more text NOT NULL, UNIQUE (parent_id, locale)": `column "more" of table "villa_texts" is NOT NULL without a default, and no translation fills it: give it a default`,
		} {
			b.Execute(t, "CREATE TABLE villa_texts ("+ddl+")")
			fails(want)
			b.Execute(t, "DROP TABLE villa_texts")
		}
		if b.Pool != nil {
			b.Execute(t, "CREATE TABLE villa_texts (parent_id bigint, locale text, headline integer, about text, UNIQUE (parent_id, locale))")
			fails(`field Headline: column "headline" of table "villa_texts" is of type integer, which does not hold any text: make it text`)
		}

		type keyless struct {
			SyncedID int64               `json:"id" db:"synced_id"`
			Headline synced.Translations `json:"headline" db:"headline" synced:"translated"`
		}
		_, err := synced.New(context.Background(), b.DB, synced.Synced[keyless]{Table: "villas"})
		try("synced: villas: field Headline: it is translated, but rows have no local key for their translations to point to: add ID int64 `db:\"id\"`", err)
		type untyped struct {
			ID       int64             `db:"id"`
			SyncedID int64             `json:"id" db:"synced_id"`
			Headline map[string]string `json:"headline" db:"headline" synced:"translated"`
		}
		_, err = synced.New(context.Background(), b.DB, synced.Synced[untyped]{Table: "villas"})
		try("synced: villas: field Headline: it is translated, but of type map[string]string: make it synced.Translations", err)
		_, err = synced.New(context.Background(), b.DB, synced.Synced[Chalet]{Table: "villas", TranslationTable: "x"})
		try("synced: villas: TranslationTable is \"x\", but no field is translated: tag one with `synced:\"translated\"`, or leave it out", err)

		b.Server.Collection("villas").PutRaw(`{"id":1,"name":"one","headline":"One"}`)
		d.TranslationTable = ""
		_, err = harness.Bind(t, b, d).Synchronize(context.Background(), synced.In(7))
		try(`synced: villas (account_id 7): page 1: record 1: headline: the string "One" does not fit field Headline of type mapper.Translations; make Headline a string, or set Invalid: synced.Quarantine{}`, err)
	})
}

// pgx reads the model's own columns into the same struct.
func TestContract_C55_PgxReadsTheTable(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	b.Server.Collection("villas").PutRaw(`{"id":1,"name":"one","headline":{"en":"One"}}`)
	b.Server.Collection("chalets").PutRaw(`{"id":1,"headline":{"en":"One","fr":null}}`)
	harness.Sync(t, harness.Model(t, b, manors(b)), synced.In(7))
	harness.Sync(t, harness.Model(t, b, synced.Synced[Chalet]{Table: "chalets"}), synced.NoScope)

	rows, err := b.Pool.Query(context.Background(), "SELECT id, synced_id, account_id, name FROM villas")
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Manor])
	require.NoError(t, err)
	require.Equal(t, []Manor{{ID: 1, SyncedID: 1, AccountID: 7, Name: "one"}}, list)
	rows, err = b.Pool.Query(context.Background(), "SELECT id, synced_id, headline FROM chalets")
	require.NoError(t, err)
	chalets, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Chalet])
	require.NoError(t, err)
	require.Equal(t, []Chalet{{ID: 1, SyncedID: 1, Headline: texts("en", "One", "fr", "∅")}}, chalets)
}

// Texts of BookingSync's, in both styles.
func TestRecorded_Translations(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type rental struct {
			ID       int64               `db:"id"`
			SyncedID int64               `json:"id" db:"synced_id"`
			Headline synced.Translations `json:"headline" db:"headline" synced:"translated"`
			Summary  synced.Translations `json:"summary" db:"short" synced:"translated"`
			About    synced.Translations `json:"description" db:"description"`
		}
		m := harness.Model(t, b, synced.Synced[rental]{Table: "rentals", TranslationTable: "rental_texts", Strategy: strategy.Full{}, API: harness.Replay(t, recorded.Load(t, "rentals"))})
		require.Equal(t, synced.Counts{Created: 4}, harness.Sync(t, m, synced.NoScope).Children["rental_texts"])
		require.Equal(t, synced.Counts{}, harness.Sync(t, m, synced.NoScope).Children["rental_texts"])
		require.Equal(t, []string{"5116 en", "5116 fr", "5117 en", "5117 fr"}, b.Column(t, "SELECT synced_id || ' ' || locale FROM rental_texts JOIN rentals r ON r.id = parent_id ORDER BY 1"))
		list := harness.All(t, m)
		require.Equal(t, "Villa Boubouki - Villa de charme face à la mer dans bel espace de détente. ", list[0].Headline.Translation("fr"))
		require.Equal(t, list[0].Headline.Translation("en"), list[0].Headline.Translation("de", "en"))
		require.Equal(t, []string{"en", "fr"}, list[1].Summary.Locales())
		require.Contains(t, list[1].About.Translation("en-GB"), "Providing everything you need")
		require.Empty(t, list[2].Headline)
		diff, err := m.Check(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), diff.String())
	})
}
