package shown_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/shown"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "",
		`plain "text" \ of é 日本 👍`:        `plain "text" \ of é 日本 👍`,
		"\x1b[31mred\x1b[0m":              `\x1b[31mred\x1b[0m`,
		"a\nb\r\tc\v\x00\a\b":             `a\nb\r\tc\v\x00\a\b`,
		"\u202egnp.exe\u2066\u200b\ufeff": `\u202egnp.exe\u2066\u200b\ufeff`,
		"\u2028line\u2029\u0085\u009b":    `\u2028line\u2029\u0085\u009b`,
		"\x7f\xff\xc3":                    `\x7f\xff\xc3`,
		"tag \U000e0041 no-break\u00a0":   `tag \U000e0041 no-break\u00a0`,
		"\ufffd":                          "\ufffd",
	} {
		require.Equal(t, want, shown.Text(text))
		require.Equal(t, want, shown.Text(shown.Text(text)), "it is the same when it is shown again")
	}
}
