import type { Client } from 'pg';

/** A module of the server's own that tells of each query, also inside of blocks and functions, what it read and wrote. */
const TELL_PLANS = `
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_analyze = on;
set auto_explain.log_timing = off;
set auto_explain.log_nested_statements = on;
set auto_explain.log_format = 'json';
set auto_explain.log_level = 'debug1';`;

/** Whether the server tells; it needs a superuser, and the module. */
export async function tellPlans(client: Client): Promise<boolean> {
  return client.query(TELL_PLANS).then(
    () => true,
    () => false,
  );
}

interface PlanNode {
  'Node Type'?: string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

const PLAN = /^duration: [\d.]+ ms {2}plan:\s*\{/;

/** How many rows of tables a plan that the server told has read and written; null where the message is none. */
export function rowsOfPlan(message: string): number | null {
  if (!PLAN.test(message)) return null;
  try {
    const { Plan: plan } = JSON.parse(message.slice(message.indexOf('{'))) as { Plan?: PlanNode };
    return plan === undefined ? 0 : rowsOf(plan);
  } catch {
    return 0;
  }
}

/** The server's own tables are small, and everything asks them. */
const OF_THE_SERVER = /^pg_/;

function rowsOf(node: PlanNode): number {
  const below = (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), 0);
  const table = node['Relation Name'];
  if (table === undefined || OF_THE_SERVER.test(table)) return below;
  // What is written is counted where it comes from.
  const written =
    node['Node Type'] === 'ModifyTable' ? (node.Plans ?? []).reduce((sum, child) => sum + passed(child), 0) : 0;
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return below + written + passed(node) + removed * (node['Actual Loops'] ?? 1);
}

function passed(node: PlanNode): number {
  return (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
}
