package reports_test

import (
	"net/http"
	"testing"

	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
)

// An answer with status 200 that says in its body that it failed, or lacks a part, is no
// whole list, however it says so.
func TestContract_C422_AnAnswerThatSaysInItsBodyThatSomethingIsWrong(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, beside := range map[string]string{
			"Elasticsearch":        `"_shards":{"total":5,"successful":4,"skipped":0,"failed":1}`,
			"a shard is not there": `"_shards":{"total":5,"successful":4,"skipped":0,"failed":0}`,
			"Solr":                 `"responseHeader":{"status":0,"partialResults":true}`,
			"JSend":                `"status":"fail"`,
			"a status":             `"status":{"error_code":1001,"error_message":"This API key is invalid."}`,
			"a code":               `"code":401,"msg":"token expired"`,
			"an error code":        `"errcode":40001,"errmsg":"invalid credential"`,
			"in its meta":          `"meta":{"errors":["shard 3 did not answer"]}`,
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				api := served(t, rest.Config{RecordsKey: "items", Pagination: rest.OnePage{}}, func(r *http.Request) answer {
					if r.URL.Path != "/things" {
						return missing
					}
					return answer{body: `{` + beside + `,"items":` + list(1, 2, 3) + `}`}
				})
				notWhole(t, b, api, "the answer says that something is wrong", upTo(1, 5)...)
			})
		}
	})
}
