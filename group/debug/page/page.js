// The page: what it listens to, and its controls.

const byId = id => document.getElementById(id);

const views = new Map(), alerts = new Alerts(byId('alerts'), byId('calm'));
let report, heard = 0, paused = false, stream, again;

function state(name, text) {
  const link = byId('link');
  attr(link, 'data-state', name);
  set(link, text);
}

function take(text) {
  report = JSON.parse(text);
  heard = performance.now();
  state('live', 'live');
  (report.Groups ?? []).forEach((g, i) => {
    const key = `${i} ${g.Name}`;
    if (!views.has(key)) views.set(key, new GroupView(i, g));
    views.get(key).take(report.Uptime, g); // the uptime is a clock that nobody sets
  });
  alerts.take(report);
  if (!document.hidden) show();
}

function show() {
  if (!report) return;
  set(byId('program'), report.Program);
  set(byId('about'), `pid ${report.PID} · ${report.Go} · GOMAXPROCS ${report.GOMAXPROCS} · up ${age(report.Uptime)}`);
  document.title = report.Program + ' · pushcore';
  reconcile(byId('groups'), views, (report.Groups ?? []).map((g, i) => `${i} ${g.Name}`));
  for (const view of views.values()) view.show(byId('sort').value);
}

function listen() {
  clearTimeout(again);
  stream = new EventSource('events');
  stream.onmessage = e => take(e.data);
  stream.onerror = () => {
    state('lost', 'disconnected, retrying');
    if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
    state('lost', 'refused, retrying'); // there may be too many streams
    again = setTimeout(listen, 2000);
  };
}

function pause(on) {
  paused = on;
  attr(byId('pause'), 'aria-pressed', on);
  if (on) {
    clearTimeout(again);
    stream.close();
    state('paused', 'paused');
  } else {
    state('wait', 'connecting');
    listen();
  }
}

byId('pause').addEventListener('click', () => pause(!paused));
byId('sort').addEventListener('change', show);
document.addEventListener('visibilitychange', () => { if (!document.hidden) show(); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); show(); });
setInterval(() => {
  if (byId('link').dataset.state === 'live' && performance.now() - heard > 3000) state('wait', 'nothing heard, waiting');
}, 1000);

readColours();
listen();
