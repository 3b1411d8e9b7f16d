import { data, Evaluator, Lexer, Parser, wellKnownFunctions } from '@actions/expressions';

/** What expressions of an action can see. Names as in GitHub's contexts. */
export interface Contexts {
  inputs: Record<string, string>;
  github: Record<string, string>;
  steps: Record<string, { outcome: string; outputs: Record<string, string> }>;
}

const always = { name: 'always', minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(true) };

/** Text with expressions in it, as the runner puts their values in: by GitHub's own evaluator. */
export function interpolated(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluated(expression, contexts).coerceString());
}

/** Whether the `if` of a step is met; without one it is where nothing before has failed. */
export function isMet(condition: string | undefined, contexts: Contexts, failed: boolean): boolean {
  if (condition === undefined) return !failed;
  return interpolated(condition, contexts) === 'true';
}

function evaluated(expression: string, contexts: Contexts): data.ExpressionData {
  const { tokens } = new Lexer(expression.trim()).lex();
  const functions = [...Object.values(wellKnownFunctions), always];
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse();
  return new Evaluator(parsed, dictionary(contexts), new Map([['always', always]])).evaluate();
}

function dictionary(values: object): data.Dictionary {
  const pairs = Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? new data.StringData(value) : dictionary(value),
  }));
  return new data.Dictionary(...pairs);
}
