import type { AlterTableCmd, AlterTableStmt, CreateStmt, DropStmt, Node, RenameStmt } from 'libpg-query';
import { as, type Kind, kindOf, type Of, strings } from './ast.js';
import { joined, type Name, nameOf, nameOfList } from './names.js';
import type { Schema } from './schema.js';
import type { Statement } from './statements.js';

/** From weak to strong; from SHARE on writes wait. */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

export interface Lock {
  table: Name;
  mode: LockMode;
}

export interface HeldLock extends Lock {
  by: Statement;
}

/** Whether writes of others wait for it. */
export function blocksWrites(mode: LockMode): boolean {
  return LOCK_MODES.indexOf(mode) >= LOCK_MODES.indexOf('SHARE');
}

/** Whether reads of others wait for it too. */
export function blocksReads(mode: LockMode): boolean {
  return mode === 'ACCESS EXCLUSIVE';
}

/**
 * The locks that a statement takes on tables and views and keeps to the end of its transaction, those alone that keep
 * other statements than DDL waiting. https://www.postgresql.org/docs/current/explicit-locking.html
 */
export function blockingLocks(statement: Statement, postgres: number, schema: Schema): Lock[] {
  const kind = kindOf(statement.node);
  const locks = LOCKS[kind]?.(as(statement.node, kind) as never, postgres, schema) ?? [];
  return locks.filter(({ mode }) => blocksWrites(mode));
}

type Locks = (node: never, postgres: number, schema: Schema) => Lock[];
const ACCESS_EXCLUSIVE = 'ACCESS EXCLUSIVE';

const LOCKS: Partial<Record<Kind, Locks>> = {
  AlterTableStmt: alterTable,
  RenameStmt: rename,
  DropStmt: drop,
  CreateStmt: createTable,
  AlterObjectSchemaStmt: ({ relation }: Of<'AlterObjectSchemaStmt'>) =>
    relation === undefined ? [] : [{ table: nameOf(relation), mode: ACCESS_EXCLUSIVE }],
  IndexStmt: ({ relation, concurrent }: Of<'IndexStmt'>) =>
    concurrent === true ? [] : [{ table: nameOf(relation), mode: 'SHARE' }],
  CreateTrigStmt: ({ relation }: Of<'CreateTrigStmt'>) => [{ table: nameOf(relation), mode: 'SHARE ROW EXCLUSIVE' }],
  RuleStmt: ({ relation }: Of<'RuleStmt'>) => [{ table: nameOf(relation), mode: ACCESS_EXCLUSIVE }],
  CreatePolicyStmt: ({ table }: Of<'CreatePolicyStmt'>) => [{ table: nameOf(table), mode: ACCESS_EXCLUSIVE }],
  AlterPolicyStmt: ({ table }: Of<'AlterPolicyStmt'>) => [{ table: nameOf(table), mode: ACCESS_EXCLUSIVE }],
  ViewStmt: ({ view, replace }: Of<'ViewStmt'>) =>
    replace === true ? [{ table: nameOf(view), mode: ACCESS_EXCLUSIVE }] : [],
  TruncateStmt: ({ relations }: Of<'TruncateStmt'>) => all(relations, ACCESS_EXCLUSIVE),
  LockStmt: ({ relations, mode }: Of<'LockStmt'>) => all(relations, LOCK_MODES[(mode ?? 1) - 1] ?? ACCESS_EXCLUSIVE),
  RefreshMatViewStmt: ({ relation, concurrent }: Of<'RefreshMatViewStmt'>) => [
    { table: nameOf(relation), mode: concurrent === true ? 'EXCLUSIVE' : ACCESS_EXCLUSIVE },
  ],
  ClusterStmt: ({ relation }: Of<'ClusterStmt'>) =>
    relation === undefined ? [] : [{ table: nameOf(relation), mode: ACCESS_EXCLUSIVE }],
  ReindexStmt: ({ relation, kind, params }: Of<'ReindexStmt'>) =>
    relation === undefined || kind !== 'REINDEX_OBJECT_TABLE' || hasOption(params, 'concurrently')
      ? []
      : [{ table: nameOf(relation), mode: 'SHARE' }],
  VacuumStmt: ({ is_vacuumcmd, options, rels }: Of<'VacuumStmt'>) =>
    is_vacuumcmd === true && hasOption(options, 'full')
      ? (rels ?? []).map((each) => ({ table: nameOf(as(each, 'VacuumRelation')?.relation), mode: ACCESS_EXCLUSIVE }))
      : [],
};

export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((each) => {
    const option = as(each, 'DefElem');
    if (option?.defname?.toLowerCase() !== name) return false;
    const value = as(option.arg, 'String')?.sval ?? as(option.arg, 'Boolean')?.boolval;
    return !(value === false || value === 'false' || value === 'off');
  });
}

