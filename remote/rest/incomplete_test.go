package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

const one = `[{"id":1}]`

func TestIncomplete(t *testing.T) {
	t.Parallel()
	path := rest.Incomplete{Path: "meta.cut"}
	for member, c := range map[string]struct {
		rest.Incomplete
		partial, err string
	}{
		`"incomplete_results":true`:                                         {partial: "incomplete_results is true"},
		`"incompleteResults":true`:                                          {partial: "incompleteResults is true"},
		`"incomplete_results":false`:                                        {},
		`"timed_out":true`:                                                  {partial: "timed_out"},
		`"partial":true`:                                                    {partial: "partial"},
		`"errors":[{"message":"shard 3"}]`:                                  {partial: "errors is [{"},
		`"errors":[],"error":null,"ok":true`:                                {},
		`"error":"0"`:                                                       {},
		`"error":"database"`:                                                {partial: "error is"},
		`"success":false`:                                                   {partial: "success is false"},
		`"ok":false`:                                                        {partial: "ok is false"},
		`"meta":{"errors":[1]}`:                                             {partial: "errors is [1]"},
		`"meta":{"errors":[],"status":200}`:                                 {},
		`"responseHeader":{"status":0,"partialResults":true}`:               {partial: "responseHeader.partialResults is true"},
		`"_shards":{"total":5,"successful":4,"failed":1}`:                   {partial: "_shards is {"},
		`"_shards":{"total":5,"successful":4,"failed":0}`:                   {partial: "_shards is {"},
		`"_shards":{"total":5,"successful":5,"skipped":2,"failed":0}`:       {},
		`"status":"error","message":"token expired"`:                        {partial: "status is \"error\""},
		`"status":"FAIL"`:                                                   {partial: "status is"},
		`"status":"OVER_QUERY_LIMIT"`:                                       {partial: "status is"},
		`"status":"ok","code":0,"result":"success","errmsg":"ok","errno":0`: {},
		`"status":{"error_code":1001,"error_message":"no such key"}`:        {partial: "status.error_code is 1001"},
		`"status":{"error_code":0,"error_message":null}`:                    {},
		`"statusCode":500`:                                                  {partial: "statusCode is 500"},
		`"code":"401","msg":"token"`:                                        {partial: "code is \"401\""},
		`"code":200,"status":1`:                                             {},
		`"errcode":40001`:                                                   {partial: "errcode is 40001"},
		`"hasErrors":true`:                                                  {partial: "hasErrors is true"},
		`"Fault":{"Error":[1]}`:                                             {partial: "Fault is"},
		`"meta":{"cut":true}`:                                               {Incomplete: path, partial: "meta.cut is true"},
		`"meta":{"cut":"shard 3 did not answer"}`:                           {Incomplete: path, partial: "shard 3"},
		`"meta":{"cut":false}`:                                              {Incomplete: path},
		`"meta":{"cut":[]}`:                                                 {Incomplete: path},
		`"meta":{}`:                                                         {Incomplete: path, err: "meta.cut is missing"},
		`"meta":{"x":1}`:                                                    {Incomplete: rest.Incomplete{Path: "meta.cut", Omitted: true}},
		`"error":"is usual here"`:                                           {Incomplete: rest.Incomplete{Path: rest.None}},
		`"header":1`:                                                        {Incomplete: rest.Incomplete{If: func(r *rest.Response) bool { return r.Header.Get("X-Cut") != "" }}, partial: "Config.Incomplete"},
	} {
		for _, padding := range []string{"", `"pad":"` + strings.Repeat("x", 100) + `",`} {
			pages, err := rentals(t, serve(t, rest.Config{Incomplete: c.Incomplete}, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Cut", "yes")
				body(w, one, padding+member)
			}))
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				continue
			}
			require.NoError(t, err, member)
			if c.partial == "" {
				require.Empty(t, pages[0].Partial, member)
				continue
			}
			require.Contains(t, pages[0].Partial, c.partial)
		}
	}
	// The records themselves may be called errors.
	client := serve(t, rest.Config{}, answer(200, jsonType, `{"errors":[{"id":1}]}`))
	pages, err := collect(t, t.Context(), client, remote.Request{Endpoint: "errors"})
	require.NoError(t, err)
	require.Empty(t, pages[0].Partial)
	_, err = rest.NewClient(rest.Config{BaseURL: "https://example.com", Incomplete: rest.Incomplete{Omitted: true}})
	require.ErrorContains(t, err, "Omitted without a Path")
}

// A list that is not there is empty only where that is declared, and not in place of
// an error.
func TestRecordsOmitted(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		key          string
		ok, declared bool
		partial      bool
	}{
		`{"rentals":null}`:                   {declared: true},
		`{}`:                                 {declared: true},
		`{"meta":{"total":0}}`:               {declared: true},
		`{"data":null}`:                      {key: "data.items", declared: true},
		`{"data":{}}`:                        {key: "data.items", declared: true},
		`{"data":{"items":null}}`:            {key: "data.items", declared: true},
		`null`:                               {key: rest.Root, declared: true},
		` null `:                             {key: "rentals", declared: true},
		`{"rentals":[]}`:                     {ok: true, declared: true},
		`{"error":"database"}`:               {declared: true, partial: true},
		`{"data":null,"errors":[{"m":1}]}`:   {key: "data.rentals", declared: true, partial: true},
		`{"success":false,"rentals":null}`:   {declared: true, partial: true},
		`{"message":"no such thing"}`:        {},
		`{"rentals":false}`:                  {},
		`{"rentals":""}`:                     {},
		`{"rentals":{}}`:                     {},
		`false`:                              {key: rest.Root},
		``:                                   {},
		`{"data":[],"exception":{"code":1}}`: {key: "items"},
	} {
		for _, declared := range []bool{false, true} {
			pages, err := rentals(t, serve(t, rest.Config{RecordsKey: c.key, RecordsOmitted: declared}, answer(200, jsonType, text)))
			if good := c.ok || declared && c.declared; !good {
				require.Error(t, err, text)
				continue
			}
			require.NoError(t, err, text)
			require.Len(t, pages, 1)
			require.NotNil(t, pages[0].Objects)
			require.Empty(t, pages[0].Objects)
			require.Equal(t, c.partial && declared, pages[0].Partial != "", text)
		}
	}
	for text, hint := range map[string]string{`{}`: "rest.Config.RecordsOmitted", `{"rentals":null}`: "rest.Config.RecordsOmitted", `{"rentals":{}}`: "an object, not a list"} {
		_, err := rentals(t, serve(t, rest.Config{}, answer(200, jsonType, text)))
		require.ErrorContains(t, err, hint)
	}
}
