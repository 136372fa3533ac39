/** What other tools (dlt, Meltano, Snakemake, dbt, Airflow, make, docker) and plain English call the commands, and what does it here. */
export const OTHER_COMMANDS: Readonly<Record<string, string>> = {
  ...forAll(
    ['modules', 'module', 'catalogue', 'catalog', 'components', 'show-module', 'describe-module', 'plugins'],
    'pype list-modules [NAME]',
  ),
  ...forAll(['start', 'execute', 'exec', 'launch', 'trigger'], 'pype run JOB|FLOW'),
  ...forAll(['resume', 'continue', 'retry', 'restart', 'rerun'], 'pype run JOB --resume'),
  ...forAll(['backfill', 'catchup'], 'pype run JOB --from DATE --to DATE'),
  ...forAll(['watch', 'dev'], 'pype run FLOW --watch'),
  ...forAll(['status', 'history', 'jobs', 'ls', 'ps', 'list-runs'], 'pype runs [JOB]'),
  ...forAll(['summary', 'report', 'timeline', 'gantt', 'inspect', 'trace'], 'pype show [RUN]'),
  ...forAll(['tail', 'events'], 'pype logs [RUN] --follow'),
  ...forAll(['check', 'lint', 'verify', 'parse'], 'pype validate FLOW'),
  ...forAll(['compile', 'deploy'], 'pype build FLOW'),
  ...forAll(['fmt', 'prettier', 'beautify'], 'pype format FLOW'),
  ...forAll(['schema', 'types', 'lock'], 'pype columns FLOW [--lock]'),
  ...forAll(['head', 'sample', 'peek', 'rows', 'query', 'cat', 'data'], 'pype preview FLOW NODE'),
  ...forAll(['stats', 'statistics', 'describe', 'analyze', 'analyse', 'summarize'], 'pype profile FLOW NODE'),
  ...forAll(['dag', 'draw', 'plot', 'viz', 'visualize', 'diagram', 'picture'], 'pype graph FLOW'),
  ...forAll(['compare'], 'pype diff RUN RUN'),
  ...forAll(['prune', 'gc', 'cleanup', 'purge', 'remove', 'rm', 'delete'], 'pype clean [JOB]'),
  ...forAll(['tests', 'unittest'], 'pype test [FLOW]'),
  ...forAll(['create', 'add', 'scaffold'], 'pype new flow NAME` or `pype new module NAME'),
  ...forAll(['register'], 'pype auto-register'),
  ...forAll(['info', 'env', 'health', 'secrets', 'context'], 'pype doctor [JOB|FLOW] [--connect]'),
}

function forAll(words: readonly string[], command: string): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word, command]))
}

/** The command line that does what other tools call `word`; undefined when the word says nothing. */
export function commandInstead(word: string): string | undefined {
  const name = word.toLowerCase()
  return Object.hasOwn(OTHER_COMMANDS, name) ? OTHER_COMMANDS[name] : undefined
}
