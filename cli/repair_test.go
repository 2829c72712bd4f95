package cli

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
)

func TestContract_C257_CheckAndApply(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Remove = synced.Destroy{} })
		p.put(1, "one", "two")
		p.put(2, "three")
		require.NoError(t, exit(p.run("sync")))
		p.expect(0, "check --jobs 1", "rentals (account_id 1): 2 compared, nothing differs", "rentals (account_id 2): 1 compared, nothing differs")
		b.Execute(t, "UPDATE rentals SET name = 'mine' WHERE synced_id = 100")
		b.Execute(t, "DELETE FROM rentals WHERE synced_id = 200")
		p.expect(1, "check rentals --scope 1", "rentals (account_id 1): 2 compared: 0 missing, 0 additional, 1 changed",
			"           remote id  column  local   remote",
			`  changed  100        name    "mine"  "one"`,
			"error: 1 of 1 scope differ")
		found, code := p.run("check", "--json", "--jobs", "1")
		require.Equal(t, 1, code)
		found = strings.TrimSuffix(found, "error: 2 of 2 scopes differ\n")
		var line struct {
			Model, Scope string
			Passed       bool
			Diff         synced.Diff
		}
		require.NoError(t, json.Unmarshal([]byte(strings.Split(found, "\n")[0]), &line))
		require.Equal(t, "rentals 1 false", line.Model+" "+line.Scope+" "+map[bool]string{true: "true", false: "false"}[line.Passed])
		require.Len(t, line.Diff.Changed, 1)

		requests, asked := b.Server.Requests(), 0
		models := p.registry.Models
		p.registry.Models = func(ctx context.Context) ([]schedule.Entry, error) {
			list, err := models(ctx)
			scopes := list[0].Scopes
			list[0].Scopes = func(ctx context.Context) iter.Seq2[synced.Scope, error] { asked++; return scopes(ctx) }
			return list, err
		}
		p.in = found
		p.expect(0, "apply -", "rentals 1: 1 updated (0 requests, …)", "rentals 2: 1 created (0 requests, …)", "2 runs: 1 created, 1 updated")
		require.Equal(t, requests, b.Server.Requests())
		require.Equal(t, 1, asked, "not for each of them")
		out, code := p.run("apply", "-")
		require.Equal(t, 2, code, "it is as the diff wants it: %s", out)
		require.Contains(t, out, "not as it was when the diff was made")
		require.Contains(t, out, "error: 2 of 2 runs failed")
		require.NoError(t, exit(p.run("check")))

		for in, says := range map[string]string{
			`{"model":"rentls","scope":"1","diff":{}}`: "no model rentls: did you mean rentals?",
			`{"model":"rentals","diff":{}}`:            "rentals has 2 scopes: choose one with --scope",
			`{"name":"x"}`:                             "no model is named",
			`{"model":`:                                "can't be read",
			`no JSON`:                                  "can't be read",
		} {
			p.in = in
			out, code := p.run("apply", "-")
			require.Equal(t, 2, code, in)
			require.Contains(t, out, says)
		}
		p.in = ""
		out, code = p.run("apply", "nowhere.json")
		require.Equal(t, 2, code)
		require.Contains(t, out, "nowhere.json")
	})
}

func TestContract_C257_ResetAndRemap(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Strategy = nil })
		p.put(1, "one")
		require.NoError(t, exit(p.run("sync")))
		p.expect(0, "reset rentals --scope 1", "rentals 1: reset")
		p.expect(0, "reset rentals --all --json", `{"model":"rentals","scope":"1","done":"reset","count":1}`, `{"model":"rentals","scope":"2","done":"reset","count":1}`)
		out, code := p.run("sync", "-s", "1")
		require.Equal(t, 0, code)
		require.Contains(t, out, "rentals 1: nothing changed")
		p.expect(0, "remap rentals", "rentals: nothing changed (0 requests, …)")
		p.rentals.MapVersion = 2
		p.expect(0, "remap rentals --scope 1", "rentals 1: nothing changed (0 requests, …)")
	})
}

