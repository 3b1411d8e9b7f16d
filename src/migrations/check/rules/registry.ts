import type { Rule } from '../rule.js';
import { attachPartition } from './attach-partition.js';
import { batchesInOneTransaction } from './batches-in-one-transaction.js';
import { changeColumnType } from './change-column-type.js';
import { checkScan } from './check-scan.js';
import { columnRewritesTable } from './column-rewrites-table.js';
import { commitInBlock } from './commit-in-block.js';
import { createIndex } from './create-index.js';
import { detachPartition } from './detach-partition.js';
import { domainConstraint } from './domain-constraint.js';
import { dropColumn } from './drop-column.js';
import { dropDefault } from './drop-default.js';
import { dropIndex } from './drop-index.js';
import { dropNotNull } from './drop-not-null.js';
import { dropObject } from './drop-object.js';
import { dropTable } from './drop-table.js';
import { dynamicSql } from './dynamic-sql.js';
import { enumValue } from './enum-value.js';
import { exclusionConstraint } from './exclusion-constraint.js';
import { foreignKeyScan } from './foreign-key-scan.js';
import { identity } from './identity.js';
import { indexLeftInvalid } from './index-left-invalid.js';
import { lockTable } from './lock-table.js';
import { moveSchema } from './move-schema.js';
import { needsNewerPostgres } from './needs-newer-postgres.js';
import { noLockTimeout } from './no-lock-timeout.js';
import { notInTransaction } from './not-in-transaction.js';
import { oldWritesViolate } from './old-writes-violate.js';
import { preparedSelectStar } from './prepared-select-star.js';
import { primaryKeyNullable } from './primary-key-nullable.js';
import { refreshMaterializedView } from './refresh-materialized-view.js';
import { reindex } from './reindex.js';
import { rename } from './rename.js';
import { requiredColumn } from './required-column.js';
import { revoke } from './revoke.js';
import { rewriteTable } from './rewrite-table.js';
import { rowSecurity } from './row-security.js';
import { sequenceRestart } from './sequence-restart.js';
import { setNotNull } from './set-not-null.js';
import { severalTablesLocked } from './several-tables-locked.js';
import { slowWhileLocked } from './slow-while-locked.js';
import { timeoutWithConcurrently } from './timeout-with-concurrently.js';
import { trigger } from './trigger.js';
import { truncate } from './truncate.js';
import { unbatchedWrite } from './unbatched-write.js';
import { uniqueDropped } from './unique-dropped.js';
import { uniqueWithoutIndex } from './unique-without-index.js';
import { validateInSameTransaction } from './validate-in-same-transaction.js';

/** One file a rule, one line here: what running code meets, what takes long under a lock, how it is run. */
export const RULES: readonly Rule[] = [
  dropColumn,
  dropTable,
  dropObject,
  truncate,
  rename,
  moveSchema,
  enumValue,
  revoke,
  rowSecurity,
  requiredColumn,
  dropDefault,
  oldWritesViolate,
  uniqueDropped,
  dropNotNull,
  identity,
  sequenceRestart,
  preparedSelectStar,
  trigger,
  columnRewritesTable,
  changeColumnType,
  rewriteTable,
  setNotNull,
  checkScan,
  foreignKeyScan,
  domainConstraint,
  attachPartition,
  detachPartition,
  createIndex,
  dropIndex,
  reindex,
  uniqueWithoutIndex,
  primaryKeyNullable,
  exclusionConstraint,
  refreshMaterializedView,
  unbatchedWrite,
  batchesInOneTransaction,
  commitInBlock,
  slowWhileLocked,
  validateInSameTransaction,
  severalTablesLocked,
  lockTable,
  noLockTimeout,
  timeoutWithConcurrently,
  notInTransaction,
  needsNewerPostgres,
  indexLeftInvalid,
  dynamicSql,
];
