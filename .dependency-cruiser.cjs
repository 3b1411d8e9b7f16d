/**
 * The direction of dependencies, as drawn in src/README.md:
 * cli -> conductor -> scenario -> {engine, probes, watchers, steps, migrations, record} -> wire -> platform -> model.
 * Any import downwards is fine; folders of one row never meet. The judge, the reports and the folds of the record
 * are pure: they see the model and pure packages only.
 */
const ROWS = [
  ['cli'],
  ['conductor'],
  ['scenario'],
  ['engine', 'probes', 'watchers', 'steps', 'migrations', 'record'],
  ['wire'],
  ['platform'],
  ['model'],
];
const PURE = ['judge', 'report'];
/** Packages that compute and nothing else. */
const PURE_PACKAGES = ['hdr-histogram-js', 'chart\\.js', 'chartjs-plugin-annotation'];

const inSrc = (...folders) => `^src/(${folders.join('|')})/`;
const pureFrom = [inSrc(...PURE), '^src/record/fold'];

/** One rule a folder: it may see itself and the rows below; only cli hands runs to the judge and the reports. */
const layers = ROWS.flatMap((row, depth) =>
  row.map((folder) => {
    const below = ROWS.slice(depth + 1).flat();
    return {
      name: `${folder}-looks-down`,
      comment: `src/${folder} may import from ${below.length === 0 ? 'itself' : below.join(', ')} only.`,
      severity: 'error',
      from: { path: inSrc(folder) },
      to: { path: '^src/', pathNot: inSrc(folder, ...below, ...(folder === 'cli' ? PURE : [])) },
    };
  }),
);

const pure = PURE.map((folder) => ({
  name: `${folder}-sees-the-model-only`,
  comment: `src/${folder} is a function of what it is given, so that a run can be judged and rendered again years later.`,
  severity: 'error',
  from: { path: inSrc(folder) },
  to: { path: '^src/', pathNot: inSrc(folder, 'model') },
}));

module.exports = {
  forbidden: [
    ...layers,
    ...pure,
    {
      name: 'folds-see-the-model-only',
      comment: 'Folding a record into a run needs no file, no clock and no other part.',
      severity: 'error',
      from: { path: '^src/record/fold' },
      to: { path: '^src/', pathNot: ['^src/record/fold', inSrc('model')] },
    },
    {
      name: 'pure-parts-have-no-machine',
      comment:
        'No Node core in the judge, the reports, the folds and the model: no clock, file, process or environment.',
      severity: 'error',
      from: { path: [...pureFrom, inSrc('model')] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-parts-use-pure-packages',
      comment: 'A package that computes and nothing else may be added to PURE_PACKAGES.',
      severity: 'error',
      from: { path: pureFrom },
      to: { path: 'node_modules/', pathNot: `node_modules/(${PURE_PACKAGES.join('|')})/` },
    },
    {
      name: 'model-is-self-contained',
      comment: 'The vocabulary needs no package at run time; types are welcome.',
      severity: 'error',
      from: { path: inSrc('model') },
      to: { path: 'node_modules/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'processes-start-in-platform',
      comment:
        'platform/command is the one place that starts, groups and ends the processes of a release. The watchdog has ' +
        'to outlive the run, and the demo installs its packages before there is one.',
      severity: 'error',
      from: { path: '^src/', pathNot: [inSrc('platform'), '^src/conductor/watchdog', '^src/cli/demo-place'] },
      to: { path: ['^(node:)?child_process$', 'node_modules/execa/'] },
    },
    {
      name: 'plug-ins-through-their-registry',
      comment:
        'A folder of plug-ins is entered through its plan, its start and registry.ts, so that one line adds or removes one.',
      severity: 'error',
      from: { path: '^src/', pathNot: inSrc('probes', 'watchers') },
      to: { path: inSrc('probes', 'watchers'), pathNot: '/(registry|start|plan|probe|protocol)\\.ts$' },
    },
    {
      name: 'nobody-imports-the-entry',
      comment: 'src/index.ts is the library for others.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'no-circular',
      comment: 'Two modules that need each other are one module, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A module nobody imports and that imports nothing is forgotten.',
      severity: 'error',
      from: { orphan: true, path: '^src/' },
      to: {},
    },
    {
      name: 'no-undeclared-packages',
      comment: 'What src imports must be installed with the package: a dependency, not a dev dependency.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'The import does not lead to a file.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
