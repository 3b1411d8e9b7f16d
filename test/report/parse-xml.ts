/** A strict reader for what the reports write: throws where XML 1.0 is not well-formed; gives the element names. */
export function parseXml(source: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  let rest = source.replace(/^<\?xml [^>]*\?>\s*/, '');
  while (rest !== '') {
    const token = /^<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|^[^<]+/.exec(rest);
    if (token === null) throw new SyntaxError(`not well-formed at: ${rest.slice(0, 80)}`);
    const [whole, closing, name = '', attributes = '', empty] = token;
    const outside = name === '' ? whole : attributes;
    if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(outside))
      throw new SyntaxError(`bare & in: ${outside.slice(0, 80)}`);
    const keys = [...attributes.matchAll(/\s([\w:-]+)="/g)].map(([, key]) => key);
    if (new Set(keys).size !== keys.length) throw new SyntaxError(`an attribute twice in: ${whole.slice(0, 80)}`);
    if (closing === '/') {
      const last = open.pop();
      if (last !== name) throw new SyntaxError(`</${name}> closes <${last}>`);
    } else if (name !== '') {
      names.push(name);
      if (empty !== '/') open.push(name);
    }
    rest = rest.slice(whole.length);
  }
  if (open.length > 0) throw new SyntaxError(`never closed: ${open.join(', ')}`);
  return names;
}
