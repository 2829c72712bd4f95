package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

func TestTranslations_Columns(t *testing.T) {
	t.Parallel()
	en := "a\x00"
	require.Equal(t, `{"en":"a\u2400","fr":null}`, written(t, mapper.Translations{"fr": nil, "en": &en}))
	require.Equal(t, `{}`, written(t, mapper.Translations(nil)), "never null, so that the column may be NOT NULL")

	column, row := scanner[mapper.Translations](t)
	require.NoError(t, column.Scan(`{"en":"x","fr":null}`))
	require.Equal(t, "x", row.Value.Translation("en"))
	require.Equal(t, []string{"en", "fr"}, row.Value.Locales())
	for _, nothing := range []any{nil, "{}", []byte("null")} {
		require.NoError(t, column.Scan(nothing))
		require.Nil(t, row.Value)
	}
}

func TestPlan_TranslationsOf(t *testing.T) {
	t.Parallel()
	type translated struct {
		SyncedID int64               `json:"id" db:"synced_id"`
		Name     string              `json:"name" db:"name"`
		Headline mapper.Translations `json:"headline" db:"title" synced:"translated"`
	}
	p := planOf[translated](t, idOptions)
	columns, fields := p.Translated()
	require.Equal(t, []string{"title"}, columns)
	require.Equal(t, []string{"Headline"}, fields)
	require.Len(t, p.Columns(), 2, "not in the model's own table")

	unmapped := func() (backend.Row, error) { panic("mapped") }
	texts, err := p.TranslationsOf(object(t, `{"id":1,"name":5,"headline":{"en":"a\u0000b","fr":null}}`), unmapped)
	require.NoError(t, err)
	require.Equal(t, "a␀b", texts[0].Translation("en"))
	texts, err = p.TranslationsOf(object(t, `{"id":1}`), unmapped)
	require.NoError(t, err)
	require.Equal(t, []mapper.Translations{nil}, texts)
	_, err = p.TranslationsOf(object(t, `{"id":1,"headline":{"en":5}}`), unmapped)
	require.EqualError(t, err, `headline: the object {"en":5} does not fit field Headline of type mapper.Translations (at /en)`)
}
