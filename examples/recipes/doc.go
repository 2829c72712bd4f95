// Package recipes declares models for well-known APIs, one a file: the code of the pages
// in docs/apis. Each is run against a fake that behaves as the API's public
// documentation says. Copy what you need; nothing imports this package.
package recipes
