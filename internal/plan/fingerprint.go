package plan

// objectBits is how many bits of a fingerprint tell the object, the lower ones.
// The upper 20 tell the mapping, so that a database finds the rows of another one
// without reading what they store. One changed object in 10^13 would be taken for
// the old one, and one changed declaration in 10^6.
const objectBits = 44

// Refingerprint is the fingerprint that this mapping gives an object whose
// fingerprint by another one is known.
func (p *Plan) Refingerprint(other int64) int64 {
	const object = 1<<objectBits - 1
	return int64(p.seed&^object | uint64(other)&object)
}

// Mapping is what each of this mapping's fingerprints is, shifted right by bits,
// with its sign.
func (p *Plan) Mapping() (bits int, mapping int64) { return objectBits, int64(p.seed) >> objectBits }
