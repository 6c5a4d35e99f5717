package place

// ChooseOn is ChooseFrom on a machine that the test makes up.
var ChooseOn = choose

// Flat describes cpus of which nothing is known.
var Flat = flat
