package main

import "strconv"

// Members has 33 short members, with the id and the name.
type Members struct {
	keys
	Name string `json:"name" db:"name"`
	M1   string `json:"member_1" db:"m1"`
	M2   int64  `json:"member_2" db:"m2"`
	M3   bool   `json:"member_3" db:"m3"`
	M4   string `json:"member_4" db:"m4"`
	M5   int64  `json:"member_5" db:"m5"`
	M6   bool   `json:"member_6" db:"m6"`
	M7   string `json:"member_7" db:"m7"`
	M8   int64  `json:"member_8" db:"m8"`
	M9   bool   `json:"member_9" db:"m9"`
	M10  string `json:"member_10" db:"m10"`
	M11  int64  `json:"member_11" db:"m11"`
	M12  bool   `json:"member_12" db:"m12"`
	M13  string `json:"member_13" db:"m13"`
	M14  int64  `json:"member_14" db:"m14"`
	M15  bool   `json:"member_15" db:"m15"`
	M16  string `json:"member_16" db:"m16"`
	M17  int64  `json:"member_17" db:"m17"`
	M18  bool   `json:"member_18" db:"m18"`
	M19  string `json:"member_19" db:"m19"`
	M20  int64  `json:"member_20" db:"m20"`
	M21  bool   `json:"member_21" db:"m21"`
	M22  string `json:"member_22" db:"m22"`
	M23  int64  `json:"member_23" db:"m23"`
	M24  bool   `json:"member_24" db:"m24"`
	M25  string `json:"member_25" db:"m25"`
	M26  int64  `json:"member_26" db:"m26"`
	M27  bool   `json:"member_27" db:"m27"`
	M28  string `json:"member_28" db:"m28"`
	M29  int64  `json:"member_29" db:"m29"`
	M30  bool   `json:"member_30" db:"m30"`
	M31  string `json:"member_31" db:"m31"`
}

// members writes the attributes of [Members].
func members(b []byte, random prose) []byte {
	for i := 1; i <= 31; i++ {
		key := "member_" + strconv.Itoa(i)
		switch i % 3 {
		case 1:
			b = text(b, key, words(random, 6))
		case 2:
			b = number(b, key, random.IntN(1000))
		default:
			b = boolean(b, key, random.IntN(2) == 0)
		}
	}
	return b
}