/** The strongest lock of an ALTER TABLE command on its own table. */
export function modeOfCommand(command: AlterTableCmd, postgres: number): LockMode {
  switch (command.subtype) {
    case 'AT_SetStatistics':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ValidateConstraint':
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
      return 'SHARE UPDATE EXCLUSIVE';
    case 'AT_AttachPartition':
      return postgres >= 12 ? 'SHARE UPDATE EXCLUSIVE' : ACCESS_EXCLUSIVE;
    case 'AT_DetachPartition':
      return as(command.def, 'PartitionCmd')?.concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : ACCESS_EXCLUSIVE;
    case 'AT_DetachPartitionFinalize':
      return 'SHARE UPDATE EXCLUSIVE';
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      return 'SHARE ROW EXCLUSIVE';
    case 'AT_AddConstraint':
      return as(command.def, 'Constraint')?.contype === 'CONSTR_FOREIGN' ? 'SHARE ROW EXCLUSIVE' : ACCESS_EXCLUSIVE;
    default:
      return ACCESS_EXCLUSIVE;
  }
}

function alterTable(node: AlterTableStmt, postgres: number): Lock[] {
  const table = nameOf(node.relation);
  if (node.objtype === 'OBJECT_INDEX' || node.objtype === 'OBJECT_TYPE') return [];
  return (node.cmds ?? []).flatMap((each): Lock[] => {
    const command = as(each, 'AlterTableCmd');
    if (command === undefined) return [];
    const part = as(command.def, 'PartitionCmd');
    const others: Lock[] = referenced(command).map((other) => ({ table: other, mode: 'SHARE ROW EXCLUSIVE' }));
    if (part !== undefined && part.concurrent !== true && part.name !== undefined) {
      others.push({ table: nameOf(part.name), mode: ACCESS_EXCLUSIVE });
    }
    return [{ table, mode: modeOfCommand(command, postgres) }, ...others];
  });
}

/** The tables that a command's foreign keys point to. */
function referenced(command: AlterTableCmd): Name[] {
  const constraint = as(command.def, 'Constraint');
  const ofColumn = (as(command.def, 'ColumnDef')?.constraints ?? []).flatMap((each) => as(each, 'Constraint') ?? []);
  return [...(constraint === undefined ? [] : [constraint]), ...ofColumn]
    .filter(({ contype }) => contype === 'CONSTR_FOREIGN')
    .map(({ pktable }) => nameOf(pktable));
}

function createTable(node: CreateStmt): Lock[] {
  const constraints = (node.tableElts ?? []).flatMap((each) => [
    as(each, 'Constraint') ?? [],
    (as(each, 'ColumnDef')?.constraints ?? []).flatMap((inner) => as(inner, 'Constraint') ?? []),
  ]);
  const name = nameOf(node.relation);
  const keys = constraints.flat().filter(({ contype }) => contype === 'CONSTR_FOREIGN');
  const parents = node.partbound === undefined ? [] : (node.inhRelations ?? []);
  return [
    ...parents.map((each): Lock => ({ table: nameOf(as(each, 'RangeVar')), mode: ACCESS_EXCLUSIVE })),
    ...keys
      .map(({ pktable }): Lock => ({ table: nameOf(pktable), mode: 'SHARE ROW EXCLUSIVE' }))
      .filter(({ table }) => table !== name),
  ];
}

function rename({ relation, renameType, relationType }: RenameStmt, postgres: number): Lock[] {
  if (relation === undefined || renameType === 'OBJECT_INDEX' || relationType === 'OBJECT_INDEX') {
    return renameType === 'OBJECT_INDEX' && postgres < 12 ? [{ table: nameOf(relation), mode: ACCESS_EXCLUSIVE }] : [];
  }
  return [{ table: nameOf(relation), mode: ACCESS_EXCLUSIVE }];
}

function drop({ removeType, objects, concurrent }: DropStmt, _postgres: number, schema: Schema): Lock[] {
  switch (removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return (objects ?? []).map((each) => ({ table: nameOfList(each), mode: ACCESS_EXCLUSIVE }));
    case 'OBJECT_INDEX':
      return concurrent === true
        ? []
        : (objects ?? []).map((each) => {
            const name = nameOfList(each);
            return { table: schema.indexes.get(name)?.table ?? `(that of ${name})`, mode: ACCESS_EXCLUSIVE };
          });
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return (objects ?? []).map((each) => ({
        table: joined(strings(as(each, 'List')?.items).slice(0, -1)),
        mode: ACCESS_EXCLUSIVE,
      }));
    default:
      return [];
  }
}

function all(relations: readonly Node[] | undefined, mode: LockMode): Lock[] {
  return (relations ?? []).map((each) => ({ table: nameOf(as(each, 'RangeVar')), mode }));
}
