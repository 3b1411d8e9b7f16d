// `GET /api/news?within=MS` waits for news for so long. Whoever waits when the shop is told to end is answered at once.
const LONGEST_MS = 30_000;
const waiting = new Set();
process.on('SIGTERM', () => {
  for (const end of waiting) end();
});

export async function answer(request, url, { json, version }) {
  if (request.method !== 'GET' || url.pathname !== '/api/news') return null;
  await news(Math.min(Number(url.searchParams.get('within') ?? 1000), LONGEST_MS));
  return json(200, { news: [], version });
}

function news(withinMs) {
  return new Promise((resolve) => {
    const timer = setTimeout(end, withinMs);
    function end() {
      clearTimeout(timer);
      waiting.delete(end);
      resolve();
    }
    waiting.add(end);
  });
}
