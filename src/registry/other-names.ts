/**
 * What there is for that which other tools call by these words: Talend's components (tUniqRow), Apache Hop's transforms, dbt and plain
 * English. A phrase means a name that has all of its words.
 */
const USES: readonly (readonly [phrases: readonly string[], use: string])[] = [
  [
    ['hash input', 'hash output', 'buffer input', 'buffer output', 'cache'],
    'no module: several data connections may leave one port, and rows that several nodes read are kept by themselves',
  ],
  [
    ['db connection', 'db commit', 'db rollback', 'postgresql connection', 'postgresql commit', 'postgresql rollback', 'transaction'],
    'no module: a connection stands in the context, and a sub flow commits or rolls back by itself',
  ],
  [['extract fields', 'extract json', 'regex', 'regexp', 'substring'], "`derive_mod`, with split_part, regexp_extract or json->>'$.name'"],
  [['pivot', 'unpivot', 'split row', 'memorize', 'window', 'lag', 'recursive'], '`sql_mod`'],
  [['distinct', 'dedup', 'dedupe', 'deduplicate', 'duplicates', 'unique', 'uniq'], '`sql_mod` with `SELECT DISTINCT * FROM input`'],
  [
    ['route', 'router', 'switch', 'split', 'conditional'],
    'a `filter_mod` for each branch, all on one port; what one does not let pass leaves by its port reject',
  ],
  [['assert'], '`fail` behind a condition of a control connection, and `pype test`'],
  [
    ['validate', 'validator', 'expect', 'quality', 'compliance'],
    '`filter_mod`, and the types in `columns` of a source: what does not fit leaves by the port reject',
  ],
  [['replicate', 'duplicate', 'tee', 'multicast'], 'no module: several data connections may leave one port'],
  [['file list', 'list folder'], '`list_files`, and a control connection `(1|iterate)` behind it'],
  [['iterate', 'loop', 'foreach', 'each'], 'no module: the control connection `(1|iterate)`'],
  [['parallelize', 'parallel', 'background'], 'no module: the control connection `(1|start)`'],
  [['prejob', 'postjob'], 'no module: control connections say what comes first, and `(1|done)` leads to what comes after either end'],
  [['log catcher', 'error handler', 'catch'], 'no module: the control connection `(1|error)`'],
  [['stat catcher', 'flow meter', 'metrics'], 'no module: `pype show` has times and rows of each run'],
  [['context load'], 'context files and `--set`; `set_global` publishes values'],
  [['file output delimited', 'text output', 'delimited output'], '`csv_sink`'],
  [['delimited', 'text file input', 'tsv'], '`csv_source`'],
  [['file output json'], '`json_sink`'],
  [['file input json'], '`json_source`'],
  [['file output parquet'], '`parquet_sink`'],
  [['file input parquet'], '`parquet_source`'],
  [['fixed flow', 'data grid', 'generate', 'generator', 'seed'], '`inline_source`'],
  [['log row', 'print', 'console', 'stdout'], '`log_sink`'],
  [['run job', 'run pipeline', 'run workflow', 'subjob'], '`run_flow`'],
  [['die', 'abort', 'raise'], '`fail`'],
  [['warn', 'message'], '`log`'],
  [['variable', 'variables', 'global var'], '`set_global`'],
  [['file exist', 'file exists'], '`list_files`, whose count a condition can ask for, and `wait_for_file`'],
  [
    ['http', 'rest', 'api', 'web service'],
    '`shell` with curl; for rows a module of your own, as docs/how-to/ask-a-service.md and read-an-api.md have one',
  ],
  [
    ['mail', 'email', 'slack', 'notify', 'notification', 'webhook', 'curl', 'ssh', 'ftp', 'sftp', 's3', 'system', 'exec', 'command'],
    '`shell`',
  ],
  [['lookup', 'enrich', 'hash', 'join', 'interval match', 'merge join'], '`join_mod`'],
  [['unite', 'append', 'concat', 'stack'], '`union_mod`'],
  [['normalize', 'explode', 'unnest', 'flatten'], '`sql_mod`'],
  [['aggregate', 'denormalize', 'group', 'groupby', 'summarize', 'summarise', 'summary'], '`aggregate_mod`'],
  [['filter columns', 'convert', 'cast', 'rename', 'project', 'projection', 'reorder', 'drop', 'keep'], '`select_mod`'],
  [['filter', 'where'], '`filter_mod`'],
  [['map', 'formula', 'expression', 'compute', 'calculate', 'calculator', 'replace'], '`derive_mod` for columns, `join_mod` for lookups'],
  [['sample', 'top', 'head', 'first'], '`limit_mod`'],
  [['sort', 'order', 'orderby', 'rank'], '`sort_mod`'],
  [['archive', 'zip', 'compress', 'tar', 'gzip'], '`archive`'],
  [['unarchive', 'unzip', 'uncompress', 'extract', 'untar'], '`unarchive`'],
  [['merge', 'upsert'], '`postgres_sink` with `mode: upsert`, and `join_mod`'],
  [['incremental', 'watermark'], 'the config `cursor` of `postgres_source`'],
  [['postgresql', 'postgres', 'pg'], '`postgres_source`, `postgres_sink` and `postgres_query`'],
  [
    ['db', 'database'],
    'for PostgreSQL `postgres_source`, `postgres_sink` and `postgres_query`; docs/database-modules.md tells how to write a module for another one',
  ],
  [
    ['mysql', 'mariadb', 'oracle', 'mssql', 'sqlserver', 'sqlite', 'snowflake', 'bigquery', 'mongodb'],
    'no module yet; docs/database-modules.md tells how to write one',
  ],
  [['java row', 'java flex', 'user function'], '`derive_mod` for expressions; `pype new module NAME --code` begins a module of your own'],
  [
    ['java', 'javascript', 'typescript', 'python', 'groovy', 'script', 'excel', 'xlsx', 'xml', 'kafka'],
    'no module; `pype new module` begins one of your own, and `shell` runs a command',
  ],
]

/** What there is for a module that another tool would have by this name; undefined when the name says nothing. */
export function useInstead(name: string): string | undefined {
  const words = new Set(
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      // An abbreviation ends where the next word begins: RESTClient, DBInput.
      .replace(/([A-Z0-9])([A-Z][a-z])/g, '$1_$2')
      .toLowerCase()
      .split(/[^a-z0-9]+/),
  )
  return USES.find(([phrases]) => phrases.some((phrase) => phrase.split(' ').every((word) => words.has(word))))?.[1]
}
