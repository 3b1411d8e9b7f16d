import { describe, expect, it } from 'vitest';
import { MAJORS, queriesOf, readCases } from './cases.ts';
import { LABELS, readLabels } from './labels.ts';

const cases = readCases();
const labels = readLabels();

describe(`the labels in ${LABELS.split('/').at(-1)}`, () => {
  it('are of every case and of no other', () => {
    expect(Object.keys(labels.cases)).toEqual(cases.map(({ name }) => name));
  });

  it.each(MAJORS)('are what the authors meant on PostgreSQL %s', (major) => {
    const measured = cases.map(({ name }) => `${name}: ${labels.cases[name]?.[major].unsafe}`);
    expect(measured).toEqual(cases.map(({ name, intended }) => `${name}: ${intended[major].unsafe}`));
    expect(labels.servers[major]).toMatch(new RegExp(`^${major}[.]`));
  });

  it('say why, where they say unsafe', () => {
    for (const each of Object.values(labels.cases).flatMap((label) => MAJORS.map((major) => label[major])))
      expect(each.why.length > 0).toBe(each.unsafe);
  });

  it('are many, of both kinds, with a third held out', () => {
    for (const major of MAJORS) {
      const unsafe = cases.filter(({ intended }) => intended[major].unsafe).length;
      expect(unsafe).toBeGreaterThanOrEqual(35);
      expect(cases.length - unsafe).toBeGreaterThanOrEqual(35);
    }
    const heldOut = cases.filter(({ holdout }) => holdout).length / cases.length;
    expect(heldOut).toBeGreaterThan(0.25);
    expect(heldOut).toBeLessThan(0.4);
  });

  it('are measured under reads and writes of the old release', () => {
    for (const { name, oldQueries } of cases) expect(oldQueries.length, name).toBeGreaterThanOrEqual(2);
  });
});

it('queries end with a semicolon at the end of a line', () => {
  expect(queriesOf("SELECT ';' AS a,\n  1;\nSELECT 2;\n")).toEqual(["SELECT ';' AS a,\n  1", 'SELECT 2']);
});
