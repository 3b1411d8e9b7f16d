import type { Node, RangeVar } from 'libpg-query';
import { as, strings } from './ast.js';

/** A table, view, index or the like: `orders`, `sales.orders`; the schema `public` is left out. */
export type Name = string;

export function nameOf(relation: RangeVar | undefined): Name {
  return joined([relation?.schemaname ?? '', relation?.relname ?? '?']);
}

/** The name that a list of strings spells, as DROP has it. */
export function nameOfList(node: Node | undefined): Name {
  return joined(strings(as(node, 'List')?.items));
}

/** Another name in the same schema. */
export function sibling(name: Name, other: string): Name {
  return joined([...name.split('.').slice(0, -1), other]);
}

export function joined(parts: readonly string[]): Name {
  return parts.filter((part, index) => part !== '' && !(part === 'public' && index < parts.length - 1)).join('.');
}
