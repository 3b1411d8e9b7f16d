import { type Place, placeText } from './folder.js';
import type { Clues, Frame, Way } from './proposal.js';

/** What was found, for people: a line each, with its place. */
export function foundLines(clues: Clues, ways: readonly Way[], frame: Frame): string[] {
  const { upstream } = clues.nginx ?? { upstream: null };
  const rows: (readonly [string, string, Place | string | null | undefined])[] = [
    ...ways.map((way) => ['release', way.own === null ? way.name : way.own.deploy.value, way.from] as const),
    ...(frame.url === null ? [] : [['target', frame.url.value, frame.url.from] as const]),
    ...(upstream?.active ?? []).map(({ value, from }) => ['behind nginx', value, from] as const),
    ...(frame.health === null ? [] : [['ready', frame.health.value, frame.health.from] as const]),
    ...(frame.version === null ? [] : [['version', frame.version.name, frame.version.whence] as const]),
    ...(clues.commands.rollback === null
      ? []
      : [['rollback', clues.commands.rollback.value, clues.commands.rollback.from] as const]),
    ...(clues.commands.migrate === null
      ? []
      : [['migrate', clues.commands.migrate.value, clues.commands.migrate.from] as const]),
  ];
  return rows.map(([what, value, from]) => {
    const whence = typeof from === 'string' ? from : from == null ? '' : placeText(from);
    return `${what.padEnd(12)} ${value}${whence === '' ? '' : `  (${whence})`}`;
  });
}
