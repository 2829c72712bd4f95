package proof

import "fmt"

// Parents is what a run says of parents whose lists the remote no longer has, where a
// model is listed once for each.
type Parents struct {
	// Missing is how many lists were not found although there are rows of them, and Empty
	// how many listed nothing all of a sudden, of All parents.
	Missing, Empty, All int
	// Control reports whether the same credentials were answered rightly after the last
	// of them: by the list of another parent, or by the parent itself where there is one.
	Control bool
	// Limit is the largest share of the parents that may go.
	Limit float64
	// Allowed lifts the guards.
	Allowed bool
}

// Refused returns why the rows of the missing lists stay; "" where they go.
func (p Parents) Refused() string {
	switch lost := p.Missing + p.Empty; {
	case p.Allowed || p.Missing == 0:
		return ""
	case !p.Control:
		return "the remote did not find the list of a parent, nor was it asked successfully for that of another: check the endpoint and the credentials"
	case p.All > 1 && float64(lost) > p.Limit*float64(p.All):
		return fmt.Sprintf("%d of %d parents list nothing all of a sudden, more than %.0f %%, as where a permission is lost: check the credentials", lost, p.All, 100*p.Limit)
	default:
		return ""
	}
}
