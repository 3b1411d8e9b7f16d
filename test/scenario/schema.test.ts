import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keysAt, scenarioJsonSchema, scenarioSchema } from '../../src/scenario/schema.js';

const SHIPPED = fileURLToPath(new URL('../../src/scenario/scenario.schema.json', import.meta.url));

describe('the JSON Schema', () => {
  // `ZDD_UPDATE_SCHEMA=1 npx vitest run test/scenario/schema.test.ts` and `npx biome format --write src/scenario` renew it.
  it('is shipped as the schema in code has it', async () => {
    if (process.env.ZDD_UPDATE_SCHEMA === '1')
      await writeFile(SHIPPED, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
    expect(JSON.parse(await readFile(SHIPPED, 'utf8'))).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
  });

  it('forbids unknown keys in every mapping of fixed keys', () => {
    const open: unknown[] = [];
    visit(scenarioJsonSchema(), (node) => {
      if (node.properties !== undefined && node.additionalProperties !== false) open.push(node);
    });
    expect(open).toEqual([]);
  });

  it('describes every key', () => {
    const silent: string[] = [];
    visit(scenarioJsonSchema(), (node) => {
      for (const [key, value] of Object.entries((node.properties ?? {}) as Record<string, Record<string, unknown>>)) {
        if (value.description === undefined) silent.push(key);
      }
    });
    expect(silent).toEqual([]);
  });
});

describe('the keys known at a path', () => {
  it('come through lists, alternatives and optional parts', () => {
    expect(keysAt(scenarioSchema, ['steps', 3, 'ready', 'expect', 'body'])).toEqual(['contains', 'matches']);
    expect(keysAt(scenarioSchema, ['steps', 0, 'ready', 2])).toContain('consecutive');
    expect(keysAt(scenarioSchema, ['nowhere', 'at', 'all'])).toEqual([]);
  });
});

function visit(node: unknown, see: (node: Record<string, unknown>) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) see(node as Record<string, unknown>);
  for (const child of Object.values(node)) visit(child, see);
}
