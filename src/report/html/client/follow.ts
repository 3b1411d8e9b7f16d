/**
 * Follows a run under way, where the page is served by it: shows what is known this second, and loads the page again when
 * the record has grown - with the same details open, the same fields filled, the same series hidden, and never while
 * somebody drags, types or has text selected.
 */
export const FOLLOW_SCRIPT = `(() => {
  const strip = document.getElementById('follow');
  if (strip === null || typeof EventSource !== 'function') return;
  const KEPT = 'zdd-verify-page';
  const part = (name) => document.getElementById('follow-' + name);
  const say = (name, text) => {
    const element = part(name);
    if (element.textContent !== text) element.textContent = text;
  };
  const keyed = (selector) => {
    const counts = new Map();
    return [...document.querySelectorAll('main ' + selector)].map((element) => {
      const place = element.closest('section')?.id ?? '';
      const count = counts.get(place) ?? 0;
      counts.set(place, count + 1);
      return [place + ' ' + count, element];
    });
  };
  const legendKey = (button) => (button.closest('details')?.id || button.closest('section')?.id) + ' ' + button.textContent;
  const fields = 'input, main select';
  const keep = () => {
    const state = {
      y: scrollY,
      open: keyed('details').filter(([, { open }]) => open).map(([key]) => key),
      values: keyed(fields).map(([key, field]) => [key, field.type === 'checkbox' ? field.checked : field.value]),
      released: keyed('button[aria-pressed=false]').map(([, button]) => legendKey(button)),
      focus: keyed('button, main summary, main input, main select, main a').find(([, element]) => element === document.activeElement)?.[0] ?? null,
    };
    try { sessionStorage.setItem(KEPT, JSON.stringify(state)); } catch {}
  };
  const restore = () => {
    let state = null;
    try {
      state = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
      sessionStorage.removeItem(KEPT);
    } catch {}
    if (state === null) return;
    for (const [key, details] of keyed('details')) details.open = state.open.includes(key);
    const values = new Map(state.values);
    for (const [key, field] of keyed(fields)) {
      const value = values.get(key);
      if (value === undefined || value === (field.type === 'checkbox' ? field.checked : field.value)) continue;
      if (field.type === 'checkbox') field.checked = value; else field.value = value;
      field.dispatchEvent(new Event(field.type === 'search' ? 'input' : 'change', { bubbles: true }));
    }
    for (const [, button] of keyed('button[aria-pressed=true]')) if (state.released.includes(legendKey(button))) button.click();
    keyed('button, main summary, main input, main select, main a').find(([key]) => key === state.focus)?.[1].focus({ preventScroll: true });
    scrollTo(0, state.y);
  };
  let pressed = false;
  let newer = false;
  const busy = () => {
    const field = document.activeElement;
    const typing = field !== null && field.matches('input, select, textarea');
    return pressed || typing || document.hidden || String(getSelection()) !== '';
  };
  const refresh = () => {
    if (!newer || busy()) return;
    newer = false;
    keep();
    location.reload();
  };
  addEventListener('pointerdown', () => { pressed = true; });
  for (const name of ['pointerup', 'pointercancel', 'blur']) addEventListener(name, () => { pressed = false; setTimeout(refresh, 0); });
  for (const name of ['focusout', 'selectionchange', 'visibilitychange']) document.addEventListener(name, () => setTimeout(refresh, 0));
  restore();
  strip.hidden = false;
  say('state', 'Waiting for the run\u2026');
  const clock = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    return String(Math.floor(seconds / 60)).padStart(2, '0') + ':' + String(seconds % 60).padStart(2, '0');
  };
  const marks = { waiting: '\u25cb', running: '\u25b6', ok: '\u2713', stopped: '\u25a0', 'not-reached': '\u2013', skipped: '\u2013' };
  const source = new EventSource('events');
  source.addEventListener('view', ({ data }) => {
    const view = JSON.parse(data);
    const running = view.steps.find(({ state }) => state === 'running');
    say('time', clock(view.elapsedMs) + (view.expectedMs === null ? '' : ' of about ' + clock(view.expectedMs)));
    say('where', running === undefined ? '' : running.name);
    say('activity', view.activity);
    say('steps', view.steps.map(({ name, state, ms }) => (marks[state] ?? '\u2717') + ' ' + name + (ms > 0 ? ' ' + (ms / 1000).toFixed(1) + ' s' : '')).join('   '));
    const { counts } = view;
    const kinds = Object.entries(counts.byError).filter(([, count]) => count > 0).map(([name, count]) => ', ' + name + ' ' + count.toLocaleString('en'));
    say('counts', counts.requests.toLocaleString('en') + ' requests at ' + view.ratePerSec.toFixed(1) + '/s: ok ' + counts.ok.toLocaleString('en') + ', failed ' + counts.failed.toLocaleString('en') + kinds.join('') + ', unsent ' + counts.unsent.toLocaleString('en'));
    say('failure', view.lastFailure === null ? '' : '\u2717 ' + view.lastFailure);
    say('state', newer ? 'The page below is renewed when you have let go of it.' : 'The page below follows by itself.');
  });
  const renewed = () => { newer = true; refresh(); };
  source.addEventListener('page', ({ data }) => { if (Number(data) > Number(strip.dataset.at)) renewed(); });
  // The last page is served for some seconds only: it is loaded whatever the reader does.
  source.addEventListener('finished', () => { source.close(); keep(); location.reload(); });
  source.addEventListener('error', () => { newer = false; say('state', 'The run does not answer any more. Its report is in its folder.'); });
})();
`;
