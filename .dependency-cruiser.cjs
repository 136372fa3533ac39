/** The layers of src and which of them a file may import, checked by `npm run check:layers`. */
const LAYERS = {
  core: [],
  sdk: ['core'],
  registry: ['core', 'sdk'],
  engine: ['core', 'sdk'],
  database: ['core', 'sdk'],
  build: ['core', 'sdk', 'registry', 'engine'],
  graph: ['core'],
  scaffold: ['core', 'sdk', 'registry', 'engine', 'build'],
  run: ['core', 'sdk', 'registry', 'engine', 'database'],
  doctor: ['core', 'sdk', 'registry', 'engine', 'run'],
  testing: ['core', 'sdk', 'registry', 'engine', 'build', 'run'],
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).map(([layer, allowed]) => ({
      name: `layer-${layer}`,
      comment: allowed.length === 0 ? `${layer} imports no other layer` : `${layer} imports only ${allowed.join(', ')}`,
      severity: 'error',
      from: { path: `^src/${layer}/` },
      to: { path: '^(src|modules|test|examples)/', pathNot: `^src/(${[layer, ...allowed].join('|')})/` },
    })),
    {
      name: 'modules-use-the-sdk',
      comment: 'a built-in module imports what a module of a user could import, and what modules share, and never another module',
      severity: 'error',
      from: { path: '^modules/' },
      to: { path: '^(src|modules|test|examples)/', pathNot: ['^src/sdk/sdk\\.ts$', '^modules/_'] },
    },
    {
      name: 'source-apart-from-tests',
      severity: 'error',
      from: { path: '^(src|modules|bin)/' },
      to: { path: '^(test|examples)/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-test-packages-in-production',
      severity: 'error',
      from: { path: '^(src|modules|bin)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-dumping-grounds',
      comment: 'a file is named for its one concept',
      severity: 'error',
      from: {},
      to: { path: '/(util|utils|helper|helpers|common|misc|types|shared)(/|[.]ts$)', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
