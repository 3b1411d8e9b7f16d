import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MigrationCheck, MigrationFinding, SuppressedFinding } from '../../model/migrations.js';
import { RULE_PAGES, type RulePage } from './rule-pages.js';

/** The findings in SARIF 2.1.0, which code hosts show beside the lines of a change. */
export function sarifOf(check: MigrationCheck, tool: { version: string }): object {
  const all: (MigrationFinding | SuppressedFinding)[] = [...check.findings, ...check.suppressed];
  const names = [...new Set(all.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'zdd-verify', semanticVersion: tool.version, rules: names.map(ruleOf) } },
        columnKind: 'unicodeCodePoints',
        artifacts: check.files.map((file) => ({ location: { uri: uriOf(file) }, sourceLanguage: 'sql' })),
        invocations: [{ executionSuccessful: check.squawk.ran, toolExecutionNotifications: notificationsOf(check) }],
        properties: { postgres: check.postgres },
        results: all.map((finding) => resultOf(finding, names.indexOf(finding.rule))),
      },
    ],
  };
}

function ruleOf(name: string): object {
  const page: RulePage | undefined = RULE_PAGES.find((each) => each.name === name);
  if (page === undefined) return { id: name };
  const [first] = page.references;
  return {
    id: name,
    shortDescription: { text: page.claim },
    fullDescription: { text: `${page.claim} ${page.because}` },
    help: {
      text: [page.because, page.remedy, ...page.references].join('\n\n'),
      markdown: [page.because, `**${page.remedy}**`, ...page.references.map((each) => `<${each}>`)].join('\n\n'),
    },
    ...(first === undefined ? {} : { helpUri: first }),
    defaultConfiguration: { level: page.severity },
  };
}

function resultOf(finding: MigrationFinding | SuppressedFinding, ruleIndex: number): object {
  const { file, line, column, endLine, endColumn, rule, severity, message, remedy } = finding;
  const region = { startLine: line, startColumn: column, endLine, endColumn };
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: `${message} ${remedy}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } }],
    ...('reason' in finding ? { suppressions: [{ kind: 'inSource', justification: finding.reason }] } : {}),
  };
}

/** A relative path stays relative: code hosts count it from the root of the repository. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}

function notificationsOf({ squawk }: MigrationCheck): object[] {
  if (squawk.ran) return [];
  return [{ level: 'warning', message: { text: `The rules of squawk were not applied: ${squawk.why}` } }];
}
