package mapper

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTranslations_Translation(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	all := Translations{"en": text("en"), "pt-BR": text("pt-BR"), "pt": text("pt"), "fr": nil, "de": text(""), "zh-Hant": text("zh")}
	for _, c := range []struct {
		locales []string
		want    string
	}{
		{[]string{"en"}, "en"},
		{[]string{"en-GB"}, "en"},
		{[]string{"en_GB"}, "en"},
		{[]string{"pt-BR"}, "pt-BR"},
		{[]string{"pt-PT", "en"}, "pt"},
		{[]string{"zh-Hant-TW"}, "zh"},
		{[]string{"fr"}, ""},
		{[]string{"fr", "de", "en-US"}, "en"},
		{[]string{"it"}, ""},
		{[]string{"-"}, ""},
		{[]string{""}, ""},
	} {
		require.Equal(t, c.want, all.Translation(c.locales[0], c.locales[1:]...), c.locales)
	}
	require.Empty(t, Translations(nil).Translation("en", "fr"))
}

func TestTranslations_Equal(t *testing.T) {
	t.Parallel()
	a, b, empty := "a", "a", ""
	require.True(t, Translations(nil).Equal(Translations{}))
	require.True(t, Translations{"en": &a, "fr": nil}.Equal(Translations{"fr": nil, "en": &b}))
	require.False(t, Translations{"fr": nil}.Equal(Translations{"fr": &empty}))
	require.False(t, Translations{"fr": nil}.Equal(Translations{}))
}
