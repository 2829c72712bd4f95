package recipes

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

// What rest.Recognize finds of these APIs by a look at a list reads all of it.
func TestRecognize(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		api        api
		list       string
		auth       wire.Auth
		pagination string
		sees       []string // other findings
	}{
		"GitHub": {
			api{credentials: "Bearer secret", known: known("per_page", "page", "state"), serve: gitHub},
			"/repos/acme/one/issues?state=all&per_page=100", wire.Bearer("secret"), "rest.LinkHeader{}",
			[]string{"RecordsKey rest.Root", "PerPage 100", `id "id"`},
		},
		"GitLab": {
			api{header: "PRIVATE-TOKEN", credentials: "secret", known: known("per_page", "page", "scope"), serve: gitLab},
			"/projects/1/issues?scope=all", wire.APIKeyHeader("PRIVATE-TOKEN", "secret"), "rest.LinkHeader{}", []string{`id "id"`},
		},
		"HubSpot": {
			api{credentials: "Bearer secret", known: known("limit", "after", "properties"), serve: hubSpot},
			"/contacts?limit=100&properties=email", wire.Bearer("secret"), `rest.Cursor{Param: "after", Path: "paging.next.after", Omitted: true}`,
			[]string{`RecordsKey "results"`},
		},
		"Jira": {
			api{credentials: basic("me", "secret"), known: known("jql", "fields", "maxResults", "nextPageToken"), serve: jira},
			"/search/jql?maxResults=100&fields=summary&jql=" + url.QueryEscape("project = SYN"), wire.Basic("me", "secret"),
			`rest.Cursor{Param: "nextPageToken", PerPage: "maxResults", Path: "nextPageToken", EndPath: "isLast"}`, []string{`RecordsKey "issues"`},
		},
		"Airtable": {
			api{credentials: "Bearer secret", known: known("pageSize", "offset"), serve: airtable},
			"/Tasks?pageSize=100", wire.Bearer("secret"), `rest.Cursor{Param: "offset", PerPage: "pageSize", Path: "offset", Omitted: true}`, nil,
		},
		"WordPress": {
			api{credentials: basic("sync", "secret"), known: known("per_page", "page", "status", "orderby", "order"), serve: wordPress},
			"/posts?status=any&orderby=id&order=asc&per_page=100", wire.Basic("sync", "secret"), `rest.PageNumber{TotalPagesHeader: "X-Wp-Totalpages"}`,
			[]string{`TotalHeader "X-Wp-Total"`, "RecordsKey rest.Root"},
		},
		"WooCommerce": {
			api{credentials: basic("key", "secret"), known: known("per_page", "page"), serve: wooCommerce},
			"/products?per_page=100", wire.Basic("key", "secret"), `rest.PageNumber{TotalPagesHeader: "X-Wp-Totalpages"}`, []string{`TotalHeader "X-Wp-Total"`},
		},
		"Redmine": {
			api{header: "X-Redmine-API-Key", credentials: "secret", known: known("limit", "offset", "status_id"), serve: redmine},
			"/issues.json?status_id=*&limit=100", wire.APIKeyHeader("X-Redmine-API-Key", "secret"), "rest.Offset{}", []string{`TotalPath "total_count"`},
		},
		"PocketBase": {
			api{credentials: "Bearer secret", known: known("page", "perPage"), serve: pocketBase},
			"/collections/posts/records?perPage=500", wire.Bearer("secret"), `rest.PageNumber{PerPage: "perPage", TotalPagesPath: "totalPages"}`,
			[]string{`TotalPath "totalItems"`, `RecordsKey "items"`, `changed "updated"`},
		},
		"Zendesk": {
			api{credentials: basic("me", "secret"), known: known("page[size]", "page[after]"), serve: zendesk},
			"/users.json?page[size]=100", wire.Basic("me", "secret"), `rest.NextURL{Path: "links.next", PerPage: "page[size]", MorePath: "meta.has_more"}`, nil,
		},
		"Zendesk's export": {
			api{credentials: basic("me", "secret"), known: known("start_time", "cursor"), serve: zendeskExport},
			"/incremental/tickets/cursor.json?start_time=1", wire.Basic("me", "secret"), `rest.NextURL{Path: "after_url", EndPath: "end_of_stream"}`,
			[]string{`RecordsKey "tickets"`},
		},
		"Shopify": {
			api{header: "X-Shopify-Access-Token", credentials: "secret", known: known("limit", "page_info", "status"), serve: shopify},
			"/orders.json?status=any&limit=250", wire.APIKeyHeader("X-Shopify-Access-Token", "secret"), `rest.LinkHeader{PerPage: "limit"}`, nil,
		},
		"Salesforce": {
			api{credentials: "Bearer secret", known: known("q"), serve: salesforce},
			"/services/data/v62.0/queryAll?q=" + url.QueryEscape("SELECT Id, Name, IsDeleted, SystemModstamp FROM Account"), wire.Bearer("secret"),
			`rest.NextURL{Path: "nextRecordsUrl", EndPath: "done"}`, []string{`TotalPath "totalSize"`, `RecordsKey "records"`, `id "Id"`, `changed "SystemModstamp"`, `Tombstone "IsDeleted"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			against(t, c.api, func(t *testing.T, f *fake) {
				found, err := rest.Recognize(t.Context(), f.url+c.list, c.auth)
				require.NoError(t, err)
				told := map[string]string{}
				for _, f := range found.Findings {
					told[f.Setting] = f.Value
				}
				require.Equal(t, c.pagination, told["Pagination"], found)
				for _, finding := range c.sees {
					setting, value, _ := strings.Cut(finding, " ")
					require.Equal(t, value, told[setting], found)
				}
				client, err := rest.NewClient(found.Config)
				require.NoError(t, err)
				listed := 0
				for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: found.Endpoint, Query: found.Query}) {
					require.NoError(t, err, found)
					listed += len(page.Objects)
				}
				require.Equal(t, 8, listed)
			})
		})
	}
}
