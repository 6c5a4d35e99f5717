// How figures are written. Durations are in nanoseconds.

const none = '–';

// digits returns v with three digits.
const digits = v => v >= 99.95 ? v.toFixed(0) : v >= 9.995 ? v.toFixed(1) : v.toFixed(2);

// plain leaves out what is 0 behind the point.
const plain = v => digits(v).replace(/\.0+$|(\.\d*[1-9])0+$/, '$1');

function count(v) {
  if (v === undefined || !isFinite(v)) return none;
  for (const [unit, name] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (v >= unit * 0.9995) return digits(v / unit) + '\u202f' + name;
  }
  return plain(v);
}

function span(ns) {
  if (ns === undefined || !isFinite(ns)) return none;
  for (const [unit, name] of [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs']]) {
    if (ns >= unit * 0.9995) return digits(ns / unit) + '\u202f' + name;
  }
  return ns.toFixed(0) + '\u202fns';
}

const share = v => v === undefined ? none : Math.round(100 * v) + '\u202f%';
const times = v => v === undefined ? none : v.toFixed(2) + '×';

// age returns a long duration in words.
function age(ns) {
  const s = Math.floor(ns / 1e9);
  const at = (unit, most) => Math.floor(s / unit) % most;
  const parts = [[at(86400, Infinity), 'd'], [at(3600, 24), 'h'], [at(60, 60), 'm'], [at(1, 60), 's']];
  const first = parts.findIndex(([n]) => n > 0);
  return first < 0 ? '0s' : parts.slice(first, first + 2).map(([n, unit]) => n + unit).join(' ');
}
