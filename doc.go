// Package synced keeps tables of a service's own database in step with somebody
// else's paginated API. A model is declared once, in code; each run brings one
// scope of it, such as an account, up to date.
package synced
