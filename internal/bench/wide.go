package main

import "strconv"

// Wide has 60 columns.
type Wide struct {
	keys
	Name string  `json:"name" db:"name"`
	C1   int64   `json:"c1" db:"c1"`
	C2   float64 `json:"c2" db:"c2"`
	C3   bool    `json:"c3" db:"c3"`
	C4   string  `json:"c4" db:"c4"`
	C5   int64   `json:"c5" db:"c5"`
	C6   float64 `json:"c6" db:"c6"`
	C7   bool    `json:"c7" db:"c7"`
	C8   string  `json:"c8" db:"c8"`
	C9   int64   `json:"c9" db:"c9"`
	C10  float64 `json:"c10" db:"c10"`
	C11  bool    `json:"c11" db:"c11"`
	C12  string  `json:"c12" db:"c12"`
	C13  int64   `json:"c13" db:"c13"`
	C14  float64 `json:"c14" db:"c14"`
	C15  bool    `json:"c15" db:"c15"`
	C16  string  `json:"c16" db:"c16"`
	C17  int64   `json:"c17" db:"c17"`
	C18  float64 `json:"c18" db:"c18"`
	C19  bool    `json:"c19" db:"c19"`
	C20  string  `json:"c20" db:"c20"`
	C21  int64   `json:"c21" db:"c21"`
	C22  float64 `json:"c22" db:"c22"`
	C23  bool    `json:"c23" db:"c23"`
	C24  string  `json:"c24" db:"c24"`
	C25  int64   `json:"c25" db:"c25"`
	C26  float64 `json:"c26" db:"c26"`
	C27  bool    `json:"c27" db:"c27"`
	C28  string  `json:"c28" db:"c28"`
	C29  int64   `json:"c29" db:"c29"`
	C30  float64 `json:"c30" db:"c30"`
	C31  bool    `json:"c31" db:"c31"`
	C32  string  `json:"c32" db:"c32"`
	C33  int64   `json:"c33" db:"c33"`
	C34  float64 `json:"c34" db:"c34"`
	C35  bool    `json:"c35" db:"c35"`
	C36  string  `json:"c36" db:"c36"`
	C37  int64   `json:"c37" db:"c37"`
	C38  float64 `json:"c38" db:"c38"`
	C39  bool    `json:"c39" db:"c39"`
	C40  string  `json:"c40" db:"c40"`
	C41  int64   `json:"c41" db:"c41"`
	C42  float64 `json:"c42" db:"c42"`
	C43  bool    `json:"c43" db:"c43"`
	C44  string  `json:"c44" db:"c44"`
	C45  int64   `json:"c45" db:"c45"`
	C46  float64 `json:"c46" db:"c46"`
	C47  bool    `json:"c47" db:"c47"`
	C48  string  `json:"c48" db:"c48"`
	C49  int64   `json:"c49" db:"c49"`
	C50  float64 `json:"c50" db:"c50"`
	C51  bool    `json:"c51" db:"c51"`
	C52  string  `json:"c52" db:"c52"`
	C53  int64   `json:"c53" db:"c53"`
	C54  float64 `json:"c54" db:"c54"`
	C55  bool    `json:"c55" db:"c55"`
}

// Numeric has 20 numeric columns.
type Numeric struct {
	keys
	Name string  `json:"name" db:"name"`
	C1   float64 `json:"c1" db:"c1"`
	C2   int64   `json:"c2" db:"c2"`
	C3   float64 `json:"c3" db:"c3"`
	C4   int64   `json:"c4" db:"c4"`
	C5   float64 `json:"c5" db:"c5"`
	C6   int64   `json:"c6" db:"c6"`
	C7   float64 `json:"c7" db:"c7"`
	C8   int64   `json:"c8" db:"c8"`
	C9   float64 `json:"c9" db:"c9"`
	C10  int64   `json:"c10" db:"c10"`
	C11  float64 `json:"c11" db:"c11"`
	C12  int64   `json:"c12" db:"c12"`
	C13  float64 `json:"c13" db:"c13"`
	C14  int64   `json:"c14" db:"c14"`
	C15  float64 `json:"c15" db:"c15"`
	C16  int64   `json:"c16" db:"c16"`
	C17  float64 `json:"c17" db:"c17"`
	C18  int64   `json:"c18" db:"c18"`
	C19  float64 `json:"c19" db:"c19"`
	C20  int64   `json:"c20" db:"c20"`
}

const wideColumns, numericColumns = 55, 20

// columns writes the attributes of [Wide], or of [Numeric].
func columns(b []byte, random prose, count int) []byte {
	for i := 1; i <= count; i++ {
		key, kind := "c"+strconv.Itoa(i), i%4
		if count == numericColumns {
			kind = 1 + i%2
		}
		switch kind {
		case 0:
			b = text(b, key, words(random, 12))
		case 1:
			b = number(b, key, random.IntN(1_000_000))
		case 2:
			b = float(b, key, random.Float64()*1000)
		case 3:
			b = boolean(b, key, random.IntN(2) == 0)
		}
	}
	return b
}
