/**
 * What there is for that which other tools call by these words: Talend's components (tUniqRow), Apache Hop's transforms, dbt and plain
 * English. A phrase means a name that has all of its words.
 */
const USES: readonly (readonly [phrases: readonly string[], use: string])[] = [
  [['distinct', 'dedup', 'dedupe', 'deduplicate', 'duplicates', 'unique', 'uniq'], '`sql_mod` with `SELECT DISTINCT * FROM input`'],
  [
    ['route', 'router', 'switch', 'split', 'conditional'],
    'a `filter_mod` for each branch, all on one port; what one does not let pass leaves by its port reject',
  ],
  [
    ['validate', 'validator', 'expect', 'assert', 'quality', 'compliance'],
    '`filter_mod`, and the types in `columns` of a source: what does not fit leaves by the port reject',
  ],
  [['replicate', 'duplicate', 'tee', 'multicast'], 'no module: several data connections may leave one port'],
  [['file list', 'list folder'], '`list_files`, and a control connection `(1|iterate)` behind it'],
  [['iterate', 'loop', 'foreach', 'each'], 'no module: the control connection `(1|iterate)`'],
  [['parallelize', 'parallel', 'background'], 'no module: the control connection `(1|start)`'],
  [['file output delimited', 'text output', 'delimited output'], '`csv_sink`'],
  [['delimited', 'text file input', 'tsv'], '`csv_source`'],
  [['fixed flow', 'data grid', 'generate', 'generator', 'seed'], '`inline_source`'],
  [['log row', 'print', 'console', 'stdout'], '`log_sink`'],
  [['run job', 'run pipeline', 'run workflow', 'subjob'], '`run_flow`'],
  [['die', 'abort', 'raise'], '`fail`'],
  [['warn', 'message'], '`log`'],
  [['variable', 'variables', 'global var'], '`set_global`'],
  [['mail', 'email', 'slack', 'notify', 'notification', 'webhook', 'http', 'rest', 'curl', 'ssh', 'system', 'exec', 'command'], '`shell`'],
  [['lookup', 'enrich', 'hash'], '`join_mod`'],
  [['unite', 'append', 'concat', 'stack'], '`union_mod`'],
  [['pivot', 'unpivot', 'normalize', 'explode', 'unnest', 'flatten', 'window', 'lag', 'recursive'], '`sql_mod`'],
  [['denormalize', 'group', 'groupby', 'summarize', 'summarise', 'summary'], '`aggregate_mod`'],
  [['convert', 'cast', 'rename', 'project', 'projection', 'reorder', 'drop', 'keep'], '`select_mod`'],
  [['map', 'formula', 'expression', 'compute', 'calculate', 'calculator', 'replace'], '`derive_mod` for columns, `join_mod` for lookups'],
  [['sample', 'top', 'head', 'first'], '`limit_mod`'],
  [['order', 'orderby', 'rank'], '`sort_mod`'],
  [['zip', 'compress', 'tar', 'gzip'], '`archive`'],
  [['unzip', 'uncompress', 'extract', 'untar'], '`unarchive`'],
  [['postgresql', 'pg'], '`postgres_source`, `postgres_sink` and `postgres_query`'],
  [
    ['mysql', 'mariadb', 'oracle', 'mssql', 'sqlserver', 'sqlite', 'snowflake', 'bigquery', 'mongodb', 'db', 'database'],
    'no module yet; docs/database-modules.md tells how to write one',
  ],
  [
    ['java', 'javascript', 'typescript', 'python', 'script', 'excel', 'xlsx', 'xml', 's3', 'ftp', 'sftp', 'kafka', 'api'],
    'no module; `pype new module` begins one of your own, and `shell` runs a command',
  ],
]

/** What there is for a module that another tool would have by this name; undefined when the name says nothing. */
export function useInstead(name: string): string | undefined {
  const words = new Set(
    name
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .split(/[^a-z0-9]+/),
  )
  return USES.find(([phrases]) => phrases.some((phrase) => phrase.split(' ').every((word) => words.has(word))))?.[1]
}
