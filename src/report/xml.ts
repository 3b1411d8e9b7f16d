import { visible } from './text.js';

export type Attributes = Record<string, string | number | null | undefined>;

/** An element as text; null and undefined attributes are left out. Children are elements or `textOf` text already. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const listed = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => ` ${key}="${textOf(String(value))}"`)
    .join('');
  if (children.length === 0) return `<${name}${listed}/>`;
  return `<${name}${listed}>${children.join('')}</${name}>`;
}

/** Text that is inert in content and in attributes, free of the characters XML 1.0 forbids. */
export function textOf(text: string): string {
  return visible(text).replace(/[&<>"']/g, (found) => ENTITIES[found] as string);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
