import type { ZodObject, ZodType } from 'zod';
import type { Strategy } from '../../scenario/strategies/strategy.js';
import { placeText } from './folder.js';
import type { OptionText, StrategyGuesses } from './strategy-options.js';

/** An option that a strategy cannot do without, and that nothing is known of. */
export interface Gap {
  name: string;
  about: string;
}

/**
 * The options as the preset has them, with what is known in the place of the examples. An example that nothing is known
 * of stays one with `examples`; else it becomes a comment, or a gap where the strategy cannot do without.
 */
export function optionLines(strategy: Strategy, guesses: StrategyGuesses, examples: boolean): string[] {
  return rowsOf(strategy, guesses).flatMap(({ name, text, known, about }) => {
    if (name === '') return [text];
    if (known === null) return [];
    if (known !== undefined) return [optionLine(name, known)];
    if (examples || text.includes('${')) return [text];
    return [isOptional(strategy.options, name) ? `# ${text}` : `${name}: # fill in: ${about}`];
  });
}

/** What has to be filled in. */
export function gapsIn(strategy: Strategy, guesses: StrategyGuesses): Gap[] {
  return rowsOf(strategy, guesses).flatMap(({ name, text, known, about }) => {
    if (name === '' || known === null) return [];
    if (known !== undefined) return known.yaml === '' ? [{ name, about: known.remark ?? '' }] : [];
    return text.includes('${') || isOptional(strategy.options, name) ? [] : [{ name, about }];
  });
}

interface Row {
  /** Empty for a comment. */
  name: string;
  text: string;
  about: string;
  known: OptionText | undefined;
}

/** The preset's lines, then those of options that it does not speak of. */
function rowsOf({ options, preset }: Strategy, guesses: StrategyGuesses): Row[] {
  const left = new Map([...guesses.options].filter(([name]) => name in shapeOf(options)));
  const rows = preset.options.split('\n').map((text): Row => {
    const [, name = '', example = '', , about = ''] = /^(\w+): (.*?)( # (.*))?$/.exec(text) ?? [];
    const known = left.get(name);
    left.delete(name);
    return { name, text, known, about: `${about === '' ? '' : `${about}; `}for example ${example}` };
  });
  return [...rows, ...[...left].map(([name, known]): Row => ({ name, text: '', about: '', known }))];
}

function optionLine(name: string, { yaml, from, remark }: NonNullable<OptionText>): string {
  const said = [yaml === '' ? 'fill in' : '', from === null ? '' : placeText(from), remark ?? ''];
  const comment = said.filter((part) => part !== '').join(': ');
  return `${name}:${yaml === '' ? '' : ` ${yaml}`}${comment === '' ? '' : ` # ${comment}`}`;
}

function isOptional(options: Strategy['options'], name: string): boolean {
  return shapeOf(options)[name]?.safeParse(undefined).success !== false;
}

function shapeOf(options: Strategy['options']): Readonly<Record<string, ZodType>> {
  return (options as ZodObject<Record<string, ZodType>>).shape;
}
