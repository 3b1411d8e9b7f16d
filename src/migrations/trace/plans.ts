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
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

const PLAN = /^duration: [\d.]+ ms {2}plan:\s*\{/;

/** How many rows went through the steps of a plan that the server told; null where the message is none. */
export function rowsOfPlan(message: string): number | null {
  if (!PLAN.test(message)) return null;
  try {
    const { Plan: plan } = JSON.parse(message.slice(message.indexOf('{'))) as { Plan?: PlanNode };
    return plan === undefined ? 0 : rowsOf(plan);
  } catch {
    return 0;
  }
}

function rowsOf(node: PlanNode): number {
  const each =
    (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const below = (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), 0);
  return each * (node['Actual Loops'] ?? 1) + below;
}
