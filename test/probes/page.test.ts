import { describe, expect, it } from 'vitest';
import { assetsOf, hasHash } from '../../src/probes/page.js';

describe('the assets of a page', () => {
  it('are what it loads from its own origin, each once, relative to its base', () => {
    const html = `<base href="/shop/"><script src="a.js"></script><script src="a.js"></script>
      <script type="application/json" src="data.js"></script><script src="//cdn.example/b.js"></script>
      <link rel="Preload StyleSheet" href="../c.css?v=1"><link rel="canonical" href="/d"><img src="data:image/png;base64,AA">
      <img src="http://shop.example/e.png"><img src="http://["><link rel=icon href='&#x2F;f.ico'><a href="/g">g</a>`;
    expect(assetsOf(html, 'http://shop.example/page', 10)).toEqual([
      { path: '/shop/a.js', code: true },
      { path: '/c.css?v=1', code: true },
      { path: '/e.png', code: false },
      { path: '/f.ico', code: false },
    ]);
    expect(assetsOf(html, 'http://shop.example/page', 2)).toHaveLength(2);
  });

  it.each(['not html at all', '<'.repeat(10_000), '<script src="', ''])('may be none: %.20s', (html) => {
    expect(assetsOf(html, 'http://shop.example/', 10)).toEqual([]);
  });
});

describe('a hash in a name', () => {
  it.each([
    '/assets/app.3f2a1b9c.js',
    '/assets/index-BvX3k2Qa.css?x=1',
    '/static/main-1a2b3c4d5e.min.js',
    '/3f2a1b9c4d5e6f708192.png',
    '/application-0123456789abcdef0123456789abcdef.css',
  ])('is seen in %s', (path) => expect(hasHash(path)).toBe(true));

  it.each([
    '/app.js',
    '/jquery-3.7.1.min.js',
    '/bootstrap.bundle.min.css',
    '/logo-20240101.png',
    '/fancy-decorations.css',
    '/',
  ])('is not seen in %s', (path) => expect(hasHash(path)).toBe(false));
});
