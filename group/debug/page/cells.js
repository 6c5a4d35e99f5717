// The parts that pages are made of. Text from a report goes into textContent and attributes, never into HTML.

function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

// set and attr touch the document only if something is different.
function set(e, text) { if (e.textContent !== text) e.textContent = text; }
function attr(e, name, value) { if (e.getAttribute(name) !== String(value)) e.setAttribute(name, value); }

// reconcile makes the children of parent those with these keys, in that order, and keeps the ones that are there.
function reconcile(parent, rows, keys, make) {
  const wanted = new Set(keys);
  for (const [key, row] of rows) {
    if (wanted.has(key)) continue;
    row.element.remove();
    rows.delete(key);
  }
  keys.forEach((key, i) => {
    if (!rows.has(key)) rows.set(key, make(key));
    const e = rows.get(key).element;
    if (parent.children[i] !== e) parent.insertBefore(e, parent.children[i] ?? null);
  });
}

// meter is a bar from 0 to 1.
function meter(name) {
  const fill = el('div', {class: 'fill'}), text = el('span', {class: 'value', 'aria-hidden': 'true'}, none);
  const bar = el('div', {role: 'meter', 'aria-label': name, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 0,
    'aria-valuetext': 'not known yet', class: 'bar'}, fill);
  return {
    element: el('div', {class: 'meter'}, bar, text),
    show(v) {
      set(text, share(v));
      attr(bar, 'aria-valuenow', Math.round(100 * (v ?? 0)));
      attr(bar, 'aria-valuetext', v === undefined ? 'not known yet' : Math.round(100 * v) + ' percent');
      fill.style.transform = `scaleX(${v ?? 0})`;
    },
  };
}

// colours are those of the theme, for canvases.
let colours;
function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = Object.fromEntries(['cold', 'even', 'hot', 'accent', 'track'].map(name => {
    const hex = style.getPropertyValue('--' + name).trim();
    return [name, [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16))];
  }));
}
const rgb = c => `rgb(${c.map(Math.round).join()})`;
const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);

// heat is the colour of a share: 1 is the mean, half more is hot, a third less cold.
function heat(ratio) {
  const t = Math.max(-1, Math.min(1, Math.log(Math.max(ratio, 0.01)) / Math.log(1.5)));
  return rgb(t < 0 ? mix(colours.even, colours.cold, -t) : mix(colours.even, colours.hot, t));
}

// picture is a canvas that a screen reader is told of by its label.
function picture(width, height) {
  const scale = Math.ceil(devicePixelRatio || 1);
  const e = el('canvas', {width: width * scale, height: height * scale, role: 'img', class: 'picture'});
  e.style.width = width + 'px';
  e.style.height = height + 'px';
  const c = e.getContext('2d');
  c.scale(scale, scale);
  return {element: e, draw(label, paint) {
    attr(e, 'aria-label', label);
    attr(e, 'title', label);
    c.clearRect(0, 0, width, height);
    paint(c);
  }};
}

// strip shows ratios, the last one at the right.
function strip() {
  const p = picture(2 * cells, 18);
  return {element: p.element, show(ratios, label) {
    p.draw(label, c => {
      c.fillStyle = rgb(colours.track);
      c.fillRect(0, 8, 2 * cells, 2);
      ratios.forEach((ratio, i) => {
        if (ratio === undefined) return;
        c.fillStyle = heat(ratio);
        c.fillRect(2 * (cells - ratios.length + i), 0, 2, 18);
      });
    });
  }};
}

// bars shows how many batches there were of each size.
function bars() {
  const p = picture(4 * sizes.length, 18);
  return {element: p.element, show(counts) {
    const all = counts ? sum(counts) : 0;
    const some = i => all > 0 && counts[i] / all >= 0.01;
    const parts = sizes.flatMap((size, i) => some(i) ? `from ${size}: ${share(counts[i] / all)}` : []);
    p.draw(all ? 'Batches by size, ' + parts.join(', ') : 'No batches', c => {
      const most = all ? Math.max(...counts) : 1;
      sizes.forEach((_, i) => {
        const h = all && counts[i] ? Math.max(2, 17 * counts[i] / most) : 0;
        c.fillStyle = rgb(h ? colours.accent : colours.track);
        c.fillRect(4 * i, 18 - Math.max(h, 1), 3, Math.max(h, 1));
      });
    });
  }};
}
