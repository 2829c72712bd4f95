package main

import (
	"bytes"
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	for _, s := range styles {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			require.NoError(t, run(t.Context(), []string{"-style", s.name}, &b))
			lines := strings.Split(strings.TrimSpace(b.String()), "\n")
			require.Len(t, lines, 2, "a heading, and a line of the style")
			require.Regexp(t, "^"+s.name+` +\S.* +[1-9][0-9]* +9 +1 +1 +in step$`, lines[1])
		})
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		var b bytes.Buffer
		require.NoError(t, run(t.Context(), nil, &b))
		require.Equal(t, len(styles), strings.Count(b.String(), "  in step\n"))
	})
}

// Configurations that do not fit their API: not all of it is read, or what it
// deleted is not known.
func TestDemonstrate_SaysWhatIsNotInStep(t *testing.T) {
	t.Parallel()
	api := rest.Config{RecordsKey: rest.Root}
	_, err := style{api: api, fake: remotetest.Config{
		Style: remotetest.Style{Records: remotetest.Root, NoLink: true}}}.demonstrate(t.Context())
	require.EqualError(t, err, "3 rows; the API has 8 records", "the first page only")

	api.TotalHeader = "X-WP-Total"
	total, err := style{api: api, fake: remotetest.Config{
		Style:  remotetest.WordPressLike,
		Quirks: remotetest.Quirks{WrongTotal: 1}}}.demonstrate(t.Context())
	require.ErrorContains(t, err, "the remote says it has 9 records and listed 8")
	require.Equal(t, 1, total.Updated)

	api.Pagination = rest.PageNumber{}
	_, err = style{api: api, fake: remotetest.Config{
		Style:  remotetest.GitHubLike,
		Quirks: remotetest.Quirks{IgnoresPage: true}}}.demonstrate(t.Context())
	require.ErrorIs(t, err, remote.ErrPageRepeated)
}

func TestRun_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"-style soap: want one of github, wordpress, ": {"-style", "soap"},
		`argument "stripe" is not understood`:          {"stripe"},
		"-help shows the options":                      {"-bogus"},
	} {
		require.ErrorContains(t, run(t.Context(), args, io.Discard), want)
	}
	var b bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-help"}, &b), flag.ErrHelp)
	require.Contains(t, b.String(), "stripe, couchdb, ndjson, csv, export")
}
