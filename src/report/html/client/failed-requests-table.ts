/**
 * The table of failed requests, of all that were kept: filtered by text, flow, step, cause, connection and the shared
 * window, sorted by any column, and downloaded as CSV. Texts of servers go into text nodes alone.
 */
export const FAILED_REQUESTS_SCRIPT = `
(() => {
  'use strict';
  const source = document.getElementById('failures-data');
  const section = document.getElementById('failed-requests');
  const table = section && section.querySelector('table');
  if (!source || !table) return;

  const PAGE = 150;
  const { texts, steps, rows: packed } = JSON.parse(source.textContent);
  const { element } = zdd;
  const rows = packed.map(([endedAt, seq, flow, step, fresh, reuse, idleMs, cause, status, detail, sinceDue, version]) => ({
    ...{ endedAt, seq, reuse, idleMs, status, sinceDue },
    ...{ flow: texts[flow], cause: texts[cause], detail: texts[detail], version: texts[version] },
    ...{ connection: fresh ? 'fresh' : 'reused', step: steps[step][0], afterStart: endedAt - steps[step][1] },
  }));
  for (const row of rows) row.searched = [row.seq, row.flow, row.step, row.connection, row.cause, row.status, row.detail, row.version].join(' ').toLowerCase();

  function ms(value) {
    if (value < 10) return value.toFixed(1) + ' ms';
    if (value < 1000) return Math.round(value) + ' ms';
    if (value < 99950) return (value / 1000).toFixed(1) + ' s';
    const seconds = Math.round(value / 1000);
    return Math.floor(seconds / 60) + ' min ' + String(seconds % 60).padStart(2, '0') + ' s';
  }
  const offset = (value) => {
    const seconds = Math.abs(value) / 1000;
    return (value < 0 ? '\\u2212' : '+') + seconds.toFixed(seconds < 10 ? 2 : 1) + ' s';
  };
  const note = (text) => element('span', { className: 'sub', textContent: text });

  /** In the order of the table's columns: what is sorted by, and what is shown. */
  const COLUMNS = [
    { key: (row) => row.endedAt, cell: (row) => [(row.endedAt / 1000).toFixed(1) + ' s'] },
    { key: (row) => row.step, cell: (row) => [row.step + ' ' + offset(row.afterStart)], name: 'wide' },
    { key: (row) => row.seq, cell: (row) => [String(row.seq)], name: 'n' },
    { key: (row) => row.flow, cell: (row) => [row.flow] },
    { key: (row) => row.connection, cell: (row) => [row.connection, ...(row.reuse > 0 ? [note('request ' + (row.reuse + 1) + ', idle ' + ms(row.idleMs))] : [])] },
    { key: (row) => row.cause, cell: (row) => [row.cause] },
    { key: (row) => row.status, cell: (row) => [row.status === 0 ? '' : String(row.status)], name: 'n' },
    { key: (row) => row.detail, cell: (row) => [row.detail], name: 'wide' },
    { key: (row) => row.sinceDue, cell: (row) => [ms(row.sinceDue)], name: 'n' },
    { key: (row) => row.version, cell: (row) => [row.version] },
  ];

  const state = { text: '', flow: '', step: '', cause: '', connection: '', inWindow: true, by: 0, down: false, shown: PAGE };
  let found = [];

  function select() {
    const { from, to } = zdd.view;
    const words = state.text.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    const wanted = ['flow', 'step', 'cause', 'connection'].filter((name) => state[name] !== '');
    const windowed = state.inWindow && zdd.view !== zdd.whole;
    const { key } = COLUMNS[state.by];
    found = rows
      .filter((row) => !windowed || (row.endedAt >= from * 1000 && row.endedAt <= to * 1000))
      .filter((row) => wanted.every((name) => row[name] === state[name]))
      .filter((row) => words.every((word) => row.searched.includes(word)))
      .sort((a, b) => {
        const [left, right] = [key(a), key(b)];
        const order = left < right ? -1 : left > right ? 1 : a.endedAt - b.endedAt || a.seq - b.seq;
        return state.down ? -order : order;
      });
    state.shown = PAGE;
    render();
  }

  function rowElement(row) {
    const made = document.createElement('tr');
    COLUMNS.forEach(({ cell, name }, i) => {
      const box = element(i === 0 ? 'th' : 'td', { className: name ?? '' }, ...cell(row));
      if (i === 0) box.scope = 'row';
      made.append(box);
    });
    return made;
  }

  function render() {
    table.tBodies[0].replaceChildren(...found.slice(0, state.shown).map(rowElement));
    const windowed = state.inWindow && zdd.view !== zdd.whole;
    count.textContent =
      found.length + ' of ' + rows.length + ' rows' +
      (windowed ? ' (from ' + zdd.view.from.toFixed(1) + ' to ' + zdd.view.to.toFixed(1) + ' s)' : '') +
      (found.length > state.shown ? ', the first ' + state.shown + ' shown' : '');
    more.hidden = found.length <= state.shown;
    inWindow.disabled = zdd.view === zdd.whole;
    headings.forEach((heading, i) => {
      if (i === state.by) heading.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else heading.removeAttribute('aria-sort');
    });
  }

  const labelled = (text, control) => element('label', {}, element('span', { textContent: text }), control);

  function choice(name, text) {
    const values = [...new Set(rows.map((row) => row[name]))].sort();
    const control = element('select', {}, new Option('all', ''), ...values.map((value) => new Option(value, value)));
    control.addEventListener('change', () => {
      state[name] = control.value;
      select();
    });
    return labelled(text, control);
  }

  /** A spreadsheet takes a cell that begins like a formula for one; the apostrophe says that it is text. */
  function csvCell(value) {
    // Half of the spreadsheets take a semicolon for the border of a cell.
    const text = typeof value === 'string' ? value.replace(/(^|;)(?=[=+@\\t\\r-])/g, "$1'") : String(value);
    return /[",\\r\\n]/.test(text) || text !== String(value) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function csv() {
    const names = ['ended_ms', 'step', 'after_step_start_ms', 'number', 'flow', 'connection', 'request_on_connection', 'idle_ms', 'cause', 'status', 'detail', 'since_due_ms', 'version'];
    const digits = (value) => Number(value.toFixed(3));
    const lines = found.map((row) => [
      digits(row.endedAt), row.step, digits(row.afterStart), row.seq, row.flow, row.connection, row.reuse + 1, digits(row.idleMs),
      row.cause, row.status === 0 ? '' : row.status, row.detail, digits(row.sinceDue), row.version,
    ]);
    return [names, ...lines].map((cells) => cells.map(csvCell).join(',') + '\\r\\n').join('');
  }

  function download() {
    const href = URL.createObjectURL(new Blob([csv()], { type: 'text/csv;charset=utf-8' }));
    element('a', { href, download: 'failed-requests.csv' }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }

  const search = element('input', { type: 'search', maxLength: 200, autocomplete: 'off', spellcheck: false });
  search.addEventListener('input', () => {
    state.text = search.value;
    select();
  });
  const inWindow = element('input', { type: 'checkbox', checked: true });
  inWindow.addEventListener('change', () => {
    state.inWindow = inWindow.checked;
    select();
  });
  const save = element('button', { type: 'button', textContent: 'Download as CSV' });
  save.addEventListener('click', download);
  const more = element('button', { type: 'button', className: 'further', textContent: 'Show more rows' });
  more.addEventListener('click', () => {
    state.shown += PAGE;
    render();
  });
  const count = element('p', { className: 'count' });
  count.setAttribute('role', 'status');
  const controls = element(
    'div',
    { className: 'filter' },
    labelled('Search', search), choice('flow', 'Flow'), choice('step', 'Step'), choice('cause', 'Cause'), choice('connection', 'Connection'),
    element('label', { className: 'check' }, inWindow, element('span', { textContent: 'in the zoomed window only' })),
    save,
  );
  controls.setAttribute('role', 'group');
  controls.setAttribute('aria-label', 'Filter of the failed requests');

  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, i) => {
    const button = element('button', { type: 'button', className: 'order' }, ...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      state.down = state.by === i && !state.down;
      state.by = i;
      select();
    });
  });
  const box = table.parentElement;
  box.before(controls, count);
  box.after(more);
  section.classList.add('filtered');
  zdd.follow(select);
})();
`;
