import type { ColumnDef, Constraint, Node, TypeName } from 'libpg-query';

/** The names of the parser's nodes. */
export type Kind = Node extends infer Each ? (Each extends unknown ? keyof Each : never) : never;
/** What a node of a kind holds. */
export type Of<K extends Kind> = Extract<Node, Record<K, unknown>> extends Record<K, infer Value> ? Value : never;

/** What the node holds where it is of this kind. */
export function as<K extends Kind>(node: Node | undefined, kind: K): Of<K> | undefined {
  return node === undefined ? undefined : ((node as Partial<Record<Kind, unknown>>)[kind] as Of<K> | undefined);
}

export function kindOf(node: Node): Kind {
  return Object.keys(node)[0] as Kind;
}

/** The strings of a list of String nodes: the parts of a qualified name, the columns of a key. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => as(node, 'String')?.sval ?? []);
}

/** The constraints of a column as it is declared. */
export function constraintsOf(column: ColumnDef): Constraint[] {
  return (column.constraints ?? []).flatMap((node) => as(node, 'Constraint') ?? []);
}

/** A type without `pg_catalog`, in the server's own spelling: `int4`, `varchar`; its modifiers, and whether an array. */
export interface SqlType {
  name: string;
  modifiers: number[];
  isArray: boolean;
}

export function typeOf(type: TypeName | undefined): SqlType | null {
  if (type === undefined || type.pct_type === true) return null;
  const names = strings(type.names).filter((name) => name !== 'pg_catalog' && name !== 'public');
  if (names.length === 0) return null;
  const modifiers = (type.typmods ?? []).flatMap((node) => {
    const constant = as(node, 'A_Const');
    return constant?.ival === undefined ? [] : [constant.ival.ival ?? 0];
  });
  return { name: names.join('.'), modifiers, isArray: (type.arrayBounds ?? []).length > 0 };
}

/** The string that a constant holds; null where the node is anything else. */
export function stringOf(node: Node | undefined): string | null {
  const inner = as(node, 'TypeCast')?.arg ?? node;
  return as(inner, 'A_Const')?.sval?.sval ?? (as(inner, 'A_Const')?.sval === undefined ? null : '');
}

/** The last part of a column's name, without that of its table; null where the node is no column. */
export function columnOf(node: Node | undefined): string | null {
  const inner = as(node, 'TypeCast')?.arg ?? node;
  return strings(as(inner, 'ColumnRef')?.fields).at(-1) ?? null;
}

/** Every node below this one, itself first, parents before children; a tree may be thousands of levels deep. */
export function* nodesBelow(value: unknown): Generator<Node> {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (next instanceof Found) {
      yield { [next.kind]: next.node } as unknown as Node;
      open.push(next.node);
      continue;
    }
    if (typeof next !== 'object' || next === null) continue;
    const inner: unknown[] = [];
    for (const [key, each] of Object.entries(next)) {
      if (typeof each !== 'object' || each === null) continue;
      inner.push(/^[A-Z]/.test(key) && !Array.isArray(each) ? new Found(key, each) : each);
    }
    for (const each of inner.reverse()) open.push(each);
  }
}

/** A node on its way to be given out. */
class Found {
  readonly kind: string;
  readonly node: object;

  constructor(kind: string, node: object) {
    this.kind = kind;
    this.node = node;
  }
}

/** The nodes of one kind below this one. */
export function* below<K extends Kind>(value: unknown, kind: K): Generator<Of<K>> {
  for (const node of nodesBelow(value)) {
    const found = as(node, kind);
    if (found !== undefined) yield found;
  }
}
