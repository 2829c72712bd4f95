package types_test

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

type (
	status string
	place  struct {
		City string `json:"city"`
		Zip  *int   `json:"zip,omitempty"`
	}
)

func lines() []line {
	const a, b = `"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, `"00000000-0000-0000-0000-000000000001"`
	const at, later = `"2026-01-02T03:04:05.123456+02:00"`, `"2026-01-03T03:04:05Z"`
	return []line{
		of[bool]("`bool`", `true`, `false`).on("boolean", "boolean, integer"),
		of[*bool]("`*bool`", `true`, `false`, `null`).on("boolean", "boolean, integer"),
		of[int]("`int`", `1`, `-2`, `3000`).on("bigint, integer, smallint, numeric, numeric(8,2)", "integer, bigint, numeric"),
		of[*int64]("`*int64`", `1`, `-2`, `null`).on("bigint, integer, smallint, numeric", "integer, bigint"),
		of[uint16]("`uint16`", `1`, `65535`).on("bigint, integer, numeric", "integer, bigint"),
		of[float64]("`float64`", `1.5`, `-2.25`, `1e3`).on("double precision, real, numeric, numeric(8,2)", "double, real, numeric"),
		of[*float32]("`*float32`", `1.5`, `-2.25`, `0.1`, `null`).on("double precision, real, numeric", "double, real"),
		of[string]("`string`", `"ok"`, `"sad"`).on("text, varchar(40), char(8), citext, mood, code", "text, varchar(40), blob"),
		of[*string]("`*string`", `"ok"`, `"sad"`, `null`).on("text, varchar(40), char(8), citext, mood, code", "text, varchar(40)"),
		of[status]("`string` type of one's own", `"ok"`, `"sad"`).on("text, mood", "text"),
		of[level]("integer type with `MarshalText`", `"ok"`, `"sad"`).on("text, mood, citext", "text"),
		of[string]("`string`, a UUID", a, b).on("uuid", "text"),
		of[string]("`string`, an address", `"10.0.0.1"`, `"::1"`, `"10.0.0.1/8"`).on("inet", "text"),
		of[string]("`string`, a range", `"[1,3]"`, `"(3,8]"`, `"empty"`).on("int4range, int8range, numrange", "text"),
		of[time.Time]("`time.Time`", at, later).on("timestamptz, timestamp, timestamptz(3), date", "timestamp, datetime, text"),
		of[*time.Time]("`*time.Time`", at, later, `null`).on("timestamptz, timestamp, date", "timestamp, datetime, text"),
		of[uuid.UUID]("`uuid.UUID`", a, b).on("uuid, text", "text, uuid"),
		of[*uuid.UUID]("`*uuid.UUID`", a, b, `null`).on("uuid, text", "text"),
		of[[]byte]("`[]byte`", `"AQID"`, `""`, `null`).on("bytea", "blob"),
		of[[]byte]("`[]byte`, JSON", `"AQID"`, `"AQIE"`, `null`).on("jsonb, json", "json, jsonb"),
		of[[]string]("`[]string`", `["a","b,c\"{}"]`, `[]`, `null`, `["NULL","","\\"]`).on("text[], varchar(20)[], json, jsonb, text", "text, json, blob"),
		of[[]string]("`[]string`, names", `["ok","sad"]`, `[]`, `null`).on("mood[], citext[]", "text"),
		of[[]int]("`[]int`", `[1,-2]`, `[]`, `null`).on("integer[], bigint[], smallint[], numeric[], json, jsonb", "text, json"),
		of[[]int64]("`[]int64`", `[1,-2]`, `[]`, `null`).on("bigint[], integer[]", "text"),
		of[[]float64]("`[]float64`", `[1.5,-2]`, `[]`, `null`).on("double precision[], real[], numeric[], jsonb", "text"),
		of[[]bool]("`[]bool`", `[true,false]`, `[]`, `null`).on("boolean[], jsonb", "text"),
		of[[]*string]("`[]*string`", `["a",null]`, `[]`, `null`).on("text[], jsonb", "text"),
		of[[]time.Time]("`[]time.Time`", "["+at+"]", `[]`, `null`).on("timestamptz[], timestamp[], date[], jsonb", "text"),
		of[[]uuid.UUID]("`[]uuid.UUID`", "["+a+"]", `[]`, `null`).on("uuid[], text[], jsonb", "text"),
		of[[]status]("`[]status`", `["ok","sad"]`, `[]`, `null`).on("text[], mood[], jsonb", "text"),
		of[[][]int]("`[][]int`", `[[1,2],[3,4]]`, `[]`, `null`).on("integer[], jsonb", "text"),
		of[[3]int]("`[3]int`", `[1,2,3]`, `[3,4,5]`).on("integer[], jsonb, json", "text"),
		of[map[string]any]("`map[string]any`", `{"b":1.0,"a":[100]}`, `{}`, `null`).on("json, jsonb, text", "text, json"),
		of[place]("a struct", `{"city":"a"}`, `{"city":"b","zip":3}`).on("json, jsonb, text", "text, json"),
		of[*place]("pointer to a struct", `{"city":"a"}`, `{"city":"b","zip":3}`, `null`).on("json, jsonb, text", "text, json"),
		of[json.RawMessage]("`json.RawMessage`", `{"b":1.0,"a":[100]}`, `"x"`, `null`, `1.50`).on("json, jsonb, text", "text, blob, json"),
		of[json.Number]("`json.Number`", `12.50`, `1e3`, `7`, `"3.10"`).on("text, numeric, numeric(8,2), price, double precision", "text, numeric, real"),
		of[json.Number]("`json.Number`, whole", `12`, `7.0`).on("bigint, integer", "integer"),
		of[*json.Number]("`*json.Number`", `12.50`, `1e3`, `null`).on("text, numeric, numeric(8,2), price", "text"),
		of[big.Int]("`big.Int`", `12345678901234567890123`, `-5`).on("numeric, text", "text"),
		of[*big.Int]("`*big.Int`", `12345678901234567890123`, `-5`, `null`).on("numeric, text", "text"),
		of[netip.Addr]("`netip.Addr`", `"10.0.0.1"`, `"2001:DB8::0:1"`).on("inet, text", "text"),
		of[*netip.Addr]("`*netip.Addr`", `"10.0.0.1"`, `"::1"`, `null`).on("inet, text", "text"),
		of[netip.Prefix]("`netip.Prefix`", `"10.0.0.0/8"`, `"2001:DB8::/32"`).on("inet, cidr, text", "text"),
		of[sql.NullString]("`sql.NullString`", `"ok"`, `"sad"`, `null`).on("text, varchar(40), mood, citext", "text"),
		of[sql.Null[string]]("`sql.Null[string]`", `"ok"`, `"sad"`, `null`).on("text, varchar(40), mood, citext", "text"),
		of[sql.Null[int]]("`sql.Null[int]`", `1`, `-2`, `null`).on("bigint, integer, numeric", "integer"),
		of[sql.Null[float64]]("`sql.Null[float64]`", `1.5`, `-2`, `null`).on("double precision, real, numeric", "double"),
		of[sql.Null[time.Time]]("`sql.Null[time.Time]`", at, later, `null`).on("timestamptz, timestamp, date", "timestamp"),
		of[sql.Null[uuid.UUID]]("`sql.Null[uuid.UUID]`", a, b, `null`).on("uuid, text", "text"),
		of[uuid.NullUUID]("`uuid.NullUUID`", a, b, `null`).on("uuid, text", "text"),
		of[pgtype.Text]("`pgtype.Text`", `"ok"`, `"sad"`, `null`).on("text, varchar(40), mood, citext", "text"),
		of[pgtype.Int8]("`pgtype.Int8`", `1`, `-2`, `null`).on("bigint, integer", "integer"),
		of[pgtype.Int4]("`pgtype.Int4`", `1`, `-2`, `null`).on("bigint, integer", "integer"),
		of[pgtype.Float8]("`pgtype.Float8`", `1.5`, `-2`, `null`).on("double precision", "double"),
		of[pgtype.Bool]("`pgtype.Bool`", `true`, `false`, `null`).on("boolean", "boolean"),
		of[pgtype.UUID]("`pgtype.UUID`", a, b, `null`).on("uuid", "text"),
		of[pgtype.Numeric]("`pgtype.Numeric`", `12.50`, `-7`, `null`).on("numeric, numeric(8,2)", "text"),
		of[pgtype.Timestamptz]("`pgtype.Timestamptz`", at, later, `null`).on("timestamptz", "timestamp"),
		of[pgtype.Timestamp]("`pgtype.Timestamp`", `"2026-01-02T03:04:05"`, `"2026-01-03T03:04:05"`, `null`).on("timestamp", "timestamp"),
		of[pgtype.Date]("`pgtype.Date`", `"2026-01-02"`, `"2026-01-03"`, `null`).on("date", "date"),
		of[pgtype.Interval]("`pgtype.Interval`", `"1 day"`, `"02:00:00"`, `null`).on("interval", ""),
		of[decimal]("`decimal.Decimal`", `"12.50"`, `-7.1`).on("numeric, numeric(8,2), price, text", "text, numeric"),
		of[*decimal]("`*decimal.Decimal`", `"12.50"`, `-7.1`, `null`).on("numeric, numeric(8,2), price, text", "text, numeric"),
		spelled[number]("`string` with `synced:\"number\"`", `12.50`, `"7.1"`, `-3`).on("text, numeric, numeric(8,2), price", "text, numeric"),
		spelled[counted]("`int` with `synced:\"number\"`", `12.0`, `"7"`, `5e0`).on("bigint, integer, numeric", "integer, bigint"),
		spelled[unix]("`time.Time` with `time:\"unix\"`", `1767323045`, `"1767323046.5"`).on("timestamptz, timestamp", "timestamp, text"),
		spelled[local]("`time.Time` with `time:\"2006-01-02 15:04:05\"`", `"2026-01-02 03:04:05"`, `"2026-01-03 03:04:05"`).on("timestamptz, timestamp, date", "timestamp, text"),
		spelled[lasting]("`time.Duration` with `time:\"seconds\"`", `90`, `-1.5`, `"86400"`).on("interval, bigint", "bigint"),
	}
}
