package rest

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// How APIs name what tells of trouble beside the records, in lower case and without
// signs.
var (
	// troubles are members that tell of it unless they are empty.
	troubles = map[string]bool{"error": true, "errors": true, "incomplete": true, "isincomplete": true, "incompleteresults": true, "resultsincomplete": true,
		"partial": true, "ispartial": true, "partialresults": true, "partialresult": true, "timedout": true,
		"errorcode": true, "errorcodes": true, "errcode": true, "errno": true, "errormessage": true, "errormessages": true, "errmsg": true, "errordescription": true,
		"haserror": true, "haserrors": true, "iserror": true, "numerrors": true, "errorcount": true, "partialfailureerror": true, "warningmessages": true,
		"fault": true, "exception": true,
		// and those that tell of it where they are false
		"success": false, "issuccess": false, "successful": false, "ok": false, "complete": false, "iscomplete": false}
	// verdicts are members that tell of it by a word of verdictWords, or by a status of HTTP.
	verdicts     = setOf("status", "stat", "result", "outcome", "code", "statuscode", "httpstatus", "httpcode", "responsecode", "resultcode")
	verdictWords = setOf("error", "errors", "fail", "failed", "failure", "unauthorized", "denied", "requestdenied", "invalidrequest", "overquerylimit",
		"unknownerror", "exception", "timeout", "timedout", "partial", "incomplete", "ko", "nok")
	// headings are objects whose members count like those beside the records.
	headings = setOf("meta", "metadata", "header", "responseheader", "responsemetadata", "status", "responsestatus")
	// told are what stands in place of records where there is an error.
	told = setOf("message", "msg", "detail", "details", "fault", "exception", "errormessage", "errorcode", "reason")
)

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// longestTrouble bounds the names that are looked at.
const longestTrouble = 24

// trouble takes note of a member beside the records that says that something is wrong.
func (s *splitter) trouble(name string, v []byte) {
	if len(name) > longestTrouble {
		return
	}
	plain := plainName(name)
	s.excuse = s.excuse || told[plain] && truthy(v)
	if s.page.Partial != "" || s.trusting {
		return
	}
	if saysTrouble(plain, v) {
		s.wrong(name, v)
		return
	}
	if remote.Value(v).Kind() != '{' {
		return
	}
	switch {
	case plain == "shards" && lostShards(v):
		s.wrong(name, v)
	case headings[plain]:
		eachMember(v, func(inner string, v remote.Value) {
			if s.page.Partial == "" && saysTrouble(plainName(inner), v) {
				s.wrong(name+"."+shorten(inner), v)
			}
		})
	}
}

// wrong makes the page one that may lack records, because of a member.
func (s *splitter) wrong(name string, v []byte) {
	s.page.Partial = fmt.Sprintf("the answer says that something is wrong: %s is %s (see rest.Config.Incomplete)", name, shorten(string(v)))
}

// saysTrouble reports whether a member of a plain name says that something is wrong.
func saysTrouble(plain string, v []byte) bool {
	if bad, known := troubles[plain]; known {
		return bad && truthy(v) && !fine(v) || !bad && string(v) == "false"
	}
	if !verdicts[plain] {
		return false
	}
	text := strings.Trim(string(v), `"`)
	status, err := strconv.Atoi(text)
	return err == nil && status >= 400 && status < 600 || v[0] == '"' && verdictWords[plainName(text)]
}

// fine reports whether a text says that there is no error.
func fine(v []byte) bool {
	switch strings.ToLower(string(v)) {
	case `"0"`, `"00000"`, `"false"`, `"none"`, `"null"`, `"ok"`, `"no"`, `"success"`:
		return true
	}
	return false
}

// lostShards reports whether a search did not reach all parts of its index: some failed, or
// were not there, which Elasticsearch counts as neither.
func lostShards(v []byte) bool {
	counts := map[string]int{}
	eachMember(v, func(name string, v remote.Value) {
		if n, err := strconv.Atoi(string(v)); err == nil {
			counts[name] = n
		}
	})
	successful, told := counts["successful"]
	return counts["failed"] > 0 || told && successful < counts["total"]
}

// eachMember calls a function with each member of an object that is valid JSON.
func eachMember(object []byte, do func(name string, v remote.Value)) {
	dec := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return
		}
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return
		}
		do(text, remote.Value(value))
	}
}
