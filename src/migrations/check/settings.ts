import { as, stringOf, strings } from './ast.js';
import type { Statement } from './statements.js';

/** What a session was told by the statements before. */
export interface Settings {
  /** Whether waiting for a lock ends by itself. */
  lockTimeout: boolean;
  statementTimeout: boolean;
  /** Null: whatever the server has. */
  timeZone: string | null;
}

export const UNSET: Settings = { lockTimeout: false, statementTimeout: false, timeZone: null };

/** The settings after the statement. */
export function settingsAfter(settings: Settings, { node }: Statement): Settings {
  const set = as(node, 'VariableSetStmt');
  if (set !== undefined) {
    if (set.kind === 'VAR_RESET_ALL') return UNSET;
    const argument = as(set.args?.[0], 'A_Const');
    const value = argument?.sval?.sval ?? argument?.fval?.fval ?? String(argument?.ival?.ival ?? 0);
    return withSetting(settings, set.name ?? '', set.kind === 'VAR_SET_VALUE' ? value : null);
  }
  const call = as(as(as(node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val, 'FuncCall');
  if (strings(call?.funcname).at(-1) !== 'set_config') return settings;
  return withSetting(settings, stringOf(call?.args?.[0]) ?? '', stringOf(call?.args?.[1]));
}

function withSetting(settings: Settings, name: string, value: string | null): Settings {
  const limits = value !== null && !/^\s*0*\s*[a-z]*\s*$/i.test(value);
  switch (name.toLowerCase()) {
    case 'lock_timeout':
      return { ...settings, lockTimeout: limits };
    case 'statement_timeout':
      return { ...settings, statementTimeout: limits };
    case 'timezone':
      return { ...settings, timeZone: value };
    default:
      return settings;
  }
}
