import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadScenario } from '../../src/scenario/load.js';
import type { ScenarioError } from '../../src/scenario/problem.js';
import type { Scenario } from '../../src/scenario/scenario.js';

/** The least a scenario needs, by line: version 1, name 2, target 3-4, traffic 5-8, steps 9-10. */
export const MINIMAL = `version: 1
name: shop
target:
  url: http://127.0.0.1:8080
traffic:
  rate: 200/s
  mix:
    - { get: / }
steps:
  - { name: switch, run: ./switch.sh }
`;

/** MINIMAL with line `line` replaced. */
export function withLine(line: number, text: string): string {
  return MINIMAL.split('\n')
    .map((each, index) => (index === line - 1 ? text : each))
    .join('\n');
}

/** A file in a folder of its own, gone after the test. */
export function fileOf(content: string | Uint8Array, name = 'scenario.yaml'): string {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-scenario-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

export interface Given {
  set?: string[];
  env?: Record<string, string>;
  name?: string;
}

export async function load(content: string, { set = [], env = {}, name }: Given = {}): Promise<Scenario> {
  return loadScenario(fileOf(content, name), { set, env });
}

/** The error that loading ends in. */
export async function failure(
  content: string | Uint8Array,
  { set = [], env = {}, name }: Given = {},
): Promise<ScenarioError> {
  return thrownBy(loadScenario(fileOf(content, name), { set, env }));
}

export async function thrownBy(promise: Promise<unknown>): Promise<ScenarioError> {
  return promise.then(
    () => {
      throw new Error('nothing was wrong');
    },
    (error: ScenarioError) => error,
  );
}

/** `line:column message` of each problem, or `origin message` where there is no place. */
export function told(error: ScenarioError): string[] {
  return error.problems.map(({ location, origin, message }) => {
    const where = location === null ? origin : `${location.line}:${location.column}`;
    return `${where} ${message}`;
  });
}
