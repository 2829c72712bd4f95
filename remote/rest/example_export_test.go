package rest_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func ExampleExport() {
	srv := remotetest.New(remotetest.Config{
		Token:  "secret",
		Style:  remotetest.Style{Format: remotetest.AsNDJSON, GzipFile: true},
		Export: &remotetest.Export{Files: 2},
	})
	defer srv.Close()
	srv.Collection("rentals").Put(
		remotetest.Record{"id": 1, "name": "Villa"},
		remotetest.Record{"id": 2, "name": "Chalet"},
	)

	api, err := rest.NewClient(rest.Config{
		BaseURL: srv.URL(),
		Auth:    wire.Bearer("secret"),
		Body:    rest.NDJSON{},
		Export: &rest.Export{
			Job:   "id",
			Poll:  rest.Step{Path: "exports/%s"},
			State: "state", Done: []string{"done"}, Failed: []string{"failed"},
			Files:  "files.url",
			Hosts:  []string{srv.Files()}, // which get no credentials
			Delete: rest.Step{Method: http.MethodDelete, Path: "exports/%s"},
		},
		Clock: srv.Clock(), // which does not wait
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for page, err := range api.Pages(context.Background(), remote.Request{Endpoint: "rentals"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, rental := range page.Objects {
			name, _ := remote.Get[string](rental, "name")
			fmt.Println(name)
		}
	}
	fmt.Println(srv.Exports(), "exports are left")
	// Output:
	// Villa
	// Chalet
	// 0 exports are left
}
