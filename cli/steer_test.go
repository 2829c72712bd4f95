package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/remote/remotetest"
)

func TestContract_C259_Outbox(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Outbox = true })
		p.expect(0, "outbox status", "no consumer has read the outbox")
		p.put(1, "one", "two", "three")
		require.NoError(t, exit(p.run("sync", "-s", "1")))
		require.Len(t, harness.Deliver(t, b, "index", 2), 2)
		require.Len(t, harness.Deliver(t, b, "mails", -1), 3)
		p.expect(0, "outbox status",
			"CONSUMER  POSITION  BEHIND  OLDEST",
			"index     1         2       2 hours ago",
			"mails     3         0       –")
		out, code := p.run("outbox", "status", "--json")
		require.Equal(t, 0, code)
		require.Contains(t, out, `{"consumer":"index","position":1,"behind":2,"oldest":"`)
		require.Contains(t, out, `{"consumer":"mails","position":3,"behind":0}`)

		p.expect(0, "outbox rewind mails --after 1", "mails: rewound")
		require.Len(t, harness.Deliver(t, b, "mails", -1), 2)
		p.expect(0, "outbox rewind mails --since 24h --json", `{"consumer":"mails","done":"rewound"}`)
		require.Len(t, harness.Deliver(t, b, "mails", -1), 3)
		out, code = p.run("outbox", "rewind", "mail", "--after", "1")
		require.Equal(t, 2, code)
		require.Contains(t, out, "no such consumer")

		p.expect(0, "outbox prune --age 1ns", "1 change dropped")
		p.expect(2, "outbox drop indx", "error: no consumer indx: did you mean index?")
		p.expect(0, "outbox drop index", "index: dropped")
		p.expect(0, "cleanup --age 1ns --json", `{"changes":2,"times":0,"budgets":0}`)
	})
}

func TestContract_C260_Schedule(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, nil)
		p.registry.Schedule.Poll, p.registry.Schedule.Refresh = 10*time.Millisecond, 10*time.Millisecond
		p.put(1, "one")
		p.expect(0, "schedule list", "nothing is known yet: a schedule that runs makes its scopes known")
		p.started(func() bool {
			return len(b.Column(t, "SELECT scope_id FROM synced_schedules WHERE ended_at IS NOT NULL")) == 2
		})
		out, code := p.run("schedule", "list")
		require.Equal(t, 0, code)
		lines := strings.Split(out, "\n")
		require.Equal(t, []string{"MODEL", "SCOPE", "EVERY", "NEXT", "LAST", "FAILURES", "NOTE"}, strings.Fields(lines[0]))
		require.Equal(t, []string{"rentals", "1", "1h0m0s", "now", "2", "hours", "ago", "0"}, strings.Fields(lines[1]))

		require.Equal(t, exit(p.run("schedule", "pause", "rentals", "-s", "1", "--why", "moves house")), nil)
		out, _ = p.run("status", "-s", "1")
		require.Contains(t, out, "–     paused  moves house")
		out, _ = p.run("schedule", "list", "--scope", "1", "--json")
		require.Contains(t, out, `"paused":"moves house"`)
		p.expect(0, "schedule run --all", "1 scope due now")
		p.expect(0, "schedule resume rentals --json", `{"done":"resumed","count":1}`)
		p.expect(0, "schedule resume rentals", "0 scopes resumed")
		out, _ = p.run("status", "--json", "-s", "1")
		require.Contains(t, out, `"next":"`)

		requests := b.Server.Requests()
		p.started(func() bool { return b.Server.Requests() >= requests+2 })
	})
}

func TestContract_C261_NoSecretIsPrinted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, nil)
		tokens, err := oauth.New(b.DB, oauth.Config{
			Key: []byte("0123456789abcdef0123456789abcdef"), Client: &oauth2.Config{ClientID: "id", ClientSecret: "client-secret",
				Endpoint: oauth2.Endpoint{TokenURL: b.Server.TokenURL(), AuthStyle: oauth2.AuthStyleInParams}},
		})
		require.NoError(t, err)
		p.registry.Tokens = tokens
		p.expect(0, "tokens list", "no tokens are kept")
		for _, name := range []string{"ann", "bob"} {
			require.NoError(t, tokens.Save(t.Context(), name, &oauth2.Token{AccessToken: "secret-access", RefreshToken: "secret-refresh", Expiry: time.Now().Add(time.Hour)}))
		}
		b.Execute(t, "UPDATE synced_tokens SET refused_at = updated_at WHERE name = 'bob'")
		p.expect(0, "tokens list",
			"ACCOUNT  UPDATED      STATE",
			"ann      2 hours ago  ok",
			"bob      2 hours ago  refused 2 hours ago: the owner must consent again")
		out, code := p.run("tokens", "list", "--json")
		require.Equal(t, 0, code)
		require.Regexp(t, `^\{"name":"ann","updated":"[^"]+"\}\n\{"name":"bob","updated":"[^"]+","refused":"[^"]+"\}\n$`, out)
		p.expect(2, "tokens forget an", "error: no token of an: did you mean ann?")
		p.expect(0, "tokens forget ann", "ann: forgotten")

		// Nor are credentials in what runs have to say.
		b.Server.Script(remotetest.Fault{Status: 500, Token: token("1"), Body: "your token is " + token("1"), Times: -1})
		for _, args := range [][]string{{"sync"}, {"sync", "--json"}, {"check"}, {"status"}, {"status", "--json"}} {
			out, _ := p.run(args...)
			require.NotContains(t, out, token("1"), args)
		}
	})
}
