module keystead/sm2

go 1.24

require github.com/emmansun/gmsm v0.15.5 // indirect
