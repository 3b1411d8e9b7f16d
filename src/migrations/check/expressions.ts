import type { Node } from 'libpg-query';
import { as, below, columnOf, strings } from './ast.js';
import type { Schema } from './schema.js';

/**
 * Functions of PostgreSQL and of its common extensions that give another value for each row, so that a default of
 * them has to be written into every row.
 */
const VOLATILE = new Set([
  'clock_timestamp',
  'currval',
  'gen_random_bytes',
  'gen_random_uuid',
  'gen_salt',
  'lastval',
  'nextval',
  'pg_sleep',
  'random',
  'random_normal',
  'setval',
  'timeofday',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
  'uuidv4',
  'uuidv7',
]);

/** Functions that are used in defaults and give one value for a whole statement. */
const STEADY = new Set(
  `abs age array_fill bit_length btrim ceil char_length chr concat concat_ws convert_to current_database
  current_schema current_setting date date_part date_trunc decode encode extract floor format initcap
  int4range int8range json_build_array json_build_object json_object jsonb_build_array jsonb_build_object
  jsonb_object left length lower lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz md5
  mod now numrange octet_length overlay point power pow quote_ident repeat replace reverse right round rpad rtrim
  session_user sha256 sign split_part sqrt statement_timestamp string_to_array strpos substr substring timezone to_char
  to_date to_json to_jsonb to_number to_timestamp to_tsvector transaction_timestamp translate trunc tsrange
  tstzrange upper pg_current_xact_id txid_current`.split(/\s+/),
);

/** A function that may give another value for each row; null where there is none in the expression. */
export function volatileCall(expression: Node | undefined, schema: Schema): string | null {
  for (const { funcname } of below({ expression: [expression] }, 'FuncCall')) {
    const names = strings(funcname);
    const name = names.at(-1) ?? '';
    const own = schema.functions.get(names.filter((each) => each !== 'public').join('.'));
    if (own === undefined ? VOLATILE.has(name) || !STEADY.has(name) : own.volatile) return name;
  }
  return null;
}

/** The columns that a CHECK says are not NULL; only those that no row can get around. */
export function columnsNotNull(check: Node | undefined): string[] {
  const test = as(check, 'NullTest');
  if (test?.nulltesttype === 'IS_NOT_NULL') {
    const column = columnOf(test.arg);
    return column === null ? [] : [column];
  }
  const both = as(check, 'BoolExpr');
  return both?.boolop === 'AND_EXPR' ? (both.args ?? []).flatMap(columnsNotNull) : [];
}