func TestContract_C258_Quarantine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Invalid, d.Strategy = synced.Quarantine{}, nil })
		p.expect(0, "quarantine list", "nothing is in quarantine")
		p.put(1, "one")
		bad := b.Server.Account(token("1")).Collection("rentals")
		bad.Put(remotetest.Record{"id": 1, "name": "two", "surface": "wide\x1b[2J"}, remotetest.Record{"id": 2, "name": "three", "surface": "wide"})
		p.expect(0, "sync -s 1", "rentals 1: 1 created, 2 in quarantine (1 request, …)")
		out, code := p.run("quarantine", "list")
		require.Equal(t, 0, code)
		require.NotContains(t, out, "\x1b")
		lines := strings.Split(out, "\n")
		require.Equal(t, "MODEL    SCOPE  ID  SINCE        TRIES  ERROR", lines[0])
		require.True(t, strings.HasPrefix(lines[1], "rentals  1      1   2 hours ago  1      "), out)
		out, code = p.run("quarantine", "list", "--json")
		require.Equal(t, 0, code)
		require.Contains(t, out, `{"model":"rentals","scope":"1","id":"1","error":"`)
		require.NotContains(t, out, `"object"`)
		out, _ = p.run("quarantine", "list", "--json", "--objects")
		require.Contains(t, out, `"object":{"id":`)

		// Where the remote has mended one, it can be asked for.
		bad.Put(remotetest.Record{"id": 1, "name": "two", "surface": 20})
		p.expect(0, "quarantine retry --id 1", "rentals 1: 1 created (1 request, …)")
		out, code = p.run("quarantine", "retry")
		require.Equal(t, 0, code)
		require.Contains(t, out, "rentals 1: 1 in quarantine", "it is tried again by a run: %s", out)

		p.expect(2, "quarantine drop rentals --id 7", "error: rentals: no such record is in quarantine")
		p.expect(0, "quarantine drop rentals --scope 2 --all", "rentals: 0 records dropped")
		p.expect(0, "quarantine drop rentals --id 2", "rentals: 1 record dropped")
		p.expect(0, "quarantine list", "nothing is in quarantine")
		p.expect(0, "quarantine retry", "nothing is in quarantine")
		out, _ = p.run("status", "--json", "-s", "1")
		require.Contains(t, out, `"quarantined":0`)
		require.NoError(t, exit(p.run("sync", "--full", "-s", "1")))
		out, _ = p.run("quarantine", "list")
		require.Contains(t, out, "rentals  1      2 ", "a complete run lists it again")
	})
}

func TestContract_C258_Removals(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Remove = synced.Destroy{Verify: synced.VerifyNever} })
		p.expect(0, "removals list", "no removal waits to be approved")
		p.put(1, "one", "two")
		require.NoError(t, exit(p.run("sync")))
		rentals := b.Server.Account(token("1")).Collection("rentals")
		rentals.Delete(100)
		rentals.Delete(101)
		require.NoError(t, exit(p.run("sync")))
		out, code := p.run("removals", "list", "--json")
		require.Equal(t, 0, code)
		var one removalJSON
		require.NoError(t, json.Unmarshal([]byte(out), &one), out)
		require.Equal(t, []string{"100", "101"}, one.IDs)
		require.Contains(t, out, `{"model":"rentals","scope":"1","rows":2,"of":2,"reason":"the remote listed nothing at all","plan":"`+one.Plan+`","at":"`)
		p.expect(0, "removals list --scope 1",
			"rentals 1: 2 of 2 rows, 2 hours ago: the remote listed nothing at all",
			"  synced removals approve rentals --scope 1 --plan "+one.Plan)
		out, code = p.run("removals", "approve", "rentals", "--scope", "1", "--plan", "another")
		require.Equal(t, 2, code)
		require.Contains(t, out, "no such refused removal")
		require.Len(t, b.Column(t, "SELECT synced_id FROM rentals"), 2)
		p.expect(0, "removals approve rentals --scope 1 --plan "+one.Plan, "rentals 1: 2 removed (0 requests, …)")
		require.Empty(t, b.Column(t, "SELECT synced_id FROM rentals"))
		p.expect(0, "removals list", "no removal waits to be approved")
	})
}
