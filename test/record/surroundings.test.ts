import { describe, expect, it } from 'vitest';
import type { MigrationsEvent } from '../../src/model/migrations.js';
import { createFold } from '../../src/record/fold/fold.js';
import { headerOf } from './build-run.js';

describe('what was found before the run', () => {
  it('is kept of each step that names its SQL, in the order in which it was looked at', () => {
    const fold = createFold(headerOf({}));
    const event: MigrationsEvent = {
      ...{ type: 'migrations', at: 3, step: 'migrate', trace: null, problem: null, refused: false, dropped: 0, ms: 7 },
      check: { files: ['a.sql'], postgres: 15, findings: [], suppressed: [], squawk: { ran: false, why: 'no' } },
    };
    fold.event(event);
    fold.event({ ...event, step: 'down', check: null, problem: 'it cannot be read' });
    const { type: _, ...kept } = event;
    expect(fold.finish().migrations).toEqual([
      kept,
      { ...kept, step: 'down', check: null, problem: 'it cannot be read' },
    ]);
  });

  it('is nothing where no step names any', () => {
    expect(createFold(headerOf({})).finish().migrations).toEqual([]);
  });
});
