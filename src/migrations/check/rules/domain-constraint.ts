import { as, strings } from '../ast.js';
import { joined } from '../names.js';
import type { Hit, Rule } from '../rule.js';

export const domainConstraint: Rule = {
  name: 'domain-constraint',
  severity: 'error',
  claim: 'A domain gets a constraint, and every table that uses it is read.',
  because:
    'All tables with a column of the domain are read from end to end under a SHARE lock: writes to all of them wait.',
  remedy:
    'Put the constraint on the tables, NOT VALID, and validate it there; or ADD ... NOT VALID, which holds for new values only.',
  references: ['https://www.postgresql.org/docs/current/sql-alterdomain.html'],
  settledBy: 'work',
  check: ({ statement, schema }): Hit[] => {
    const node = as(statement.node, 'AlterDomainStmt');
    if (node === undefined) return [];
    const domain = joined(strings(node.typeName));
    const createdIn = schema.created.get(`OBJECT_DOMAIN ${domain}`) ?? null;
    const scans =
      node.subtype === 'O' ||
      node.subtype === 'V' ||
      (node.subtype === 'C' && as(node.def, 'Constraint')?.skip_validation !== true);
    if (scans) return [{ createdIn, message: `Writes wait while every table with a column of ${domain} is read.` }];
    if (node.subtype !== 'C') return [];
    return [
      {
        createdIn,
        severity: 'warning',
        message: `From here on the running release cannot write values that violate the constraint of ${domain}.`,
      },
    ];
  },
};
