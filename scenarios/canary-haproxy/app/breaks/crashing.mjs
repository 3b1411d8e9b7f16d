// The tenth request ends the process, and whatever else it was answering.
let count = 0;

export function answer(_request, url) {
  if (url.pathname === '/healthz') return null;
  count += 1;
  if (count === 10) throw process.exit(1);
  return null;
}
